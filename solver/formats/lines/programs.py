"""What programs' text sets around symbols: names, types, calls, keywords, DATA statements."""

import re

_DATA = re.compile(
    r"^(?:\d+\s+)?data\s+(?=[\d\"'])|^(?:\w+:?\s+)?(?:\.?(?:byte|word|short|long)|d[bwdq]|dc\.[bwl])\s+(?=\d)"
    r"|^create\s+\S+(?:\s+(?=\d)|$)|^(?:insert\s+into\b.*)?\bvalues\s*(?=\(|$)|^echo\s+(?:-\w+\s+)?(?=[\"'])"
    r"|^.*?\b(\d+)[\s,]+\1\s*[\u2374$]\s*",
    re.IGNORECASE,
)
"""How BASIC, assemblers, Forth, SQL, shells, APL and J begin a row."""
_SLASHED = re.compile(r"^data\s[^/]*/(.*?)(/?)$", re.IGNORECASE)
"""Fortran's: the list begins and ends with a slash."""
_SLASHED_END = re.compile(r"^&([\w\s,]+)/$")
_COMMA_COMPILED = re.compile(r"(?<=\d)\s+c?,(?=\s|$)", re.IGNORECASE)
"""Forth's, behind each symbol."""
_ASSIGNED = re.compile(
    r"^Dim\s[^=]*=|^(?:integer|real|logical)\b[^:=]*::\s*\w+\s*(?:\([^()]*\))?\s*=(?!=)"
    r"|^def\s[^=]*?:=\s*"
    r"|^\w+[(\[]\d+(?:,\s*:?)?[)\]]\s*(?:<-|=)(?=\s*\w*\s*[\[({])"
    r"|^[\s,;]*(?:[^\W\d]|[$_])[^=(\"]*?(?::=|<-|=)(?!=)\s*",
    re.IGNORECASE,
)
_TYPE = re.compile(r"\s::\s[\[\]\w\s()]+$")
_TYPED = re.compile(r"\b(?:int|float|string)\(\d+\)\s*(?=\")|\b(?:int|float)\(([^()]*)\)")
"""A value as PHP shows it."""
_ARRAY = re.compile(
    r"!!(?=\[)|\[_\](?=\[)|\barray\s*(?:\(\d+\)\s*)?(?=[({])|\b[A-Z]\w*Array\s?\(\d+\)\s*(?=\[)"
)
_KEY = re.compile(r"^(?:\[\"?\w+\"?\]|'\w+'|\d+)\s*=>\s*")
"""Where PHP says what stands in a list."""
_NAMED = re.compile(r"(?<=[({,])\s*(?:[A-Za-z_.][\w.]*\s*=(?!=)|'?\w+'?\s*:)\s*(?=\w*\s*[\[({])")
"""A part's name in a list of R, Lua or Python."""
_BY_KEY = re.compile(r"(?<=[{,])\s*\w+\s*:\s*(?=\w+\s*[,}])")
_IN_BRACES = re.compile(r"\{\s*\w+\s*:[^{}]*\}")
_BEFORE_LISTS = re.compile(r"^(?=[^\[({]*[^\W\d])[^\[({]*+(?=[\[({]\s*[\[({])")
_AT = re.compile(r"([\])])\s*(?::|=>|->|=)\s*(\w+)")
"""A cell's place, and its symbol behind it."""
_TIMES = re.compile(r"^(\w{1,3})\s?[*\u00b7\u2218\u00d7\u2295+]\s?(\w{1,3})\s*=\s*(\w{1,3})[.,;]?$")
"""A product and what it is."""
_LONGEST_ROW = 2000
"""Characters of one that ends in a sum or a full stop."""
_SUM = re.compile(r"^(\d+(?:[\s,|+]+\d+){2,})\s*[|,]?\s*=\s*\d+$")
_INSIDE = r"(?:[^()\[\]]|[(\[](?:[^()\[\]]|[(\[][^()\[\]]*[)\]])*[)\]])*"
_KEYWORD = re.compile(
    r",\s*(?:columns|index|(?:row|col)\.?names|dimnames|names|class|levels|order)\s*=\s*"
    rf"\w*[(\[]{_INSIDE}[)\]]|^dtype=\[[^\[\]]*\]|,\s*[A-Za-z_.]+\s*=\s*[\w.'\"]+(?![\w.'\"]*\s*[(\[])"
)
_RANGE = re.compile(r"(?<==)\s*(\d{1,3}):(\d{1,3})(?=\s*[,)])")
"""How R writes a column whose numbers come in their order."""
_DOTTED = re.compile(r"\((\w{1,8})\s\.\s(\w{1,8})\)")
"""A pair of Lisp's."""
_ROW_NAMES = re.compile(r",\s*row\.names = c\(NA,\s*$|^-\d+L(?=\)+$)")
"""Of a data frame of R's, the end of one line and the beginning of the next."""
_DIM = re.compile(r",\s*\.?[Dd]im\s*=\s*c(?=\()")
_CALLED = re.compile(r"(?<![\w.])(?:new\s+)?[A-Za-z_][\w.]*+(?:\{[^{}]*\})?(?=[(\[{])")
_METHOD = re.compile(r"(?<=['\"\])])\.(?:split|strip|splitlines|tolist)\([^()]*\)")
_CONS = re.compile(r"(?<![\w:\u2237])(?<![\w:\u2237]\s)((?:\w{1,8}\s?(?:::?|\u2237)\s?)++)\[\]")
_CONS_OF_LISTS = re.compile(
    r"(?<=[\])])\s*(?:::?|\u2237)\s*(?:\[\]|(?=[\[(](?![\[(]*[A-Z][a-z]))|$)"
)
"""Lists as Haskell, OCaml and Agda build them, one before the rest."""
_FULL_STOP = re.compile(r"(?<=[)\]}|])\.$")
_END = re.compile(r"^((?:\w{1,2}[\s,;&|]+)+\w{1,2})\.$")
"""The last row of a sentence."""


def begun(text: str) -> str:
    """A row without the word that says that it is one."""
    if slashed := _SLASHED.match(text):
        return f"({slashed[1]}{')' if slashed[2] else ''}"
    text = _DATA.sub("", _SLASHED_END.sub(r"\1)", text))
    return _COMMA_COMPILED.sub(" ", text) if "," in text else text


def _counted(match: re.Match[str]) -> str:
    first, last = int(match[1]), int(match[2])
    step = 1 if first <= last else -1
    return f"c({','.join(f'{n}L' for n in range(first, last + step, step))})"


def _listed(match: re.Match[str]) -> str:
    symbols = re.findall(r"\w+", match[1])
    return f"[{','.join(symbols)}]"


def bare(text: str) -> str:
    """A line without names, types and calls round its lists."""
    if ":" in text or "\u2237" in text:
        text = _CONS.sub(_listed, text)
        text = _CONS_OF_LISTS.sub(",", text)
    if len(text) < _LONGEST_ROW:
        text = _TIMES.sub(r"\1 \2 \3", _SUM.sub(r"\1", _END.sub(r"\1", text)))
    if "row.names" in text or text[:1] == "-":
        text = _ROW_NAMES.sub(lambda match: "" if match[0][0] == "-" else ", c(", text)
    if " . " in text:
        text = _DOTTED.sub(r"(\1 \2)", text)
    if ":" in text:
        text = _RANGE.sub(_counted, text)
    text = _KEYWORD.sub("", _DIM.sub(", ", _METHOD.sub("", text)))
    text = _ASSIGNED.sub("", text)
    text = _NAMED.sub("", _ARRAY.sub("", _TYPED.sub(lambda match: match[1] or "", text)))
    if _IN_BRACES.search(text):
        text = _BY_KEY.sub(" ", text)
    text = _KEY.sub("", _BEFORE_LISTS.sub("", _TYPE.sub("", text)))
    return _AT.sub(r" \2\1", _FULL_STOP.sub("", _CALLED.sub("", text)))
