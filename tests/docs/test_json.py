"""The keys of `--json` are those that the page lists."""

import json
import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from base.audit import Audit
from fleet.snapshot import PiView
from swarm.docker.rollout.history import Event
from swarm.docker.rollout.rollouts import Status
from swarm.docker.rollout.state import Rollout
from swarm.engine import NodeView
from tests.docs.pages import DOCS
from tests.tui.command.running import Squarm
from tests.tui.console.scripted.pis import some_pis
from tui.command.images.image import _as_json
from tui.command.machines.nodes import as_object

_PAGE = (DOCS / "reference/commands.md").read_text("utf-8").partition("## What `--json` prints")[2]


def listed(row: str) -> set[str]:
    """The keys in a row: those behind others, in brackets, are of what these hold."""
    (cell,) = re.findall(rf"^\| {re.escape(row)} \| (.+) \|$", _PAGE, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", cell)))


def test_of_machines_nodes_and_images() -> None:
    view = some_pis().pis[0]
    assert isinstance(view, PiView)
    assert listed("`nodes`, of a machine on the network") == {"kind", *as_object(view)}
    node = {"kind", *(field.name for field in fields(NodeView))}
    assert listed("of a node that is none of these") == node
    assert listed("`image status`") == set(_as_json(Status(Rollout())))
    assert listed("`image history`") == {field.name for field in fields(Event)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "words"),
    [
        *(("mols", "10"), ("mates", "square"), ("jobs", "--engine local"), ("audit", "")),
        ("doctor", "--interface none"),
    ],
)
def test_of_what_is_printed_here(verb: str, words: str, tmp_path: Path) -> None:
    own = dict.fromkeys(
        ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(tmp_path)
    )
    squarm = Squarm({**os.environ, **own, "DOCKER_CONFIG": str(tmp_path)})
    square = tmp_path / "square"
    square.write_text("012\n120\n201\n")
    Audit(tmp_path / "squarm/audit.jsonl").note("drain", "swarmost1", "done")
    if verb == "jobs":
        squarm("run", "5", "--count", "1", "--engine", "local")
    given = [str(square) if word == "square" else word for word in words.split()]
    done = squarm.run(verb, *given, "--json")
    bodies = [json.loads(line) for line in done.stdout.splitlines()]
    assert bodies
    assert all(set(body) == listed(f"`{verb}`") - {"parts"} for body in bodies)
