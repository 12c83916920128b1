"""The user's own settings: `~/.config/squarm/config.toml`, each mistake told with its line."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from base import paths, regular_file
from base.errors import UsageError
from tui import themes

Value = str | int | bool
_PRINTED = frozenset({
    "enter", "escape", "tab", "space", "backspace", "delete", "insert", "up", "down", "left",
    "right", "home", "end", "pageup", "pagedown",
})  # fmt: skip
"""Keys by what stands on them, as Textual calls them."""
_SOME_KEYS = "name one such as n, N, ctrl+n, f5, insert or comma"
_LARGEST = 100_000
"""Bytes of a file that is read."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: what it means, what it is by default, and what may stand there.

    `check` gives '' for a value that will do, else what it has to be.
    """

    table: str
    name: str
    default: Value
    help: str
    check: Callable[[object], str]


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What the file says, and the defaults; `keys` are those of actions, by the actions' ids."""

    values: Mapping[tuple[str, str], Value]
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, table: str, name: str) -> str:
        """A setting that is a text, or a number as a text."""
        return str(self.values[table, name])

    def is_on(self, table: str, name: str) -> bool:
        """A setting that is true or false."""
        return bool(self.values[table, name])


def _one_of(*choices: str) -> Callable[[object], str]:
    told = ", ".join(repr(choice) for choice in choices if choice)
    return lambda value: "" if value in choices else f"one of {told}"


def _theme(value: object) -> str:
    told = ", ".join(repr(name) for name in themes.BUILT_IN)
    folder = themes.path("").parent
    return "" if themes.is_one(value) else f"one of {told}, or NAME of a NAME.toml in {folder}"


def _text(value: object) -> str:
    return "" if isinstance(value, str) else "a text"


def _truth(value: object) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _frames(value: object) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return "" if whole and 5 <= int(str(value)) <= 120 else "a whole number, 5 to 120"


def _scalar(value: object) -> str:
    fine = isinstance(value, str | int | float) and not isinstance(value, bool)
    return "" if fine else "a number or a text"


_COLUMNS = {
    "nodes": "node state address role cpu memory temp limits tasks /min age",
    "jobs": "job order state found /min units",
    "units": "unit state found tried tasks node",
}
"""Of each table those it has, in the order of the screen."""
_SORTS = {
    "nodes": ("role", "name", "state", "cpu", "memory", "temperature", "tasks", "squares", "age"),
    "jobs": ("order", "state", "found", "rate", "units done"),
    "units": ("state", "found", "tried", "tasks", "node"),
}
TABLES = tuple(_COLUMNS)


def _words(table: str) -> Callable[[object], str]:
    known = _COLUMNS[table].split()

    def check(value: object) -> str:
        fine = isinstance(value, str) and set(value.split()) <= set(known)
        return "" if fine else f"some of {' '.join(known)}"

    return check


def _order(table: str) -> Callable[[object], str]:
    names = _SORTS[table]
    fine = {"", *names, *(f"-{name}" for name in names)}
    return lambda value: "" if value in fine else f"one of {', '.join(names)}"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "console", "theme", "dark", "dark, light, contrast, or one of your own by its name", _theme
    ),
    Setting(
        "console",
        "colours",
        "auto",
        "how many: auto (by TERM and COLORTERM), true, 256, 16 or none",
        _one_of("auto", "true", "256", "16", "none"),
    ),
    Setting("console", "mouse", True, "false leaves the mouse to the terminal", _truth),
    Setting("console", "frames", 60, "a second, at most; fewer for a slow line", _frames),
    Setting(
        "defaults", "engine", "", "where jobs run: local or swarm", _one_of("", "local", "swarm")
    ),
    Setting("defaults", "interface", "", "the network to look for Pis on, such as eth0", _text),
    *(
        Setting("columns", table, "", f"all, or some of {_COLUMNS[table]}", _words(table))
        for table in TABLES
    ),
    *(
        Setting("sort", table, "", f"{', '.join(_SORTS[table])}; with - turned", _order(table))
        for table in TABLES
    ),
    Setting("job", "count", "", "how many pairs the form asks for", _scalar),
    Setting("job", "source", "", "where Latin squares come from", _text),
    Setting("job", "replicas", "", "how many units run at a time", _scalar),
    Setting("job", "cpus", "", "cores for each", _scalar),
    Setting("job", "memory", "", "for each, such as 256M", _scalar),
)
JOB = tuple(setting.name for setting in SETTINGS if setting.table == "job")
"""All but the keys: `[keys]` has a line for each action, such as `new = "N"`."""


def defaults() -> dict[tuple[str, str], Value]:
    """All settings where there is no file."""
    return {(s.table, s.name): s.default for s in SETTINGS}


def path() -> Path:
    """Where the file is, or would be."""
    return paths.config() / "config.toml"


def read(file: Path | None = None) -> UserSettings:
    """The settings; raises UsageError with a sentence for each mistake in the file."""
    file = file or path()
    try:
        text = regular_file.read_bytes(file, _LARGEST).decode()
    except FileNotFoundError:
        return UserSettings(defaults())
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text in UTF-8: byte {error.start} is not.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    # Imported late: few have such a file.
    import tomllib

    try:
        body = tomllib.loads(text)
    except ValueError as error:
        # Not only tomllib's own: a number may have more digits than Python reads.
        raise UsageError(f"{file} is no TOML: {error}.") from None
    except RecursionError:
        raise UsageError(f"{file} is no TOML: it has brackets in brackets without end.") from None
    settings, mistakes = _checked(body)
    if mistakes:
        said = (f"{file}{_line(text, *place)}: {sentence}" for place, sentence in mistakes)
        raise UsageError(" ".join(said))
    themes.read(settings.text("console", "theme"))
    return settings


_Place = tuple[str, str]


def _checked(body: Mapping[str, object]) -> tuple[UserSettings, list[tuple[_Place, str]]]:
    values = defaults()
    known = {(s.table, s.name): s for s in SETTINGS}
    tables = {*(s.table for s in SETTINGS), "keys"}
    keys: dict[str, tuple[str, ...]] = {}
    mistakes: list[tuple[_Place, str]] = []
    for table, lines in body.items():
        if table not in tables or not isinstance(lines, dict):
            mistakes.append((("", table), f"{table!r} is none of [{'], ['.join(sorted(tables))}]."))
            continue
        for name, value in lines.items():
            place = (table, name)
            if table == "keys":
                pressed = value if isinstance(value, list) else [value]
                wrong = [key for key in pressed if not _is_key(key)]
                mistakes += [(place, f"{key!r} is no key: {_SOME_KEYS}.") for key in wrong]
                keys[name] = tuple(key for key in pressed if key not in wrong)
            elif place not in known:
                names = ", ".join(s.name for s in SETTINGS if s.table == table)
                mistakes.append((place, f"{name!r} is no setting of [{table}]: it has {names}."))
            elif wanted := known[place].check(value):
                mistakes.append((place, f"{name} must be {wanted}: {value!r} is not."))
            else:
                values[place] = value
    mistakes += _wrong_keys(keys)
    return UserSettings(values, keys), mistakes


def _is_key(name: object) -> bool:
    """Whether a key is called so: by its character, what is printed on it, or Unicode's name."""
    if not isinstance(name, str):
        return False
    key = re.sub(r"^((ctrl|shift|alt)\+)+(?=.)", "", name)
    if len(key) == 1:
        return key.isprintable() and key not in " ,"
    if key in _PRINTED or re.fullmatch(r"f([1-9]|1\d|2[0-4])", key):
        return True
    try:
        return bool(unicodedata.lookup(key.replace("_", " ")))
    except KeyError:
        return False


def _wrong_keys(keys: Mapping[str, tuple[str, ...]]) -> list[tuple[_Place, str]]:
    if not keys:
        return []
    # Imported late: few have keys of their own.
    from tui.console.actions import mistakes_in_keys

    return [(("keys", name), sentence) for name, sentence in mistakes_in_keys(keys)]


def _line(text: str, table: str, name: str) -> str:
    """Where something stands, as `:7`; '' where it is not found."""
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\]\s]+)\s*\]", line):
            inside = header[1]
            if not table and inside == name:
                return f":{number}"
        elif inside == table and re.match(rf"""\s*["']?{re.escape(name)}["']?\s*=""", line):
            return f":{number}"
    return ""


def shown(settings: UserSettings) -> str:
    """All settings as such a file, each with what it means; what is as by default is a comment."""
    lines: list[str] = []
    table = ""
    for setting in SETTINGS:
        if setting.table != table:
            table = setting.table
            lines += ["", f"[{table}]"]
        value = settings.values[setting.table, setting.name]
        said = str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
        mark = "# " if value == setting.default else ""
        lines.append(f"{mark}{setting.name} = {said}".ljust(28) + f"  # {setting.help}")
    example = '# new = ["n", "insert"]'.ljust(28)
    lines += ["", "[keys]", f"{example}  # an action's; docs/reference/keys.md"]
    lines += [f"{name} = {list(keys)}".replace("'", '"') for name, keys in settings.keys.items()]
    return "\n".join(lines).strip() + "\n"
