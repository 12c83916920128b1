"""No secret leaves: by message, picture, log, traceback, argument or environment."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from base.redaction import HIDDEN, Redactor
from chat import sealing
from chat.drawing import can_draw_screens
from chat.message import Code, FactList, Heading, Message, Paragraph, Picture, TextRun
from chat.outbox.outbox import Outbox
from chat.render import log_lines, screen
from chat.sealing import seal
from lab.slack.server import Slack
from lab.slack.workspace import APP_TOKEN, BOT_TOKEN, HOOK
from swarm.engine import LogLine
from tests.chat.serving import Home
from tests.needs import need
from tests.waiting import until

KEY = """-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjE
AAAA
-----END OPENSSH PRIVATE KEY-----"""
VAULT = "$ANSIBLE_VAULT;1.1;AES256\n" + "\n".join(["62313365396662343061393464336163" * 2] * 3)
SECRETS = {
    "a bot token": ("token xoxb-1234-5678-abcdEFGH end", "abcdEFGH"),
    "an app token": ("xapp-1-A123-456-deadbeef", "deadbeef"),
    "a webhook": ("to https://hooks.slack.com/services/T0/B0/XyZzY1 now", "XyZzY1"),
    "a socket": ("wss://wss-primary.slack.com/link/?ticket=abc987&app_id=1", "abc987"),
    "a join token": ("docker swarm join --token SWMTKN-1-49nj1cmql0-8vxv8rssmk 10.0.0.1", "8vxv8"),
    "a key": (f"before\n{KEY}\nafter", "AAAA"),
    "a key cut off": (f"{KEY[:60]}", "b3BlbnNz"),
    "a vault": (VAULT, "62313365"),
    "a password": ("ansible_become_pass: hunter2", "hunter2"),
    "a password in JSON": ('{"password": "hunter two", "user": "pi"}', "hunter"),
    "a variable": ("export SLACK_BOT_TOKEN='s3cr3t s3cr3t'", "s3cr3t"),
    "a header": ("Authorization: Bearer abcdefgh.ijklmnop", "ijklmnop"),
    "an address": ("git clone https://me:pa55word@example.org/x.git", "pa55word"),
    "a hash": ("pi:$6$rounds$saltsalt$hashhashhash/x.y:19000", "hashhash"),
    "GitHub's": ("ghp_abcdefghijklmnopqrstuvwxyz012345", "klmnop"),
}
KNOWN = "correct horse battery staple"


@pytest.fixture
def redact() -> Redactor:
    return Redactor((KNOWN, "", "abc"))


@pytest.mark.parametrize("name", SECRETS)
def test_what_looks_like_a_secret_is_hidden(name: str, redact: Redactor) -> None:
    text, secret = SECRETS[name]
    shown = redact(text)
    assert secret not in shown
    assert HIDDEN in shown
    assert redact(shown) == shown


def test_what_is_none_is_left_as_it_is(redact: Redactor) -> None:
    for text in (
        "A0 B1 C2 D3 E4 F5 G6 H7 I8 J9",
        "job mols10-abc123, unit 0, no. 3, seed 2135058972",
        "the token ring of 1985; a password is asked for, and kept in memory only",
        "see https://docs.docker.com/engine/swarm/services/ for more",
        "node b827eb123456 at 10.77.0.11:22, sha256:9f86d081884c7d659a2feaa0c55ad015",
        "abc",
    ):
        assert redact(text) == text
    assert redact(f"it is {KNOWN}!") == f"it is {HIDDEN}!"


@given(st.text(max_size=400))
def test_redaction_is_stable_and_never_fails(text: str) -> None:
    redact = Redactor((KNOWN,))
    once = redact(text)
    assert redact(once) == once
    assert KNOWN not in redact(f"{text}{KNOWN}{text}")


def test_a_long_text_takes_no_longer_than_it_is(redact: Redactor) -> None:
    for seed in ("a", "xox", "https://", "password=", "-----BEGIN ", "A:", "$6$", " \t", "eyJ."):
        assert len(redact(seed * (200_000 // len(seed)))) > 0


def everywhere(text: str) -> Message:
    """A message with a text in every place that takes one."""
    line = LogLine("mols10-abc123", 0, "t", "pi1", "", text)
    rows = ((TextRun("top ", "#ffffff"), TextRun(text, "#ff0000", "#000000")), (TextRun("below"),))
    return (
        Heading(text), Paragraph(text, text), Code(text), FactList(((text, text),)),
        Picture(b"png", "p.png", text), *screen(rows, text), *log_lines([line]),
    )  # fmt: skip


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\x1b[0m"])
def test_a_secret_that_is_parted_by_what_cannot_be_seen_stays(
    unseen: str, redact: Redactor, tmp_path: Path
) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite3", redact)
    for text, secret in (("xoxb-1234-5678-abcdEFGH", "abcdEFGH"), (KNOWN, "battery")):
        parted = text[:9] + unseen + text[9:]
        sealed = seal(everywhere(parted), redact)
        outbox.put("C1", everywhere(parted), subject=parted)
        subjects = [entry.subject for entry in outbox.entries()]
        assert secret not in json.dumps(
            [sealed.blocks("F1"), sealed.fallback, sealed.text, subjects]
        )
    outbox.close()


@pytest.mark.parametrize("name", SECRETS)
def test_sealing_is_the_choke_point(
    name: str, redact: Redactor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In blocks, notification, preview, file and picture: drawn is only what was redacted."""
    need("" if can_draw_screens() else "no font for pictures of a screen (fonts-dejavu-core)")
    text, secret = SECRETS[name]
    drawn: list[str] = []
    draw = sealing._drawn

    def note(
        rows: tuple[tuple[TextRun, ...], ...], words: str, clean: object, *, pictures: bool
    ) -> object:
        from chat import drawing

        def png(rows: Sequence[Sequence[TextRun]]) -> bytes:
            drawn.extend("".join(run.text for run in row) for row in rows)
            return real(rows)

        real = drawing.screen_png
        monkeypatch.setattr(drawing, "screen_png", png)
        try:
            return draw(rows, words, clean, pictures=pictures)  # type: ignore[arg-type]
        finally:
            monkeypatch.setattr(drawing, "screen_png", real)

    monkeypatch.setattr(sealing, "_drawn", note)
    sealed = seal(everywhere(text), redact)
    shown = [
        json.dumps(sealed.blocks("F1")),
        sealed.fallback,
        sealed.text,
        sealed.to_json(),
        *drawn,
    ]
    assert drawn
    assert not [where for where in shown if secret in where]
    outbox = Outbox(tmp_path / "outbox.sqlite3", redact)
    outbox.put("C1", everywhere(text), subject=text)
    outbox.close()
    assert secret.encode() not in (tmp_path / "outbox.sqlite3").read_bytes()


HOSTILE = "<!channel> <@U1> <https://x.example|y> *b* `c` \x1b[31m\x07 \u202eevil &amp; :bomb:"


def test_nothing_in_a_message_is_alive(redact: Redactor) -> None:
    sealed = seal(everywhere(HOSTILE), redact)
    blocks = json.dumps(sealed.blocks("F1"))
    assert "mrkdwn" not in blocks
    assert '"link"' not in blocks
    assert '"type": "user"' not in blocks
    assert "\\u001b" not in blocks
    assert "\\u202e" not in blocks
    assert "<" not in sealed.fallback
    assert "&lt;!channel&gt;" in sealed.fallback


@given(st.lists(st.text(max_size=60), max_size=4), st.integers(0, 3))
@example(["\U000116aa"], 3)
def test_any_text_makes_a_message_that_slack_takes(texts: list[str], times: int) -> None:
    text = "".join(texts) * 10**times
    text = text[:50_000]
    sealed = seal(
        (Heading(text), Paragraph(text), Code(text), FactList(((text, text),))), Redactor()
    )
    blocks = sealed.blocks()
    assert Slack()._flaw({"text": sealed.fallback, "blocks": blocks}) is None or not text.strip()
    assert seal(sealed.parts, Redactor()) == sealed
    assert type(sealed).from_json(sealed.to_json()) == sealed


def test_a_message_of_many_long_parts_says_where_it_is_cut() -> None:
    parts = tuple(Paragraph(f"{number} " + "\U000116aa" * 2_000) for number in range(10))
    sealed = seal(parts, Redactor())
    assert Slack()._flaw({"text": sealed.fallback, "blocks": sealed.blocks()}) is None
    assert sealed.text.startswith("0 ")
    assert sealed.text.endswith("[cut off here]")
    assert seal(sealed.parts, Redactor()) == sealed


@pytest.mark.slow
async def test_tokens_are_not_in_arguments_environment_logs_or_tracebacks(
    slack: Slack, tmp_path: Path
) -> None:
    """At every log level, of a daemon whose every call fails."""
    home = Home(tmp_path, slack, webhook=f"https://hooks.slack.com{HOOK}")
    slack.tokens = set()
    home.environment |= {"PYTHONDEVMODE": "1", "SLACK_SDK_DEBUG": "1", "SQUARM_LOG": "debug"}
    process = await home.start("serve", "--engine", "local")
    await home.squarm("share", "1", code=2)

    def complains() -> bool:
        assert process.returncode is None
        health = home.health()
        return bool(health and health.problems)

    await until(complains, 120)
    place = Path(f"/proc/{process.pid}")
    seen = (place / "cmdline").read_text() + (place / "environ").read_text()
    process.terminate()
    out, err = await process.communicate()
    folders = (tmp_path / "data", tmp_path / "state")
    files = await asyncio.to_thread(lambda: [file for one in folders for file in one.rglob("*.*")])
    written = b"".join(path.read_bytes() for path in files)
    assert b"squarm serve begins" in written
    for secret in (BOT_TOKEN, APP_TOKEN, HOOK):
        assert secret not in seen
        assert secret.encode() not in out + err + written


def test_what_slack_sdk_says_at_debug_is_nowhere(tmp_path: Path) -> None:
    """And neither is an address that is a secret in what ends the process."""
    program = f"""
import asyncio, logging
from base import log_file
log_file.start("test", debug=True)
log_file.echo_warnings()
from slack_sdk.webhook.async_client import AsyncWebhookClient
client = AsyncWebhookClient("http://127.0.0.1:9{HOOK}", retry_handlers=[])
try:
    asyncio.run(client.send_dict({{"text": "a whole message"}}))
except Exception as error:
    logging.getLogger("slack_sdk").debug("x {BOT_TOKEN}")
    logging.getLogger("chat.test").warning("http://127.0.0.1:9{HOOK} does not answer")
    print(log_file.failed(RuntimeError("http://127.0.0.1:9{HOOK}")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
    )
    log = (tmp_path / "squarm" / "squarm.log").read_text()
    assert f"{HIDDEN} does not answer" in done.stderr
    assert f"RuntimeError: {HIDDEN}" in log
    for secret in ("a whole message", BOT_TOKEN, "hookhook"):
        assert secret not in done.stderr + done.stdout + log
