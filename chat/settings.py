"""Who we are to Slack: tokens and choices from one file that one user may read."""

import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from base import log_file, paths, regular_file
from base.errors import MALFORMED, ChatError
from base.text import clean_text

CREDENTIAL = "squarm-slack"
"""The credential's name under systemd (LoadCredential=squarm-slack:/etc/squarm/slack.toml)."""
API = "https://slack.com/api/"
_LIMIT = 64 * 1024
_VAULT = b"$ANSIBLE_VAULT;"
_VAULT_SECONDS = 60
_SHAPES = {
    "bot_token": (r"xoxb-[A-Za-z0-9-]{6,}", "begins with xoxb-"),
    "app_token": (r"xapp-[A-Za-z0-9-]{6,}", "begins with xapp-"),
    "webhook": (r"https?://\S+", "begins with https://hooks.slack.com/"),
    "channel": (r"#?[^\s#@<>&]{1,80}", "is a name such as #squarm, or an id"),
    "channels": (r"#?[^\s#@<>&]{1,80}", "is a list of names such as #squarm, or ids"),
    "admins": (r"[UW][A-Z0-9]{2,20}", "is a list of member ids such as U012AB3CD"),
    "alerts": (r"#?[^\s#@<>&]{1,80}", "is a name such as #squarm-alerts, or an id"),
    "digest": (r"#?[^\s#@<>&]{1,80}", "is a name such as #squarm, or an id"),
    "digest_at": (r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", "is a time of day such as 08:00"),
    "webhook_format": (r"slack|markdown|ntfy", "is one of slack, markdown (Mattermost), ntfy"),
    "people": (
        r"members|guests|others|[UW][A-Z0-9]{2,20}",
        "is a list of members, guests, others (people of other workspaces), or member ids",
    ),
}
_SECRETS = ("bot_token", "app_token", "webhook")


class Secret:
    """A text that shows itself to nobody who does not ask for it by `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(...)" if self._text else "Secret()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says.

    `channel` is where shares go; the bot answers in `channels` (default: that one) and in direct
    messages; `admins` may cancel any job.
    """

    bot_token: Secret = field(default=Secret())
    app_token: Secret = field(default=Secret())
    webhook: Secret = field(default=Secret())
    channel: str = ""
    channels: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    people: tuple[str, ...] = ("members",)
    """Whom the bot answers: full `members` of its workspace, its `guests`, `others`, member ids."""
    alerts: str = ""
    """Where nodes that go and come, runs and copies that fail are told; '' for nowhere."""
    digest: str = ""
    """Where a summary is posted once a day, at `digest_at` by this machine's clock."""
    digest_at: str = "08:00"
    webhook_format: str = "slack"
    jobs: int = 2
    """Jobs that the bot runs at a time; others wait in its queue."""
    jobs_per_user: int = 3
    jobs_per_channel: int = 100
    seconds_between: float = 1.0
    """Between two messages to one channel: about one a second is what Slack takes."""
    ping_seconds: float = 10.0
    api: str = API
    """Another address of Slack's Web API, for a Slack of one's own such as the tests'."""

    @property
    def answering(self) -> tuple[str, ...]:
        """The channels in which the bot answers."""
        return self.channels or ((self.channel,) if self.channel else ())

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret's text, for the redactor."""
        return tuple(getattr(self, name).reveal() for name in _SECRETS)

    @property
    def means(self) -> str:
        """How we reach Slack, and what that can do."""
        if self.bot_token:
            bot = " and takes commands" if self.app_token else "; without app_token no commands"
            return (
                "a bot token: it posts to any channel the bot is in, with pictures, in threads, "
                f"edits its messages, and looks up whether one arrived{bot}"
            )
        return (
            "an incoming webhook: it posts text to the one channel the webhook was made for, "
            "without pictures, threads, edits or commands, and after a crash a message may come "
            "twice"
        )


class SettingsFile:
    """A settings file that may change: `path` None for the usual one.

    `vault_password_file` opens it where it is locked.
    """

    def __init__(self, path: Path | None, vault_password_file: Path | None = None) -> None:
        self._path = path
        self._password_file = vault_password_file

    def read(self) -> Settings | None:
        """What it says; raises ChatError. From then on logs keep its secrets to themselves."""
        settings = load(self._path, self._password_file)
        if settings is not None:
            log_file.hide(settings.secrets)
        return settings

    def stamp(self) -> tuple[int, ...]:
        """Differs where the file was written, replaced, made or taken away since."""
        try:
            about = (self._path or default_path()).stat()
        except OSError:
            return ()
        return about.st_ino, about.st_size, about.st_mtime_ns, about.st_mode


def default_path() -> Path:
    """Where the settings are looked for: systemd's credential, else the user's own file."""
    if folder := os.environ.get("CREDENTIALS_DIRECTORY"):
        given = Path(folder) / CREDENTIAL
        if given.exists():
            return given
    return paths.config() / "slack.toml"


def load(path: Path | None = None, vault_password_file: Path | None = None) -> Settings | None:
    """The settings in `path`; None where no file was named and there is none.

    Raises ChatError, in one sentence, where the file is readable by others, or is not right.
    """
    asked = path is not None
    path = path or default_path()
    try:
        body = _read(path)
    except FileNotFoundError:
        if asked:
            raise ChatError(f"There is no file {path}: squarm slack setup says how.") from None
        return None
    except OSError as error:
        raise ChatError(f"{path} cannot be read: {error.strerror}.") from None
    if body.startswith(_VAULT):
        body = _unlocked(path, vault_password_file)
    try:
        said = tomllib.loads(body.decode())
    except MALFORMED as error:
        # The parser's own words may quote the line, and the line a token.
        where = re.search(r"at line \d+", str(error))
        raise ChatError(
            f"{path} is not TOML{f' ({where[0]})' if where else ''}: squarm slack setup shows "
            "what belongs in it."
        ) from None
    return _settings(path, said)


def _read(path: Path) -> bytes:
    with regular_file.opened(path) as file:
        about = os.fstat(file.fileno())
        given = os.environ.get("CREDENTIALS_DIRECTORY")
        # systemd's own folder is closed to others, and its files' mode shows an access list.
        if given is None or Path(given) != path.parent:
            _check_owner(path, about)
        return file.read(_LIMIT)


def _check_owner(path: Path, about: os.stat_result) -> None:
    if about.st_uid not in (os.geteuid(), 0):
        raise ChatError(f"{path} belongs to another user: its tokens are not yours to use.")
    if stat.S_IMODE(about.st_mode) & 0o077:
        raise ChatError(f"{path} can be read by others: chmod 600 {path}, and think of new tokens.")


def _unlocked(path: Path, password_file: Path | None) -> bytes:
    """What an ansible-vault file holds; Ansible itself opens it."""
    beside = Path(sys.executable).with_name("ansible-vault")
    command = [str(beside) if beside.exists() else "ansible-vault", "view", str(path)]
    if password_file is not None:
        command += ["--vault-password-file", str(password_file)]
    elif "ANSIBLE_VAULT_PASSWORD_FILE" not in os.environ:
        raise ChatError(
            f"{path} is locked by ansible-vault: say --vault-password-file FILE, or set "
            "ANSIBLE_VAULT_PASSWORD_FILE."
        )
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VAULT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise ChatError(f"{path} is locked, and there is no ansible-vault to open it.") from None
    except subprocess.TimeoutExpired:
        raise ChatError(f"Ansible-vault did not open {path}.") from None
    if done.returncode:
        said = clean_text(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1], 200)
        raise ChatError(f"ansible-vault does not open {path}: {said}")
    return done.stdout


def _settings(path: Path, said: Mapping[str, object]) -> Settings:
    """The settings, each checked; a message names a key, never its value."""
    default = Settings()
    known = {field.name: getattr(default, field.name) for field in fields(Settings)}
    found: dict[str, object] = {}
    for key, value in said.items():
        if key not in known:
            names = ", ".join(known)
            raise ChatError(f"{path} has {clean_text(key, 40)!r}, which is not one of {names}.")
        shape, wish = _SHAPES.get(key, ("", ""))
        texts = value if isinstance(value, list) else [value]
        if shape and not (
            isinstance(value, list) is isinstance(known[key], tuple)
            and all(isinstance(text, str) and re.fullmatch(shape, text) for text in texts)
        ):
            raise ChatError(f"{key} in {path} is not right: it {wish}.")
        found[key] = _checked(path, key, value, known[key])
    settings = Settings(**found)  # type: ignore[arg-type] # every value was checked by its key
    if not settings.bot_token and not settings.webhook:
        raise ChatError(f"{path} has neither a bot_token nor a webhook: squarm slack setup helps.")
    if settings.bot_token and not settings.channel:
        raise ChatError(f"{path} names no channel: say where shares go, such as channel = '#mols'.")
    return settings


def _checked(path: Path, key: str, value: object, default: object) -> object:
    if isinstance(default, Secret):
        if key == "webhook" and not _is_private(str(value)):
            raise ChatError(f"webhook in {path} is not right: it begins with https://.")
        return Secret(str(value))
    if isinstance(default, tuple):
        return tuple(value) if isinstance(value, list) else ()
    if isinstance(default, int | float):
        whole = isinstance(default, int)
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise ChatError(
                f"{key} in {path} is not right: it is a{' whole' if whole else ''} number."
            )
        if not 0 < value <= 1000:
            least = "from 1 to" if whole else "more than 0, and at most"
            raise ChatError(f"{key} in {path} is not right: it is {least} 1,000.")
        return type(default)(value)
    if key == "api" and not (_is_private(str(value)) and str(value).endswith("/")):
        raise ChatError(f"api in {path} is not right: it is an address such as {API}.")
    return str(value)


def _is_private(text: str) -> bool:
    """True for an address to which a secret may go: encrypted, or on this machine."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    near = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and near))
