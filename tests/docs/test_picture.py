"""The README's picture shows the screen of today."""

import html
import re
from collections import defaultdict
from pathlib import Path

from benchmarks.picture import SIZE, picture_app
from solver.question import Question
from swarm.engine import JobState
from swarm.job import JobSpec
from tests.docs.pages import DOCS

_TEXT = re.compile(r'<text[^>]* y="([^"]+)"[^>]*>(.*?)</text>')
_HEADING = re.compile(r"\b\d [A-Z][a-z]+\b|(?<!\w)/?[A-Z]{2,}\b")


def _headings(svg: str) -> set[str]:
    """Titles of panes and of columns."""
    lines: dict[str, list[str]] = defaultdict(list)
    for place, text in _TEXT.findall(svg):
        lines[place] += html.unescape(text).split()
    return {heading for words in lines.values() for heading in _HEADING.findall(" ".join(words))}


async def test_the_picture_has_the_headings_of_the_screen(tmp_path: Path) -> None:
    app = picture_app(tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        job = await (await app.session.connected()).submit(JobSpec(Question(5), count=1))
        while (row := app.model.job(job)) is None or row.job.state is not JobState.COMPLETE:
            await pilot.pause(0.1)
        while app.model.fleet is None:
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        shown = _headings(app.export_screenshot())
    assert {"1 Nodes", "TEMP", "JOB"} <= shown
    assert _headings((DOCS / "console.svg").read_text("utf-8")) == shown
