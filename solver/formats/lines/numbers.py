"""Numbers as programs print them: complex ones are pairs, whole ones may have decimals."""

import re

_WHOLE = r"(\d+)(?:\.0*)?"
_TERM = re.compile(
    rf"(?<![\w.])(?:{_WHOLE}\s*\+\s*)?(?:{_WHOLE}(?:\s?[*\u22c5]\s?|\s(?=%))?)?%?[iIjJ](?!\w)"
    r"(?:\s*\+\s*(\d+))?"
)
"""`1 + 2i`, `1. + i`, `1 + 2*I`, `2 %i + 1`, `2*I`."""
_REAL = re.compile(rf"(?<![\w./]){_WHOLE}(?![\w./]|,\])")
_LETTER = re.compile(r"[^\W\d_]")
_CALLED = re.compile(r"^(?:[A-Za-z]\w* = )?(?:Matrix|array|complex)?(?=[(\[])")
_FLOAT = re.compile(r"(?<![\w.])([+-]?\d+\.\d*)[eEdD]([+-]?\d{1,2})(?![\w.])")


def pairs(text: str) -> str:
    """A line of complex numbers, `1 + 2i`, as one of pairs, `1/2`; other lines as they are."""
    if "+" not in text or not _TERM.search(text):
        return text
    paired = _REAL.sub(r"\1/0", _TERM.sub(_pair, text))
    return text if _LETTER.search(_CALLED.sub("", paired)) else paired


def _pair(match: re.Match[str]) -> str:
    real, imaginary, behind = match.groups()
    return f"{real or behind or 0}/{imaginary or 1}"


def without_exponents(text: str) -> str:
    """A line whose numbers with exponents are whole, as such: `2.000e+00` is 2."""
    return _FLOAT.sub(_whole, text)


def _whole(match: re.Match[str]) -> str:
    number = float(f"{match[1]}e{match[2]}")
    return str(int(number)) if number.is_integer() and abs(number) < 2**31 else match[0]
