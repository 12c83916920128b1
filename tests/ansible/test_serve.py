"""`playbooks/serve.yml`: squarm serve as a service of the master, installed from this source."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab.pi import Pi
from lab.plan import PiPlan, State
from lab.slack.workspace import APP_TOKEN, BOT_TOKEN
from tests.ansible.playbook import FOLDER, Swarm
from tests.docs.pages import DOCS, ROOT, blocks
from tests.lab.fixtures import MakeLab
from tests.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]

SQUARM = ("/opt/squarm/current/bin/squarm",)
RELEASES = "/srv/releases"


@pytest.fixture(scope="module")
def swarm(make_lab: MakeLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    with make_lab([PiPlan(State.SWARM, memory_mib=2048, cpus=2.0)]) as lab:
        yield Swarm(lab, tmp_path_factory.mktemp("serve"))


def test_the_daemon_is_installed_and_comes_back_when_killed(swarm: Swarm) -> None:
    came = swarm.play("serve", squarm_serve_releases=RELEASES)
    assert not came.failed, came.output
    (master,) = swarm.lab.pis
    wait_until(lambda: "engine    swarm, 0 jobs running" in health(master), 30)
    assert "unit      squarm@pi.service, process " in health(master)
    timer = "squarm-upgrade@pi.timer"
    assert master.run("systemctl", "is-active", timer).stdout == "active\n"
    before = main_process(swarm)
    master.run("kill", "-9", before)
    wait_until(lambda: main_process(swarm) not in ("0", before), 60)
    again = swarm.play("serve", squarm_serve_releases=RELEASES)
    assert set(again.changed.values()) == {0}, again.output


def test_it_answers_in_slack_and_its_tokens_are_a_credential(swarm: Swarm) -> None:
    (master,) = swarm.lab.pis
    master.run("mkdir", "-p", "/srv/slack/lab/slack")
    source = FOLDER.parent / "lab"
    for path in (source / "__init__.py", *(source / "slack").glob("*.py")):
        there = f"/srv/slack/lab/{path.relative_to(source)}"
        master.run("tee", there, input=path.read_text())
    with slack_on(master) as slack:
        assert slack.stdout
        assert slack.stdin
        settings = ""
        while (line := slack.stdout.readline()) != "\n":
            assert line, "the Slack on the Pi has ended"
            settings += line
        came = swarm.play("serve", "-vvv", squarm_serve_slack=settings)
        assert not came.failed, came.output
        assert is_answered(slack, "mols status", "1 of 1 up")
        kept = master.run("cat", "/etc/squarm/slack.toml").stdout
        set_up_by_hand(master)
        assert is_answered(slack, "mols jobs", "There are no jobs")
        assert master.run("cat", "/etc/squarm/slack.toml").stdout == kept
    for token in (BOT_TOKEN, APP_TOKEN):
        assert token in settings
        assert token not in came.output
        processes = master.run("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ").stdout
        assert token not in processes
        assert token not in master.run("journalctl", "--no-pager").stdout
    assert master.run("stat", "-c", "%a %U", "/etc/squarm/slack.toml").stdout == "600 root\n"
    gone = swarm.play("serve")
    assert not gone.failed, gone.output
    assert master.run("ls", "/etc/squarm").stdout == ""


def test_a_version_that_does_not_come_up_is_gone_back_from_and_one_that_does_stays(
    swarm: Swarm,
) -> None:
    (master,) = swarm.lab.pis
    # A release elsewhere is what a person names there; the last play has forgotten it.
    master.run("tee", "/etc/squarm/releases", input=RELEASES)
    first = current(master)
    release(master, "98.0", "broken")
    said = upgrade(swarm, well=False)
    assert "It ends again and again (this one does not start). Back to " in said
    assert current(master) == first
    assert "engine    swarm, 0 jobs running" in health(master)
    assert "upgrade   98.0-" in health(master)
    # It is not tried again, nor is what is not what its hash says.
    assert "Nothing newer" in upgrade(swarm)
    release(master, "98.5")
    master.run("sed", "-i", "s/^......../00000000/", f"{RELEASES}/SHA256SUMS")
    assert "is not what SHA256SUMS beside it says" in upgrade(swarm, well=False)

    release(master, "99.0")
    before = main_process(swarm)
    upgrade(swarm)
    assert current(master).startswith("99.0-")
    assert main_process(swarm) != before
    assert health(master).endswith(", squarm 99.0\n")
    versions = master.run("ls", "/opt/squarm/versions").stdout.split()
    assert versions == sorted((current(master), first))
    file = "/home/pi/.local/share/squarm/audit.jsonl"
    noted = [json.loads(line) for line in master.run("cat", file).stdout.splitlines()]
    told = [one["result"] for one in noted if one["what"] == "upgrade squarm"]
    assert told == ["failed", "done"]
    assert master.run("stat", "-c", "%U %a", file).stdout == "pi 600\n"


def health(pi: Pi) -> str:
    return pi.run("runuser", "-u", "pi", "--", *SQUARM, "serve", "--check").stdout


def release(pi: Pi, version: str, *broken: str) -> None:
    """Put a version where releases are put."""
    script = (FOLDER.parent / "tests/ansible/released.py").read_text()
    python = "/opt/squarm/current/bin/python"
    pi.run(python, "-P", "-", RELEASES, version, *broken, input=script)


def upgrade(swarm: Swarm, *, well: bool = True) -> str:
    """Has the daemon upgrade itself; what that said."""
    (master,) = swarm.lab.pis
    unit = "squarm-upgrade@pi.service"
    master.run("systemctl", "start", unit, check=False)
    result = master.run("systemctl", "show", "-P", "Result", unit).stdout.strip()
    master.run("journalctl", "--sync")
    since = "--cursor-file=/run/upgrades-read"
    said = master.run("journalctl", "--unit", unit, "--output", "cat", since).stdout
    assert (result == "success") is well, said
    return said


def current(pi: Pi) -> str:
    """The version that is run."""
    return pi.run("readlink", "/opt/squarm/current").stdout.strip().removeprefix("versions/")


def set_up_by_hand(pi: Pi) -> None:
    """As the page says it, where the playbook has put squarm and Slack's settings in place."""
    pi.run("systemctl", "disable", "--now", "squarm@pi")
    pi.run(
        "rm", "-r", "/etc/systemd/system/squarm@.service", "/etc/systemd/system/squarm@.service.d"
    )
    pi.run("systemctl", "daemon-reload")
    pi.run("mkdir", "-p", "/srv/squarm/packaging")
    for name in ("squarm@.service", "squarm-slack.conf"):
        there = f"/srv/squarm/packaging/{name}"
        pi.run("tee", there, input=(ROOT / "packaging" / name).read_text())
    page = (DOCS / "using/slack.md").read_text("utf-8")
    (typed,) = (block for block in blocks(page) if any("enable --now" in line for line in block))
    script = "\n".join(["set -e", "cd /srv/squarm", *typed])
    pi.run("runuser", "-u", "pi", "--", "env", "HOME=/home/pi", "sh", "-c", script)


def is_answered(slack: "subprocess.Popen[str]", text: str, words: str) -> bool:
    """Whether the bot answers so what is typed in its channel."""
    assert slack.stdin
    assert slack.stdout
    slack.stdin.write(f"{text}\n")
    slack.stdin.flush()
    return any(words in line for line in slack.stdout)


@contextmanager
def slack_on(pi: Pi) -> "Iterator[subprocess.Popen[str]]":
    """A Slack of its own on a Pi, which prints its settings, an empty line and what is posted."""
    told = [
        "env",
        "PYTHONPATH=/srv/slack",
        "/opt/squarm/current/bin/python",
        "-u",
        "-m",
        "lab.slack",
    ]
    process = subprocess.Popen(
        [*pi.shell_command(), *told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def main_process(swarm: Swarm) -> str:
    (master,) = swarm.lab.pis
    return master.run("systemctl", "show", "-P", "MainPID", "squarm@pi").stdout.strip()
