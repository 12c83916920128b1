"""`playbooks/serve.yml`: squarm serve as a service of the master, installed from this source."""

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


@pytest.fixture(scope="module")
def swarm(make_lab: MakeLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    with make_lab([PiPlan(State.SWARM, memory_mib=2048, cpus=2.0)]) as lab:
        yield Swarm(lab, tmp_path_factory.mktemp("serve"))


def test_the_daemon_is_installed_and_comes_back_when_killed(swarm: Swarm) -> None:
    came = swarm.play("serve")
    assert not came.failed, came.output
    (master,) = swarm.lab.pis
    ask = ("runuser", "-u", "pi", "--", "/opt/squarm/bin/squarm", "serve", "--check")
    wait_until(lambda: master.run(*ask).stdout.startswith("swarm, 0 jobs running"), 30)
    before = main_process(swarm)
    master.run("kill", "-9", before)
    wait_until(lambda: main_process(swarm) not in ("0", before), 60)
    again = swarm.play("serve")
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
    told = ["env", "PYTHONPATH=/srv/slack", "/opt/squarm/bin/python", "-u", "-m", "lab.slack"]
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
