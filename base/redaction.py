"""The one choke point for secrets: what looks like one, or is one of ours, leaves no trace."""

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
_LEAST = 6
"""A known secret shorter than this would hide half of every text."""

_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"\$ANSIBLE_VAULT;[0-9.]+;[^\n]*(?:\n[0-9a-f]{20,80})*",
        r"\bx(?:ox[a-z]|app)[.-][A-Za-z0-9.-]{6,}",
        r"\bhttps?://[^\s/]*/(?:services|triggers|workflows)/[^\s'\">]+",
        r"\bwss?://[^\s'\">]+",
        r"\bSWMTKN-[0-9]+-[0-9a-z-]{10,}",
        r"\b(?:gh[oprsu]_|github_pat_|glpat-|dckr_pat_|sk-|pypi-)[A-Za-z0-9_-]{16,}",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\beyJ[A-Za-z0-9_-]{8,400}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        r"\$(?:6|y|2[aby])\$[./A-Za-z0-9$=,]{12,}",
    )
)
_NAMED = re.compile(
    r"""((?:password|passwd|passphrase|secret|token|api[_-]?key|become[_-]pass|authorization)
        [A-Za-z0-9_-]{0,20}["']?\s{0,9}[=:]\s{0,9}(?:bearer\ +|basic\ +)?)
        ("[^"\n]*"|'[^'\n]*'|[^\s,;}"']+)""",
    re.IGNORECASE | re.VERBOSE,
)
_BEARER = re.compile(r"\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]{1,15}://)[^\s/@:]*:[^\s/@]+@", re.IGNORECASE)


class Redactor:
    """Takes secrets out of text: `known` ones by their letters, others by their shape."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: list[str] = []
        self.learn(known)

    def learn(self, secrets: Iterable[str]) -> None:
        """Know more secrets from now on."""
        known = {*self._known, *(text for text in secrets if len(text) >= _LEAST)}
        self._known = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with HIDDEN for every secret; the same text twice is the same."""
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        for shape in _SHAPES:
            text = shape.sub(HIDDEN, text)
        text = _NAMED.sub(lambda match: match[1] + HIDDEN, text)
        text = _BEARER.sub(lambda match: f"{match[1]} {HIDDEN}", text)
        return _IN_URL.sub(lambda match: f"{match[1]}{HIDDEN}@", text)
