"""The image that jobs run from, in lines: how its rollout stands, and what to do where none is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.console.render.labels import labelled, moment
from tui.console.render.spans import Line
from tui.console.render.theme import BAD, DIM, GOOD, KEY, PLAIN, STRONG, VALUE, WARN

if TYPE_CHECKING:
    from swarm.docker.rollout.history import Event
    from swarm.docker.rollout.rollouts import Status

_LABEL = 12
_STYLES = {"follows": STRONG, "on its way": GOOD, "refused": BAD}

NOT_ASKED: Sequence[Line] = [[("The swarm is being asked …", DIM)]]
SOLVER_HERE: Sequence[Line] = [
    labelled("jobs use", "the solver that is installed here", PLAIN, _LABEL)
]
NO_SWARM: Sequence[Line] = [
    [("Jobs run on this machine alone, where no image is needed. A swarm's", DIM)],
    [
        ("nodes run them from one: squarm provision, or ", DIM),
        ("N", KEY),
        (", makes such nodes.", DIM),
    ],
]
NOT_FOLLOWED: Sequence[Line] = [
    [("New jobs run from the image that nodes were given by squarm provision.", DIM)],
    [("f", KEY), (" follows one in a registry: what is put there is tested on each", DIM)],
    [("node, then new jobs run from it. The same: :image-follow HOST/NAME:TAG", DIM)],
    [("l", KEY), (" loads one from a file, or from Docker here, where there is no registry.", DIM)],
]
NOT_ROLLED_OUT: Sequence[Line] = [
    [("Nothing was rolled out yet. ", PLAIN), ("r", KEY), (" rolls out what is there now.", DIM)]
]
NO_HISTORY: Sequence[Line] = [
    [("Nothing was rolled out from here yet. ", PLAIN), ("I", KEY), (" leads to the image.", DIM)]
]


def image_page(status: "Status | None", problem: str = "", loading: str = "") -> Sequence[Line]:
    """How it stands, as far as it was told; `problem`: why nothing newer is known.

    `loading`: what is loaded from here, and how far it is, '' for nothing.
    """
    news: list[Line] = [labelled("loading", loading, GOOD, _LABEL)] if loading else []
    if problem:
        news.append([(f"▲ {problem}", WARN)])
    if status is None:
        return news
    if status.rollout.empty:
        return [labelled("follows", "no image in a registry", PLAIN, _LABEL), *news]
    from swarm.docker.rollout.progress import facts

    lines = [
        labelled(label, words, _STYLES.get(label, PLAIN), _LABEL) for label, words in facts(status)
    ]
    if status.waiting and not loading:
        style = BAD if status.failing else WARN
        lines.append(labelled("now", status.waiting, style, _LABEL))
    return [*lines, *news]


def history_page(events: Sequence["Event"]) -> Sequence[Line]:
    """What became of each image, newest first."""
    return [_event(event) for event in events] or NO_HISTORY


def _event(event: "Event") -> Line:
    words = f"{event.image}  {event.why}".rstrip()
    return [(f"{moment(event.at)}  ", DIM), (f"{event.event:<14} ", VALUE), (words, PLAIN)]
