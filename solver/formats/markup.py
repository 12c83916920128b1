"""One line of text without what is not symbols: comments, TeX, HTML, names of variables, labels."""

import re
import unicodedata

_SIMPLE = re.compile(r"[0-9A-Za-z ,\t]*")
_UNSEEN = re.compile("[\u00ad\u034f\ufe0e\ufe0f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_COLOURED = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PRIME = "\u02b9"
"""A letter, where an apostrophe is none."""
_PRIMED = re.compile(r"(?<![\w'\"])(?:('[^']*')|([^\W_]{1,3})'(?!\w))")
"""A text in single quotes, which is left as it is, or a symbol with an apostrophe."""
_CARDS = re.compile("[\U0001f0a0-\U0001f0df]")
_SUITS = "♠♥♦♣"
_TEX_SIGNS = dict(
    zip(
        ("spadesuit", "heartsuit", "diamondsuit", "clubsuit", "infty", "star", "ast", "bullet"),
        f"{_SUITS}\u221e\u22c6\u2217\u2022",
        strict=True,
    )
)
_TEX_WORDS = re.compile(
    r"\\(?:begin|end|cline|cmidrule|caption|label|documentclass|usepackage)\*?"
    r"(?:\([^)]*\)|\[[^\]]*\])?\{[^{}]*\}(?:\[[^\]]*\])?(?:\{[^{}]*\})?|\\matrix\s*\[[^\]]*\]"
    r"|\\[a-z]*color(?:box)?(?:\[[^\]]*\])?\{[^{}]*\}|\\multi(?:column|row)\{[^{}]*\}\{[^{}]*\}"
)
_TEX_ROW = re.compile(
    r"\\\\(?:\[[^\]]*\])?|\\cr\b|\\tabularnewline|\\n(?![A-Za-z])"
    r"|\\(?:begin|end)\{(?:[a-zA-Z]*matrix|array|tabular[*xy]?|ytableau)\*?\}"
    r"(?:\[[^\]]*\])?(?:\{(?:[^{}]|\{[^{}]*\})*\})?"
)
"""What ends a row of TeX, or a string's line."""
_TEX_NAME = re.compile(r"\\([A-Za-z]+)\*?|\\.|\$")
_INDEX = re.compile(r"(?<=[^\W\d_])_(?:\{(\w+)\}|(\w+))")
_TAG_ROW = re.compile(r"</(?:tr|p|div|li)>|<br\s*/?>|\[/tr\]", re.IGNORECASE)
_TAG = re.compile(
    r"<(title|style|script|\w*name)\b[^<]*</\1>|</?[A-Za-z!?][^<>]*>|&nbsp;"
    r"|\[/?(?:table|t[rdh]|code|quote|spoiler|color|size|font|center|[bisu])(?:=[^\]]*)?\]"
)
_COMMENT = re.compile(
    r"/\*.*?(?:\*/|$)|^.*\*/|\(\*.*?\*\)|^;\s.*"
    r"|(?:^|(?<=\s))(?:#(?![(\[])|//|%(?!w[\[({])|--\s+[^\W\d]{2}|;+\s+[^\W\d]{2}|!).*"
    r"|^--\s.*|^\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d\b.*[a-z]{2}.*"
    r"|^(?:def|return|print|printf|import|from|for|if|while|assert)\b.*[(:;].*|^import\s.*"
    r"|^\(\d+ rows?\)$|^diff\s.*|^index [0-9a-f]+\.\..*|^(?:---|\+\+\+) [ab]/.*|^@@ .*"
    r"|^\{\|.*|^\|-+\s*\w+\s*=.*|^\|\+\s*[^\W\d].*|^\|\}"
)
"""Comments of many languages, lines of logs and of programs, and what wikis say about tables."""
_ATTRIBUTE = re.compile(r"(?<=\|)\s*(?:\w+\s*=\s*\"[^\"]*\"\s*)+\|")
_SEQUENCE = re.compile(r"^(?:%[STUVWeEF]\s+)?A\d{6}\s+,?|^%[STUVW]\s+")
"""How OEIS begins the terms of a sequence."""
_QUOTED = re.compile(r"^(?:>\s?)+(?=\s*[\w\[({])")
_BULLET = re.compile(r"^(?:-\s+)+(?=[^\s-]\S*$|[\[({\"'`])|^[*+\u2022]\s+(?=[\[({\"'`])")
_ASKED = re.compile(
    r"^(?:>>>|\.\.\.|(?:sage|gap|julia|octave|magma)[:>]|\?(?=\s+\w+\s*(?:=|$))|In\s*\[\d*\]\s*:=?)[^\[{]*"
)
_ABOUT = re.compile(
    r"^\w+\(:,\s*:(?:,\s*\d+)+\)\s*=$|^\d+(?:\.\d+)?[eE][+-]?\d+\s*\*$"
    r"|^(?:>>>?|(?:sage|gap|julia|octave)(?::\d+)?[:>]+)\s"
    r".*(?:\sfor\s|[)'\]]\s*[+*%]\s*[\w(]|\w\s*[+*%]\s*\().*"
    r"|^(?i:(?:main |anti-?|back |broken )?diagonal|transversal|symbols|treatments?|trt"
    r"|alphabet|letters|shape|cycle (?:type|structure)|permutation|orbits?"
    r"|(?:wall|cpu|user|real|elapsed) times?)"
    r"\s*\d*:\s.*"
    r"|^(?:(?:Table|Figure|Example)\s\d+|[IVX]{1,4}|\d+)(?:\.\d+)+[\s.:]+[^\W\d]{3}.*|^Cf\.\s.*"
)
"""How MATLAB counts squares, sums that were typed in, what a word says of a square, numbered
headings."""
_LINES_DRAWN = re.compile("[\u239b-\u23ad\u2500-\u257f]")
"""Boxes, and the pieces of tall brackets."""
_FRAME = re.compile("[\u2190-\u2193\u239b-\u23ad\u2500-\u257f]")
"""As APL draws it, with arrows on its sides."""
_ANSWERED = re.compile(r"^Out\[\d*\](?://\w+)?=\s*")
_ASSIGNED = re.compile(
    r"^Dim\s[^=]*=|^(?:integer|real|logical)\b[^:=]*::\s*\w+\s*(?:\([^()]*\))?\s*=(?!=)|^[\s,;]*(?:[^\W\d]|[$_])[^=(\"]*?(?::=|<-|=)(?!=)\s*",
    re.IGNORECASE,
)
_TYPE = re.compile(r"\s::\s[\[\]\w\s()]+$")
_KEY = re.compile(r"^\[\w+\]\s+=>\s*")
"""Where PHP says what stands in a list."""
_SAID = re.compile(
    r"^\(%[io]\d+\)\s*|^\[?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+)?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?\]?"
    r"\s+(?:[-\u2013]\s+)?(?:<[^<>]{1,40}>|[^\W\d][^:<>]{0,39}:)\s+"
    r"|^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*\s+(?:\[?[A-Z]{4,8}\]?:?\s+)?(?!.*[a-z]{2})"
    r"|^[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d\s\S+\s[\w./-]+(?:\[\d+\])?:\s"
)
"""When and by whom a line was said in a chat or a log, and how Maxima numbers its own."""
_BEFORE_LISTS = re.compile(r"^[^\[({]*[^\W\d][^\[({]*(?=[\[({]\s*[\[({])")
_AT = re.compile(r"([\])])\s*(?::|=>|->|=)\s*(\w+)")
"""A cell's place, and its symbol behind it."""
_KEYWORD = re.compile(r",\s*[A-Za-z_.]+\s*=\s*[\w.'\"]+")
_CALLED = re.compile(r"(?<![^\W_])(?:new\s+)?[A-Za-z_][\w.]*(?:\{[^{}]*\})?(?=[(\[{])")
_SECTION = r"DATA|COMMENTS?|REFERENCES|LINKS|FORMULA|EXAMPLE|MAPLE|MATHEMATICA|PROG|CROSSREFS"
"""What OEIS writes above the parts of an entry."""
_ROW_LABEL = re.compile(
    rf"^(?:[Rr]ow|[Ll]ine|[Zz]eile)\s+\w+[\s,;|:.)]+(?=\S)|^(?:{_SECTION}|(?:UN)?SATISFIABLE)$"
)
_LABEL = re.compile(
    r"^\[\d+,\]\s+(?=\S)|^\[\d+\]\s+(?=[\[({])|^(?:[Rr]ow\s*)?\d+(?:\s(?!.*\s\.\s.*\s\.\s))?[.)]\s+(?=\S)|^[^:|,;([{]{1,40}:\s+(?=\S)"
)
_WHOLE = re.compile(r"(?:[+-]?\d+\.0*(?:[\s,;&|\[\](){}]+|$))+")
_TIE = re.compile(r"(?<=\w)~(?=\w)")
"""A space of TeX's."""
_FULL_STOP = re.compile(r"(?<=[)\]}])\.$")
_SAYS_NOTHING = re.compile(
    r"[\s\-=_+|:.~*^\u2010-\u2015\u239b-\u23ad\u2500-\u257f]*"
    r"|(?:\s*\[,\d+\])+|(?!.*[\[({,]\s*[\[({]).*[^\s|:]\s*:|(?:\s*(?:[iuf](?:8|16|32|64)|str|cat|enum)\b)+"
    r"|[\s()\[\],;.]*[^\W\d]\w{0,8}\s*=[\s(\[]*"
)
"""Rules, the names of R's columns, headings, polars' types, and what parts two squares of TeX."""


def plain(text: str) -> list[str]:
    """What one line says of symbols, in one row or more; none where it says nothing."""
    if _SIMPLE.fullmatch(text) and not _SEQUENCE.match(text) and not _ROW_LABEL.match(text):
        return [text] if text else []
    if text.endswith("\\") and not text.endswith("\\\\"):
        text = text[:-1]
    text = _ABOUT.sub("", _SAID.sub("", _COLOURED.sub("", text)))
    text = _COMMENT.sub("", _SEQUENCE.sub("", _characters(text)))
    if "\\" in text:
        text = _TEX_ROW.sub("\n", _TIE.sub(" ", text))
    rows = _TAG_ROW.sub("\n", text).split("\n")
    return [row for row in map(_row, rows) if row]


def _characters(text: str) -> str:
    """Every character in the one form that stands for it."""
    if "'" in text:
        text = _PRIMED.sub(lambda match: match[1] or match[2] + _PRIME, text)
    if text.isascii():
        return text
    text = _CARDS.sub(_card, text)
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def _card(match: re.Match[str]) -> str:
    """A card's rank and suit, which its number holds."""
    number = ord(match[0]) - 0x1F0A0
    return f" {number & 15:X}{_SUITS[number >> 4]} "


def _row(text: str) -> str:
    text = _ATTRIBUTE.sub(" ", _TAG.sub(" ", text))
    if "\\" in text or "$" in text:
        text = _TEX_NAME.sub(_named, _TEX_WORDS.sub(" ", text))
    if _LINES_DRAWN.search(text):
        text = _FRAME.sub(" ", text)
    text = _INDEX.sub(lambda match: match[1] or match[2], text).strip()
    text = _ANSWERED.sub("", _ASKED.sub("", text))
    text = _BULLET.sub("", _QUOTED.sub("", text)).replace("**", "")
    if _SAYS_NOTHING.fullmatch(text):
        return ""
    text = _BEFORE_LISTS.sub("", _TYPE.sub("", _KEYWORD.sub("", _ASSIGNED.sub("", text))))
    text = _KEY.sub("", text)
    text = _AT.sub(r" \2\1", _FULL_STOP.sub("", _CALLED.sub("", text)))
    text = _LABEL.sub("", _ROW_LABEL.sub("", text)).strip()
    if _WHOLE.fullmatch(text.lstrip("[({ ")):
        text = re.sub(r"\.0*", "", text)
    return text


def _named(match: re.Match[str]) -> str:
    """The letter or suit that a word of TeX stands for; other words say how things look."""
    name = match[1] or ""
    if name in _TEX_SIGNS:
        return _TEX_SIGNS[name]
    size = "CAPITAL" if name[:1].isupper() else "SMALL"
    name = name.removeprefix("var")
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.replace('ambda', 'amda')}")
    except KeyError:
        return ""
