"""The pages lead where they say, are all found from the index, and quote what was measured."""

import re
from pathlib import Path

import pytest

from solver import VERSION
from tests.docs.pages import DOCS, INDEX, PAGES, ROOMS, ROOT, prose, sources

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_MEASURED = re.compile(r"\b\d[\d,.]* (?:ms|s|minutes|hours|kB|MB|GB|%|times)(?![\w])")


def _links(page: Path) -> set[str]:
    return set(_LINK.findall(page.read_text(encoding="utf-8")))


def _anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for link in _links(page):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert not anchor or anchor in _anchors(target), link


def test_every_page_that_the_program_names_is_there() -> None:
    named = {
        name
        for path in (*sources(*ROOMS, "benchmarks", "lab", "tests"), ROOT / "Makefile")
        for name in re.findall(r"\bdocs/[\w./-]+\.\w+", path.read_text("utf-8", "replace"))
    }
    assert "docs/using/analyse.md" in named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_the_solvers_image_has_the_name_that_jobs_ask_for() -> None:
    for page in PAGES:
        for tag in re.findall(r"squarm-solver:(\d[\d.]*\d)", page.read_text("utf-8")):
            assert page.name == "CHANGELOG.md" or tag == VERSION, page


def test_the_index_has_every_page_once() -> None:
    linked = [(DOCS / link).resolve() for link in _LINK.findall(INDEX.read_text(encoding="utf-8"))]
    assert sorted(linked) == sorted(page for page in PAGES if page != INDEX)


def test_what_provisioning_changes_stands_before_the_key_that_does_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert 0 < readme.index("docs/first-steps/machines.md") < readme.index("`p` ")
    order = _LINK.findall(INDEX.read_text(encoding="utf-8"))
    names = ("first-steps/evening.md", "operating/provision.md", "operating/playbooks.md")
    assert order.index("first-steps/machines.md") < min(map(order.index, names))
    for name in names:
        text = (DOCS / name).read_text(encoding="utf-8")
        does_it = min(
            text.find(words) % 10**9
            for words in ("`p`**", "    squarm provision", "    ansible-playbook")
        )
        assert 0 < text.index("machines.md") < does_it


@pytest.mark.parametrize("page", [ROOT / "README.md", INDEX], ids=["README.md", "index.md"])
def test_every_figure_was_measured(page: Path) -> None:
    measured = (DOCS / "reference/numbers.md").read_text(encoding="utf-8")
    for figure in _MEASURED.findall(prose(page.read_text(encoding="utf-8"))):
        assert re.search(rf"(?<![\d.,]){re.escape(figure)}", measured), figure
