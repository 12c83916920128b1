"""The file with the tokens: who may read it, what may stand in it, and where it is found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from base.errors import ChatError
from chat.settings import Secret, Settings, default_path, load
from tests.needs import need

GOOD = 'bot_token = "xoxb-1-2-abcdef"\nchannel = "#squarm"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "slack.toml"
    path.write_text(GOOD)
    path.chmod(0o600)
    return path


def sentence(path: Path, text: str | None = None) -> str:
    """Why the file is refused; its words never hold a secret."""
    if text is not None:
        path.write_text(text)
    with pytest.raises(ChatError) as refusal:
        load(path)
    said = str(refusal.value)
    assert "abcdef" not in said
    assert said.count("\n") == 0
    return said


def test_a_file_that_one_user_may_read_is_taken(file: Path) -> None:
    for mode in (0o600, 0o400):
        file.chmod(mode)
        said = load(file)
        assert said is not None
        assert said.bot_token.reveal() == "xoxb-1-2-abcdef"
        assert "abcdef" not in repr(said)
        assert "abcdef" not in f"{said.bot_token} {said!r}"
        assert said.answering == ("#squarm",)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666, 0o620])
def test_a_file_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert f"chmod 600 {file}" in sentence(file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + 'bottoken = "xoxb-1-2-abcdef"\n', "'bottoken', which is not one of bot_token"),
        ('bot_token = "xoxp-1-2-abcdef"\nchannel = "#a"\n', "begins with xoxb-"),
        (GOOD + 'app_token = "xoxb-1-2-abcdef"\n', "begins with xapp-"),
        (GOOD + 'webhook = "http://hooks.slack.com/services/abcdef"\n', "begins with https://"),
        (GOOD + 'admins = ["ann"]\n', "a list of member ids"),
        (GOOD + 'channels = "#squarm"\n', "a list of names"),
        (GOOD + "jobs = 0\n", "from 1 to 1,000"),
        (GOOD + 'people = ["everyone"]\n', "a list of members, guests, others"),
        (GOOD + 'digest_at = "25:00"\n', "a time of day such as 08:00"),
        (GOOD + 'webhook_format = "irc"\n', "one of slack, markdown (Mattermost), ntfy"),
        (GOOD + 'jobs = "many"\n', "a whole number"),
        (GOOD + 'api = "http://evil.example/api/"\n', "an address such as"),
        ('bot_token = "xoxb-1-2-abcdef"\n', "names no channel"),
        ('channel = "#squarm"\n', "neither a bot_token nor a webhook"),
        ('bot_token = "xoxb-1-2-abcdef\nchannel', "is not TOML (at line 1)"),
        ('bot_token = ["xoxb-1-2-abcdef"]\n', "begins with xoxb-"),
        ("\udcff", "is not TOML"),
    ],
)
def test_what_is_wrong_is_said_without_quoting_it(file: Path, text: str, words: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert words in sentence(file)


def test_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load() is None
    assert "There is no file" in sentence(tmp_path / "nothing.toml")
    assert "cannot be read" in sentence(tmp_path)


def test_systemd_s_credential_comes_first(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd gives it with a mode of its own, in a folder that is closed to others."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    given = folder / "squarm-slack"
    shutil.copy(file, given)
    given.chmod(0o440)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert default_path() == given
    assert load() is not None


@pytest.mark.slow
def test_ansible_vault_opens_what_it_locked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Path(sys.executable).with_name("ansible-vault")
    if not vault.exists():
        need("ansible-vault is not installed here")
    password = file.with_name("password")
    password.write_text("opensesame\n")
    command: list[str | Path] = [vault, "encrypt", "--vault-password-file", password, file]
    subprocess.run(command, check=True, capture_output=True)
    said = load(file, password)
    assert said is not None
    assert said.bot_token == Secret("xoxb-1-2-abcdef")
    monkeypatch.delenv("ANSIBLE_VAULT_PASSWORD_FILE", raising=False)
    assert "--vault-password-file" in sentence(file)
    password.write_text("wrong\n")
    with pytest.raises(ChatError, match="ansible-vault does not open"):
        load(file, password)


def test_each_way_says_plainly_what_it_can_do() -> None:
    bot = Settings(bot_token=Secret("xoxb-1"), app_token=Secret("xapp-1")).means
    deaf = Settings(bot_token=Secret("xoxb-1")).means
    hook = Settings(webhook=Secret("https://hooks.slack.com/services/x")).means
    assert "takes commands" in bot
    assert "without app_token no commands" in deaf
    assert "without pictures" in hook
