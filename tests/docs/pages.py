"""The pages that a user reads, and the commands and code in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
INDEX = DOCS / "index.md"
PAGES = (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), ROOT / "lab/README.md")

ROOMS = (
    *("ansible/playbooks", "ansible/roles", "base", "chat", "drill", "fleet", "operations"),
    *("packaging", "provision", "results", "serve", "solver", "swarm", "tui"),
)

_BLOCK = re.compile(r"(?:^(?: {4,}.*)?\n)+", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")


def sources(*folders: str) -> Iterator[Path]:
    """The files there that may say something to a person."""
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in {".py", ".yml", ""}:
                yield path


def prose(text: str) -> str:
    """A page without its indented blocks and its code in the line."""
    return _INLINE.sub("", _BLOCK.sub("\n", text))


def blocks(text: str) -> list[list[str]]:
    """The indented blocks, as lines without the indentation."""
    found = [match[0].strip("\n").splitlines() for match in _BLOCK.finditer(text)]
    return [[line.strip() for line in lines] for lines in found if any(lines)]


def commands(text: str) -> Iterator[str]:
    """Every `squarm ...` that a page says to type."""
    lines = [line.partition("  #")[0] for block in blocks(text) for line in block]
    for line in (*lines, *_INLINE.findall(text)):
        for part in line.split(" | "):
            if part.strip().startswith("squarm "):
                yield part.partition(">")[0].strip()
