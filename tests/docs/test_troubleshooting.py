"""What the page quotes from the screen is what squarm says."""

import re

from tests.docs.pages import DOCS, ROOMS, sources


def _sentences() -> str:
    """All source, with texts that are written over several lines in one."""
    source = "".join(path.read_text("utf-8", "replace") for path in sources(*ROOMS))
    return re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", source)).lower()


def test_what_one_sees_is_what_squarm_says() -> None:
    said = _sentences()
    page = (DOCS / "operating/troubleshooting.md").read_text("utf-8")
    quoted = [
        quote
        for row in re.findall(r"^\| (.+?) \|", page, re.MULTILINE)
        for quote in re.findall(r"`([^`]+)`", row)
    ]
    assert len(quoted) > 10
    for quote in quoted:
        assert quote.lstrip("◌○▲ ").removesuffix(" ...").lower() in said, quote
