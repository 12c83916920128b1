"""What prompts, logs, mails, chats, diffs and files' names set before a line of symbols."""

import re

_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?"
_HEAD = 1000
"""Characters of a line that says such things, or in which they begin."""
_COLOURED = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|.\x08")
"""A terminal's colours, titles and links, and what was printed twice to be bold."""
_SAID = re.compile(
    r"^\(%[iot]\d+\)\s*|^\[?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+)?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?\]?"
    r"\s+(?:[-\u2013]\s+)?(?:<[^<>]{1,40}>|[^\W\d][^:<>]{0,39}(?::|\s\|))\s+"
    rf"|^\[?{_TIME}\]?\s+(?:[-|]\s+)?(?:[\w.]+\s+[-|:]\s+){{1,3}}"
    rf"|^\[?{_TIME}\S*\s+(?:\[?[A-Z]{{4,8}}\]?:?\s+)?(?!.*[a-z]{{2}})"
    r"|^[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d\s\S+\s[\w./-]+(?:\[\d+\])?:\s"
    r"|^(?:INFO|DEBUG|WARNING|NOTICE):[\w.]*:?(?=\s*\S)"
)
"""When and by whom a line was said in a chat or a log, and how Maxima numbers its own."""
_SEVERAL = re.compile(r"^\(%o\d+\)\s*\[(\[ [^\[\],]*\](?:,\s*\[ [^\[\],]*\])+)\]$")
"""How Maxima writes the middle line of a list of matrices."""
_FILE = re.compile(
    r"^(?:[\w-]+:)?[\w./~-]*[A-Za-z][\w-]*\.[A-Za-z]\w{0,4}:(?!\d+[:-]|\s|$)"
    r"|^\^?[0-9a-f]{7,40}\s+(?:\S+\s+)?\([^()]*\s\d+\)\s?"
)
"""How grep and git begin a line: the file's name, or who wrote it last."""
_PASSED_OVER = re.compile(
    rf"^\[?(?:{_TIME}|\d\d:\d\d:\d\d\b).*[a-z]{{2}}.*"
    r"|^>\s(?!.*\d[L\s]*,\s*\d+[L\s]*,\s*\d)(?:[A-Za-z.][\w.]*\s?(?:\(|<-|=\s|[+*]\s?\w)|for\s?\().*"
    r"|^\(:,:(?:,\d+)+\)$|^(?:PRAGMA|BEGIN|COMMIT|CREATE|DROP|LOCK|UNLOCK|SET|USE|ALTER)\b.*[;(]$"
    r"|^diff\s.*|^index [0-9a-f]+\.\..*|^(?:---|\+\+\+) (?:[ab]/|/dev/null).*|^@@ .*|^==>\s.*\s<==$"
    r"|^commit [0-9a-f]{7,40}\b.*|^(?:From|To|Cc|Subject|Date|Author|Reply-To|References|Message-ID"
    r"|In-Reply-To|MIME-Version|Content-[\w-]+|X-[\w-]+):\s.*|^\?-\s(?!.*\[\s*\[).*|^\(\d+ rows?\)$"
    r"|^\w+\(:,\s*:(?:,\s*\d+)+\)\s*=$|^\[:,\s*:(?:,\s*\d+)+\]\s*=$|^\d+(?:\.\d+)?[eE][+-]?\d+\s*\*$"
    r"|^(?:>>>?|In\s*\[\d*\]\s*:=|(?:sage|gap|julia|octave)(?::\d+)?[:>]+)\s*"
    r"(?:.*(?:\sfor\s|[)'\]]\s*[+*%]\s*[\w(]|\w\s*[+*%]\s*\()|(?!.*[{\[]\s*[{\[]).*\w\s*[+*%]\s*[A-Za-z]).*"
    r"|^[^\W\d][^:=|,;([{\"]{0,40}[:=]\s*(?:(?i:true|false|yes|no|none)|\d+\.\d+\s*(?:[a-z]+)?"
    r"|\d+\s*(?:m?s|sec|seconds|min|[KMG]i?B)|\d+\+|\d+(?:\.\d+)?m?s\s*\([^()]*\))$"
    r"|^\$\w+(?:\$\w+|\[\[\w+\]\])*$"
    r"|^(?i:(?:main |anti[- ]?|back |broken )?diagonal|transversal|symbols|treatments?|trt"
    r"|alphabet|letters|shape|cycle (?:type|structure)|permutation|orbits?"
    r"|(?:wall|cpu|user|real|elapsed) times?)\s*\d*:\s.*|^T\d*\s*[:=]\s*\(.*"
    r"|^(?:(?:Table|Figure|Example)\s\d+|[IVX]{1,4}|\d+)(?:\.\d+)+[\s.:]+[^\W\d]{3}.*|^Cf\.\s.*"
    r"|^[a-z]\w*\s::?\s(?:String|Char|Int|Integer|Nat|Bool|List|Vec)\b[\w\s()\[\]]*$|^(?:BEGIN|END)\s*\{$"
    r"|^\.(?:\\\"|[A-Z]{2}\b|(?:hy|sp|nf|fi|ad|br|ta)\b).*"
)
"""Logs, diffs, a mail's head, what was typed in, values by name, and numbered headings."""
_ASKED = re.compile(
    r"^(?:>>>(?!\s+(?:\w{1,2}[\s,;|]+)+\w{1,2}$)|\.\.\.|(?:sage|gap|julia|octave|magma)[:>]"
    r"|(?:iex|irb)\S*>|ghci>|\?(?=\s+\w+\s*(?:=|$))|In\s*\[\d*\]\s*:=?)[^\[{]*"
)
_ANSWERED = re.compile(r"^Out\[\d*\](?://\w+)?=\s*|^=>\s+(?=[\[{(])")
_QUOTED = re.compile(r"^(?:>\s?)+(?=\s*[\w\[({])")


def told(text: str) -> str:
    """A line without when, where and by whom it was said; '' where it only says such."""
    text = _SEVERAL.sub(r"\1", _COLOURED.sub("", text))
    head, rest = text[:_HEAD], text[_HEAD:]
    said = _FILE.sub("", _SAID.sub("", head))
    return said + rest if rest else _PASSED_OVER.sub("", said)


def answered(text: str) -> str:
    """A line without a prompt, what was asked there, and the marks of a quotation."""
    return _QUOTED.sub("", _ANSWERED.sub("", _ASKED.sub("", text)))
