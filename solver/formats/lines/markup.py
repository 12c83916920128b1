"""One line of text without what is not symbols: comments, TeX, HTML, names of variables, labels."""

import re
import unicodedata

from solver.formats.lines.answers import runs
from solver.formats.lines.numbers import pairs, without_exponents
from solver.formats.lines.programs import bare, begun
from solver.formats.lines.sessions import answered, told

_BARE = re.compile(
    r"[0-9A-Z]{20,}|[0-9 \t]+|\d+(?:, ?\d+)+"
    r"|\[{1,3} *\d+[, ]+\d[\d, ]*(?:\]{1,2},? ?\[{1,2}[\d, ]+)*\]{1,3},?"
)
"""Rows and lists of numbers, and nothing else: most that is read."""
_SIMPLE = re.compile(r"[0-9A-Za-z ,\t]*")
_UNSEEN = re.compile("[\u00ad\u034f\ufe0e\ufe0f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PRIME = "\u02b9"
"""A letter, where an apostrophe is none."""
_BYTES = re.compile(r"\bb(?='\w{1,8}')")
"""How Python marks bytes."""
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
    r"\\foreach\b[^{]*\bin\s*(?=\{)|\\(?:begin|end|cline|cmidrule|caption|label|documentclass|usepackage)\*?"
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
_TAG_ROW = re.compile(r"</(?:tr|row|table:table-row|p|div|li)>|<br\s*/?>|\[/tr\]", re.IGNORECASE)
_TAG = re.compile(
    r"<(title|style|script|\w*name)\b[^<]*</\1>|</?[A-Za-z!?][\w:-]*(?:\s[^<>]*)?[/?]?>|&nbsp;"
    r"|\[/?(?:table|t[rdh]|code|quote|spoiler|color|size|font|center|[bisu])(?:=[^\]]*)?\]"
)
_TAG_HEAD = re.compile(r"<tr\b[^<>]*>(?:\s*<th\b[^<>]*>[^<>]*</th>)+\s*</tr>")
"""A row of HTML with names of columns."""
_INDEX_TAG = re.compile(r"</?su[bp](?:\s[^<>]*)?>", re.IGNORECASE)
_COMMENT = re.compile(
    r"/\*.*?(?:\*/|$)|^(?:(?!/\*).)*\*/|\(\*(?:\s.*?\*\)|\s.*$)|^(?:(?:(?!\(\*).)*\s)?\*\)|^;\s.*"
    r"|(?:^|(?<=\s))(?:#(?!(?:\d*[A-Za-z]{0,2}\d{0,2}[(\[]|\{))|//|%(?!w[\[({])|--\s+[^\W\d]{2}|;+\s+[^\W\d]{2}|!(?!!?\[)"
    r"|\\\s+[^\W\d]).*|^--\s.*|^(?i:rem)\s.*"
    r"|^def\s+\w+\s*\(.*|^(?:return|print|printf|import|from|for|if|while|assert)\b.*[(:;].*|^import\s.*"
    r"|^\{\|.*|^\|-+\s*\w+\s*=.*|^\|\+\s*[^\W\d].*|^\|\}|^\\(?:draw|fill|filldraw|path|clip)\b.*|^\\node\b.*\(\\.*"
    r"|^\.\.\s+[\w-]+::.*|^:\w+:.*|^\[%?\w*(?:autowidth|cols|options)\b.*\]$"
)
"""Comments of many languages, lines of programs, and what is said about tables and drawings."""
_ATTRIBUTE = re.compile(r"(?<=\|)\s*(?:\w+\s*=\s*\"[^\"]*\"\s*)+\|")
_SEQUENCE = re.compile(r"^(?:%[STUVWeEF]\s+)?A\d{6}\s+,?|^%[STUVW]\s+")
"""How OEIS begins the terms of a sequence."""
_BULLET = re.compile(
    r"^(?:\*\s+-\s+|(?:-\s+)+)(?=[^\s-]\S*$|[\[({\"'`])|^[*+\u2022]\s+(?=[\[({\"'`])"
)
_LINES_DRAWN = re.compile("[\u239b-\u23ad\u2500-\u257f]")
"""Boxes, and the pieces of tall brackets."""
_FRAME = re.compile("[\u2190-\u2193\u239b-\u23ad\u2500-\u257f]")
"""As APL draws it, with arrows on its sides."""
_BESIDE = re.compile("[\u239e-\u23a0\u23a4-\u23a6]\\s*,?\\s*[\u239b-\u239d\u23a1-\u23a3]")
"""Where one tall bracket ends and another begins."""
_SECTION = r"DATA|COMMENTS?|REFERENCES|LINKS|FORMULA|EXAMPLE|MAPLE|MATHEMATICA|PROG|CROSSREFS"
"""What OEIS writes above the parts of an entry."""
_ROW_LABEL = re.compile(
    rf"^(?:[Rr]ow|[Ll]ine|[Zz]eile)\s+\w+[\s,;|:.)]+(?=\S)|^(?:{_SECTION}|(?:UN)?SATISFIABLE)$"
)
_LABEL = re.compile(
    r"^\[\d+,\]\s+(?=\S)|^\[\d+\]\s+(?=[\[({])|^(?:[Rr]ow\s*)?\d+(?:\s(?!.*\s\.\s.*\s\.\s))?[.)]\s+(?=\S)|^[^:|,;([{]{1,40}:\s+(?=\S)"
)
_HAT = re.compile(r"^\^.*[\^|]$")
"""A row of DokuWiki with names in it."""
_NODE = re.compile(r"^\\node\b.*?\((-?[\d.]+),\s*(-?[\d.]+)\)\s*\{(\w+)\}\s*;$")
"""A cell that TikZ draws."""
_ESCAPED = re.compile(r"(?<!\\)\\(?=\[[^\\\]]*\])|(?<=\w)\\(?=\d)")
"""A bracket of Magma's, and a backslash between two numbers."""
_SUPERPOSED = re.compile(r"[|\s]*(?:[^\W_]\\[^\W_][\s,;|&]+)+[^\W_]\\[^\W_][|\s]*")
"""Cells of two symbols with a backslash between."""
_JOINED = re.compile(r"(?<=[\"'])\s*\+\+$|^\+\+\s*(?=[\"'])")
"""How Haskell and Agda go on with a text on the next line."""
_ARRAY_OF = re.compile(r"(?:OA|TD|CA|L|MOLS)\s*\(\s*\d+(?:\s*,\s*\d+)*\s*\)[:.]?")
_OPENS = re.compile(r"=\s*[\[{]$")
_CIRCLED = re.compile("[\u2460-\u2473]")
_CIRCLED_TENS = re.compile("[\u2469-\u2473]")
_BRACKETS = str.maketrans("\u27e8\u27e9\u2329\u232a\u3010\u3011\u2995\u2996", "()()[]()")
_SPEAKS = re.compile(
    rf"{_SEQUENCE.pattern}|{_ROW_LABEL.pattern}|.*\s(?:[cC]?,(?:\s|$)|[Rr]ow\s*\d+$)"
    r"|(?i:(?:\d+ )?data\s|create\s|insert\s|values|(?:\w+ )?(?:d[bwdq]|byte|word|short|long)\s)"
)
"""Where a line of letters, digits and commas may say more than symbols."""
_WHOLE = re.compile(r"(?=.*\.)(?:[+-]?\d+(?:\.0*)?(?:[\s,;&|\[\](){}]+|$))+")
_TIE = re.compile(r"(?<=\w)~(?=\w)")
"""A space of TeX's."""
_COUNT = re.compile(r".*[^\W\d_]{3}\s*:\s+\d{1,2}")
"""What is counted, and how many there are."""
_LABEL_BEHIND = re.compile(r"(?<=\w)[\s|]+[Rr]ow\s*\d+$")
_SAYS_NOTHING = re.compile(
    r"[\s\-=_+|:.~*^\u2010-\u2015\u239b-\u23ad\u2500-\u257f]*"
    r"|(?:\s*\[,\d+\])+|(?!.*[\[({,]\s*[\[({]|[\[\](){}\d\s,]*:$).*[^\s|:]\s*:"
    r"|(?:[\s|]*<?(?:[iuf](?:8|16|32|64)|u?int(?:8|16|32|64)?|str|chr|dbl|cat|enum|varchar)\b>?)+[\s|]*"
    r"|[\s()\[\],;.]*[^\W\d]\w{0,8}\s*=[\s(\[]*"
)
"""Rules, names of columns, headings, types, and what parts two squares of TeX."""


def plain(text: str) -> list[str]:
    """What one line says of symbols, in one row or more; none where it says nothing."""
    if _BARE.fullmatch(text) or (_SIMPLE.fullmatch(text) and not _SPEAKS.match(text)):
        return [text] if text else []
    text = _JOINED.sub("", told(text))
    if "\\" in text and _SUPERPOSED.fullmatch(text):
        text = text.replace("\\", "/")
    if text.endswith("\\") and not text.endswith("\\\\"):
        text = text[:-1]
    text = _SEQUENCE.sub("", without_exponents(pairs(_characters(runs(text)))))
    text = begun(_COMMENT.sub("", text).strip())
    if "\\" in text:
        text = _ESCAPED.sub(
            lambda match: "/" if match.start() and text[match.end()] != "[" else "", text
        )
        text = _TEX_ROW.sub("\n", _TIE.sub(" ", _NODE.sub(r"\1 \2 \3", text)))
    elif _OPENS.search(text) and "$" not in text[1:]:
        return [text[-1]]
    if "<th" in text:
        text = _TAG_HEAD.sub("", text)
    rows = _TAG_ROW.sub("\n", text).split("\n")
    return [row for row in map(_row, rows) if row]


def _characters(text: str) -> str:
    """Every character in the one form that stands for it."""
    if "'" in text:
        text = _BYTES.sub("", text)
        text = _PRIMED.sub(lambda match: match[1] or match[2] + _PRIME, text)
    if text.isascii():
        return text
    text = _CARDS.sub(_card, text)
    if _CIRCLED_TENS.search(text):
        text = _CIRCLED.sub(lambda match: f" {ord(match[0]) - 0x245F} ", text)
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text.translate(_BRACKETS)))


def _card(match: re.Match[str]) -> str:
    """A card's rank and suit, which its number holds."""
    number = ord(match[0]) - 0x1F0A0
    return f" {number & 15:X}{_SUITS[number >> 4]} "


def _row(text: str) -> str:
    if text.startswith("\\foreach"):
        text = text.replace("/", " ")
    text = _ATTRIBUTE.sub(" ", _TAG.sub(" ", _INDEX_TAG.sub("", text)))
    if "\\" in text or "$" in text:
        text = _TEX_NAME.sub(_named, _TEX_WORDS.sub(" ", text))
    if _LINES_DRAWN.search(text):
        text = _BESIDE.sub(" | ", text)
        text = _FRAME.sub(" ", text)
    text = _INDEX.sub(lambda match: match[1] or match[2], text).strip()
    text = _BULLET.sub("", answered(text)).replace("**", "")
    if _HAT.match(text):
        text = text.replace("^", "|")
    if _SAYS_NOTHING.fullmatch(text) or _ARRAY_OF.fullmatch(text):
        return ""
    text = bare(_LABEL_BEHIND.sub("", text))
    if _WHOLE.fullmatch(text.lstrip("[({ ")):
        return re.sub(r"\.0*", "", text).strip()
    without = _LABEL.sub("", _ROW_LABEL.sub("", text)).strip()
    return text if _COUNT.fullmatch(text) else without


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
