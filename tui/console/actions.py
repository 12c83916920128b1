"""The one table of actions: it feeds keys, footer, help, `:` commands, the palette and the docs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import combinations

from operations.kinds import Kind

JOBS = frozenset({"jobs", "job"})
"""Where a job is at hand: its row, or its own screen."""
NODES = frozenset({"nodes", "map", "node"})
"""Where a machine is at hand."""
PLAN = frozenset({"plan"})
RUN = frozenset({"run"})
IMAGES = frozenset({"images-screen"})
LISTS = frozenset({"nodes", "map", "jobs", "units", "squares", "log", "triples"})
"""Panes with something to choose from."""

TABLES = frozenset({"nodes", "jobs", "units", "outbox", "triples", "images"})


class Need(Enum):
    """What must be so where the user is, for an action to mean something there."""

    ITEM = auto()
    """There is something to choose, or a filter that hides it."""
    CHOSEN = auto()
    """The cursor is on something."""
    AT_HAND = auto()
    """It is, or the screen is that of a job or a machine."""
    JOB = auto()
    LIVE_JOB = auto()
    INTERRUPTED_JOB = auto()
    ENDED_JOB = auto()
    PI = auto()
    PI_WITHOUT_LOGIN = auto()
    PI_WITH_NEW_KEY = auto()
    NODE = auto()
    LIVE_RUN = auto()
    UNFINISHED_RUN = auto()
    """A run that is over, and not done for all."""
    SWARM = auto()
    FOLLOWED = auto()
    """The swarm follows an image in a registry."""
    ROLLED_OUT = auto()
    """It does, or an image was loaded, or is."""
    LOADING = auto()
    """An image is being loaded from this console."""
    WAY_BACK = auto()


@dataclass(frozen=True, slots=True)
class Action:
    """Something a user can do.

    `where` names the panes and screens it applies to (none: everywhere); `change`: what it changes,
    None for nothing; `command` is its name on the command line; `footer` its importance there (0:
    not shown), while what it `needs` is so.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    group: str
    where: frozenset[str] = frozenset()
    change: Kind | None = None
    command: str = ""
    argument: str = ""
    footer: int = 0
    needs: Need | None = None

    def applies(self, where: Collection[str]) -> bool:
        """True where the action has a meaning; `where`: the names of the screen and its pane."""
        return not self.where or not self.where.isdisjoint(where)


# A table is read by its rows.
# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action("new", ("n",), "new job", "Start a search.", "Jobs",
           change=Kind.START_JOB, command="new", argument="[ORDER] [count=20 cpus=0.5 …]",
           footer=9),
    Action("again", ("A",), "again", "Start a job like this one; the form begins with it.", "Jobs",
           JOBS, change=Kind.START_JOB, command="again", argument="[JOB]", needs=Need.JOB),
    Action("cancel", ("x",), "cancel", "Stop a job; its squares stay.", "Jobs", JOBS,
           change=Kind.CANCEL_JOB, command="cancel", argument="[JOB]", footer=7,
           needs=Need.LIVE_JOB),
    Action("resume", ("r",), "resume", "Run what an interrupted job has left.", "Jobs", JOBS,
           change=Kind.RESUME_JOB, command="resume", argument="[JOB]", footer=8,
           needs=Need.INTERRUPTED_JOB),
    Action("remove", ("D", "delete"), "remove", "Forget an ended job; its squares stay.", "Jobs",
           JOBS, change=Kind.REMOVE_JOB, command="remove", argument="[JOB]", footer=7,
           needs=Need.ENDED_JOB),
    Action("logs", ("l",), "logs", "Show the lines of one job.", "Jobs", JOBS,
           command="logs", argument="[JOB]", footer=4, needs=Need.JOB),
    Action("login", ("L",), "log in", "Give user and password, or key, for Pis.", "Nodes", NODES,
           change=Kind.LOG_IN, command="login", argument="[NODE]", footer=9,
           needs=Need.PI_WITHOUT_LOGIN),
    Action("accept", ("a",), "accept key", "Trust the host key a Pi shows now.", "Nodes", NODES,
           change=Kind.ACCEPT_KEY, command="accept", argument="[NODE]", footer=9,
           needs=Need.PI_WITH_NEW_KEY),
    Action("shell", ("s",), "shell", "A shell on a Pi, over SSH.", "Nodes", NODES,
           change=Kind.OPEN_SHELL, command="shell", argument="[NODE]", footer=7, needs=Need.PI),
    Action("provision", ("p",), "provision", "Make Pis nodes of the swarm.", "Nodes", NODES,
           change=Kind.PROVISION, command="provision", argument="[NODE]", footer=8, needs=Need.PI),
    Action("drain", ("t",), "drain/activate", "Take a node's tasks away, or give it some again.",
           "Nodes", NODES, change=Kind.DRAIN, command="drain", argument="[NODE]",
           footer=2, needs=Need.NODE),
    Action("role", ("m",), "promote/demote", "Make a worker a manager, a manager a worker.",
           "Nodes", NODES, change=Kind.PROMOTE, command="role", argument="[NODE]",
           footer=1, needs=Need.NODE),
    Action("upgrade", ("U",), "upgrade", "Bring nodes up to date, one after the other.", "Nodes",
           NODES, change=Kind.UPGRADE, command="upgrade", argument="[NODE]", footer=1,
           needs=Need.NODE),
    Action("reboot", ("B",), "reboot", "Restart a node's machine.", "Nodes", NODES,
           change=Kind.REBOOT, command="reboot", argument="[NODE]", footer=1,
           needs=Need.NODE),
    Action("leave", ("X",), "leave swarm", "Take a node out of the swarm, a dead one too.",
           "Nodes", NODES, change=Kind.LEAVE, command="leave", argument="[NODE]",
           footer=1, needs=Need.NODE),
    Action("runs", ("P",), "run", "The provisioning run under way, or the last one.", "Nodes",
           command="runs"),
    Action("begin", ("enter",), "begin", "Begin what the plan shows.", "Runs", PLAN,
           change=Kind.PROVISION, footer=9),
    Action("rehearse", ("t",), "rehearse", "Have Ansible say what it would change.", "Runs", PLAN,
           change=Kind.REHEARSE, footer=8),
    Action("plan_master", ("m",), "master", "This machine, or the first Pi.", "Runs", PLAN),
    Action("plan_managers", ("M",), "managers", "How many managers the swarm is to have.", "Runs",
           PLAN),
    Action("plan_passwords", ("w",), "passwords", "Leave SSH passwords on, or turn them off.",
           "Runs", PLAN),
    Action("plan_packages", ("u",), "packages", "Bring packages up to date, or leave them.",
           "Runs", PLAN),
    Action("plan_sudo", ("S",), "sudo", "Give the password for sudo on this machine.", "Runs",
           PLAN, footer=3),
    Action("run_log", ("l",), "log", "All that Ansible wrote.", "Runs", RUN, footer=6),
    Action("run_cancel", ("x",), "cancel", "End a run; what is done stays.", "Runs", RUN,
           change=Kind.CANCEL_RUN, footer=7, needs=Need.LIVE_RUN),
    Action("run_retry", ("r",), "retry", "Run once more for those that are not done.", "Runs",
           RUN, change=Kind.RETRY_RUN, footer=8, needs=Need.UNFINISHED_RUN),
    Action("mark", ("space",), "mark", "Mark it: L, p, c and U act on all marked here.", "Nodes",
           frozenset({"nodes"}), footer=6, needs=Need.CHOSEN),
    Action("mark_line", ("space",), "mark", "Mark it: S and y take all lines that are marked.",
           "View", frozenset({"log"}), footer=2, needs=Need.CHOSEN),
    Action("mark_all", ("ctrl+a",), "mark all", "Mark every node shown, or none.", "Nodes",
           frozenset({"nodes"})),
    Action("mark_range", ("M",), "mark range", "Mark all from the one before to here.",
           "Nodes", frozenset({"nodes"})),
    Action("forget", ("c",), "forget", "Forget a Pi and its host key.", "Nodes", NODES,
           change=Kind.FORGET_MACHINE, command="forget", argument="[NODE]", footer=3,
           needs=Need.PI),
    Action("card", ("W",), "write card", "Fill a fresh card; its Pi then lets squarm in by itself.",
           "Nodes", change=Kind.WRITE_CARD, command="card", argument="[DEVICE|FOLDER|IMAGE]"),
    Action("add", (), "add", "Watch a Pi by its address or name.", "Nodes",
           change=Kind.ADD_MACHINE, command="add", argument="ADDRESS"),
    Action("sweep", (), "sweep", "Knock at every address of the local network.", "Nodes",
           change=Kind.SWEEP, command="sweep", argument="[RANGE]"),
    Action("interface", (), "interface", "Look for Pis on this network.", "Nodes",
           command="interface", argument="NAME"),
    Action("share", ("S",), "share", "Show what would go to Slack; Enter sends it.", "Slack",
           JOBS | NODES | {"squares", "square", "log", "units"},
           change=Kind.SHARE, command="share", argument="[screen]", footer=2, needs=Need.AT_HAND),
    Action("images", ("I",), "image", "What jobs run from, on each node; a new one's rollout.",
           "Image", command="images"),
    Action("image_follow", ("f",), "follow", "Follow an image in a registry.", "Image", IMAGES,
           change=Kind.FOLLOW_IMAGE, command="image-follow",
           argument="[HOST/NAME:TAG] [--signed-by FILE|--unsigned]", footer=7, needs=Need.SWARM),
    Action("image_check", ("c",), "check", "Ask the registry whether it has a newer one.",
           "Image", IMAGES, change=Kind.CHECK_IMAGE, command="image-check", footer=3,
           needs=Need.FOLLOWED),
    Action("image_roll", ("r",), "roll out", "Roll out what the registry has, refused or not.",
           "Image", IMAGES, change=Kind.ROLL_IMAGE, command="image-roll", footer=8,
           needs=Need.FOLLOWED),
    Action("image_pin", ("p",), "pin", "Roll out one digest, and stay with it.", "Image", IMAGES,
           change=Kind.PIN_IMAGE, command="image-pin", argument="[sha256:…]", footer=4,
           needs=Need.FOLLOWED),
    Action("image_load", ("l",), "load", "Bring an image to the nodes without a registry.",
           "Image", IMAGES, change=Kind.LOAD_IMAGE, command="image-load", argument="[FILE|NAME …]",
           footer=4, needs=Need.SWARM),
    Action("image_load_cancel", ("x",), "cancel", "End a load: jobs run from what they did before.",
           "Image", IMAGES, command="image-load-cancel", footer=9, needs=Need.LOADING),
    Action("image_roll_back", ("b",), "roll back", "New jobs run from the image before.",
           "Image", IMAGES, change=Kind.ROLL_BACK_IMAGE, command="image-roll-back", footer=5,
           needs=Need.ROLLED_OUT),
    Action("image_unfollow", ("u",), "unfollow",
           "Follow none: jobs run from what nodes were given.", "Image", IMAGES,
           change=Kind.UNFOLLOW_IMAGE, command="image-unfollow", footer=1,
           needs=Need.ROLLED_OUT),
    Action("image_tidy", ("t",), "tidy", "Remove from all nodes the images that nothing needs.",
           "Image", IMAGES, change=Kind.TIDY_IMAGES, command="image-tidy", footer=1,
           needs=Need.ROLLED_OUT),
    Action("image_history", ("H",), "history", "What became of each image.", "Image", IMAGES,
           command="image-history", footer=2),
    Action("outbox", (), "outbox", "What waits for Slack.", "Slack", command="outbox"),
    Action("outbox_retry", ("r",), "retry", "Send a message again.", "Slack",
           frozenset({"outbox"}), change=Kind.RETRY_MESSAGE, footer=8, needs=Need.CHOSEN),
    Action("outbox_drop", ("x",), "drop", "Give a message up.", "Slack",
           frozenset({"outbox"}), change=Kind.DROP_MESSAGE, footer=7, needs=Need.CHOSEN),
    Action("open", ("enter",), "open", "Open a job, a node, a square, a line.", "View", LISTS,
           command="open", argument="[JOB|NODE|SQUARE]", footer=8,
           needs=Need.CHOSEN),
    Action("describe", ("d",), "describe", "Say everything known about it.", "View",
           JOBS | {"nodes", "map", "squares", "square"},
           command="describe", argument="[JOB|NODE|SQUARE]", footer=5,
           needs=Need.AT_HAND),
    Action("copy", ("y",), "copy", "Copy the square, the line, the name.", "View",
           command="copy", footer=1, needs=Need.CHOSEN),
    Action("filter", ("/",), "filter", "Show only what contains these words.", "View",
           LISTS | RUN | PLAN | {"page", "outbox", "images", "pulse"}, command="filter",
           argument="[WORDS]", footer=6, needs=Need.ITEM),
    Action("sort", ("o",), "sort", "Sort by the next column.", "View", TABLES, footer=3,
           needs=Need.ITEM),
    Action("reverse", ("O",), "turn around", "Sort the other way round.", "View", TABLES,
           needs=Need.ITEM),
    Action("highlight", ("t",), "light", "Light pairs one by one, transversals, intercalates.",
           "View", frozenset({"square"}), footer=7),
    Action("next", (".",), "next", "To the next of what is lit, or found.", "View",
           frozenset({"square", "log"}), footer=3),
    Action("previous", ("comma",), "previous", "To the one before.", "View",
           frozenset({"square", "log"})),
    Action("compare", ("=",), "compare", "With the next square chosen so; twice: its own two.",
           "View", frozenset({"squares", "square"}), command="compare",
           argument="[SQUARE] [SQUARE]", footer=3, needs=Need.CHOSEN),
    Action("export", ("e",), "export", "Write what is shown to a file: picture, lines, table.",
           "View", TABLES | {"squares", "square", "compare", "log"}, change=Kind.WRITE_FILE,
           command="export", argument="[FILE]", footer=3, needs=Need.ITEM),
    Action("follow", ("f",), "follow/hold", "Hold the log still, or follow it again.", "View",
           frozenset({"log"}), command="follow", footer=6),
    Action("json", ("J",), "JSON/words", "Records as they are written, or in words.", "View",
           frozenset({"log"}), command="json", footer=4),
    Action("find", ("F",), "find", "Go to lines with these words; . and , to the others.", "View",
           frozenset({"log"}), command="find", argument="[WORDS]", footer=4, needs=Need.ITEM),
    Action("level", ("v",), "level", "All lines; finds and ends; only what is wrong.", "View",
           frozenset({"log"}), footer=3),
    Action("wrap", ("w",), "wrap", "Fold long lines, or cut them.", "View", frozenset({"log"}),
           footer=2),
    Action("times", ("t",), "time", "Show when lines were written, or not.", "View",
           frozenset({"log"}), footer=1),
    Action("draw_line", ("m",), "draw line", "Draw a line below the newest, with the time.", "View",
           frozenset({"log"}), footer=1),
    Action("clear", ("C",), "clear", "Show only what comes from now on; Esc shows all again.",
           "View", frozenset({"log"}), footer=1),
    Action("pane_1", ("1",), "first pane", "Nodes; on a job, its units.", "Move"),
    Action("pane_2", ("2",), "second pane", "Jobs; a job's squares; the map.", "Move"),
    Action("pane_3", ("3",), "third pane", "Squares; on a job, its log.", "Move"),
    Action("pane_4", ("4",), "fourth pane", "The log of all jobs.", "Move"),
    Action("zoom", ("z",), "zoom", "The chosen pane alone, or with the others again.", "Move"),
    Action("next_pane", ("tab",), "next pane", "Go to the next pane.", "Move"),
    Action("previous_pane", ("shift+tab",), "previous pane", "Go to the pane before.", "Move"),
    Action("down", ("j", "down"), "down", "One down.", "Move"),
    Action("up", ("k", "up"), "up", "One up.", "Move"),
    Action("left", ("h", "left"), "left", "One to the left; a newer square.", "Move"),
    Action("right", ("right",), "right", "One to the right; an older square.", "Move"),
    Action("page_down", ("pagedown", "ctrl+f"), "page down", "A screenful down.", "Move"),
    Action("page_up", ("pageup", "ctrl+b"), "page up", "A screenful up.", "Move"),
    Action("first", ("g", "home"), "first", "To the first; to the newest square.", "Move"),
    Action("last", ("G", "end"), "last", "To the last; follows the log again.", "Move"),
    Action("nodes", ("N",), "nodes", "All nodes, and the map of the swarm.", "Console",
           command="nodes", footer=5),
    Action("pulse", ("T",), "last hour", "What each node found, its heat, what held it: an hour.",
           "Console", command="pulse"),
    Action("jobs", (), "jobs", "Go to the jobs.", "Console", command="jobs"),
    Action("squares", (), "squares", "Go to the squares; all of an order, a job, a main class.",
           "Console", command="squares", argument="[ORDER|JOB|CLASS]"),
    Action("triples", (), "triples", "The leaderboard of triples of order 10.", "Console",
           command="triples"),
    Action("command", (":",), "command", "Type a command; Tab completes it.", "Console", footer=6),
    Action("palette", ("ctrl+p",), "palette", "Search all actions by words.", "Console"),
    Action("back", ("escape",), "back", "Clear the filter, close, go back.", "Console",
           footer=10, needs=Need.WAY_BACK),
    Action("redraw", ("ctrl+l",), "redraw", "Draw the screen anew, if something wrote over it.",
           "Console", command="redraw"),
    Action("dump", ("ctrl+s",), "dump", "Write the screen to a file, as SVG.", "Console",
           change=Kind.WRITE_FILE, command="dump"),
    Action("mouse", (), "mouse", "Leave the mouse to the terminal, or take it back.", "Console",
           command="mouse"),
    Action("suspend", ("ctrl+z",), "suspend", "Back to the shell; fg there comes back here.",
           "Console"),
    Action("help", ("?",), "help", "What keys do here, and all there are.", "Console",
           command="help", footer=11),
    Action("quit", ("q", "ctrl+c", "ctrl+q"), "quit", "Leave; on a swarm, jobs go on.", "Console",
           command="quit", footer=12),
)
# fmt: on

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}


def use_keys(keys: Mapping[str, tuple[str, ...]]) -> None:
    """Keys of the user's own, by the actions' ids; for modules that are imported from now on."""
    global ACTIONS, BY_ID  # noqa: PLW0603 - once, before anything else knows of them
    ACTIONS = _with_keys(keys)
    BY_ID = {action.id: action for action in ACTIONS}


def mistakes_in_keys(keys: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """An action's id and a sentence for each key that cannot be."""
    mistakes = [
        (name, f"{name!r} is no action: docs/reference/keys.md names them.")
        for name in keys
        if name not in BY_ID
    ]
    actions = _with_keys(keys)
    for one, other in combinations(actions, 2):
        both = not one.where or not other.where or not one.where.isdisjoint(other.where)
        if both and (shared := set(one.keys) & set(other.keys)) and {one.id, other.id} & set(keys):
            mine, theirs = (one, other) if one.id in keys else (other, one)
            key = key_name(min(shared))
            mistakes.append((mine.id, f"{key} is the key of {theirs.title!r} ({theirs.id}), too."))
    return mistakes


def _with_keys(keys: Mapping[str, tuple[str, ...]]) -> tuple[Action, ...]:
    return tuple(
        replace(action, keys=keys[action.id]) if action.id in keys else action for action in ACTIONS
    )


GROUPS = ("Jobs", "Nodes", "Runs", "Image", "Slack", "View", "Move", "Console")

_KEY_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "delete": "Del",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "space": "Space",
    "comma": ",",
}


def key_name(key: str) -> str:
    """A key as printed on it."""
    if key.startswith("ctrl+"):
        return f"Ctrl-{key[5:].upper()}"
    return _KEY_NAMES.get(key, key)


def by_group() -> Iterator[tuple[str, list[Action]]]:
    """The actions as help shows them."""
    for group in GROUPS:
        yield group, [action for action in ACTIONS if action.group == group]


def usable_actions(
    where: Collection[str], *, met: Collection[Need], read_only: bool
) -> list[Action]:
    """Those that do something there now; `met`: what is so there."""
    return [
        action
        for action in ACTIONS
        if action.applies(where)
        and (action.needs is None or action.needs in met)
        and not (read_only and action.change)
    ]


def footer_actions(
    where: Collection[str], *, met: Collection[Need], read_only: bool
) -> list[Action]:
    """What the footer offers, most important first; `met`: what is so there."""
    usable = usable_actions(where, met=met, read_only=read_only)
    offered = [action for action in usable if action.footer]
    return sorted(offered, key=lambda action: -action.footer)


def markdown() -> str:
    """The key tables of docs/reference/keys.md, one a group."""
    lines = []
    for group, actions in by_group():
        lines += [f"## {group}", "", "| key | command | what it does |", "|---|---|---|"]
        for action in actions:
            keys = " ".join(f"`{key_name(key)}`" for key in action.keys)
            command = f"`:{' '.join(filter(None, (action.command, action.argument)))}`"
            shown = command.replace("|", "\\|") if action.command else ""
            lines.append(f"| {keys} | {shown} | {action.help} |")
        lines.append("")
    return "\n".join(lines)
