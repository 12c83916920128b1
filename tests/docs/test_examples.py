"""What pages show as an example, or list, is what the program does."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from operations.kinds import Kind
from tests.docs.pages import DOCS, ROOT, blocks

_CODE = re.compile(r"`([^`]+)`")
_PAIR = "A0 B1 C2\nB2 C0 A1\nC1 A2 B0\n"


def _squarm(home: Path, *arguments: str, code: int = 0) -> str:
    gone = {name: "" for name in os.environ if name.startswith("XDG_")}
    environment = {**os.environ, **gone, "HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout


def test_the_first_pair_is_one(tmp_path: Path) -> None:
    letters, digits, both = blocks((DOCS / "first-steps/glossary.md").read_text("utf-8"))[:3]
    assert [
        " ".join(map("".join, zip(letter.split(), digit.split(), strict=True)))
        for letter, digit in zip(letters, digits, strict=True)
    ] == both
    (tmp_path / "pair").write_text("\n".join(both))
    assert _squarm(tmp_path, "verify", str(tmp_path / "pair")) == "verified: 1 pair of order 3.\n"


def test_every_key_of_analyse_is_listed(tmp_path: Path) -> None:
    (tmp_path / "pair").write_text(_PAIR)
    said = _squarm(tmp_path, "analyse", str(tmp_path / "pair"), "--json").splitlines()
    body = json.loads(said[0])
    page = (DOCS / "using/analyse.md").read_text("utf-8").partition("The keys of `--json`")[2]
    rows = re.findall(r"^\| (`.+?) \|", page.partition("\n\n`")[0], re.MULTILINE)
    assert {name for row in rows for name in _CODE.findall(row)} == {*body, *body["set"]}


def test_the_gallery_says_what_analyse_says(tmp_path: Path) -> None:
    page = (DOCS / "using/gallery.md").read_text("utf-8")
    file = tmp_path / "squares"
    file.write_text("\n\n".join("\n".join(block) for block in blocks(page)), "utf-8")
    said = _squarm(tmp_path, "analyse", str(file), "--mates", "1000", "--json")
    bodies = [json.loads(line) for line in said.splitlines()]
    told = [
        (
            f"{body['order']}",
            f"{body['transversals']:,}",
            f"{body['mates']:,}" + ("" if body["mates_whole"] else "+"),
            "yes" if body["diagonal"] else "no",
            f"{body['autoparatopisms']:,}",
            body["main_class"][:8],
        )
        for body in bodies
        if body.get("set", {"square": 1})["square"] == 1
    ]
    rows = re.findall(r"^\| \w.* \|$", page, re.MULTILINE)[1:]
    assert [tuple(row.strip("| ").split(" | ")[1:]) for row in rows] == told
    assert all(body["set"]["verified"] for body in bodies if "set" in body)


def test_every_change_that_is_audited_is_listed() -> None:
    page = (DOCS / "operating/security.md").read_text("utf-8").partition("## Who did what")[2]
    rows = "".join(re.findall(r"^\| \w.*$", page, re.MULTILINE))
    assert sorted(_CODE.findall(rows)) == sorted(kind.audit for kind in Kind)


def test_every_file_that_squarm_writes_is_listed(tmp_path: Path) -> None:
    page = (DOCS / "operating/files.md").read_text("utf-8")
    listed = {name.strip("/") for name in _CODE.findall(page)}
    job = _squarm(tmp_path, "run", "5", "--count", "1", "--engine", "local").partition(":")[0]
    data = tmp_path / ".local/share/squarm"
    assert data.is_dir()
    assert (data / "jobs" / job / "spec.json").is_file()
    for path in data.iterdir():
        assert re.sub("-(wal|shm)$", "", path.name) in listed
    for path in (tmp_path / ".local").iterdir():
        assert f"~/.local/{path.name}/squarm" in page
