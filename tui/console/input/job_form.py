"""From what a user types to a job: shared by the form and the `:new` command."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from base.text import size_text
from results.reports import Snapshot, UnitState
from solver.question import AUTO, MOST_RECORDED, SOURCES, Question
from swarm.engine import NodeView
from swarm.job import MAX_REPLICAS, JobSpec, SpecError, new_seed, spec_errors
from swarm.job_values import parse_decimal, parse_memory, parse_order, parse_seconds, parse_whole
from swarm.placement import parse_rules
from tui.console.render.job_page import filters_text
from tui.console.render.spans import bytes_text

_OPTION = re.compile(r"--(?=[a-z])")


@dataclass(frozen=True, slots=True)
class JobField:
    """One thing to fill in."""

    name: str
    label: str
    default: str
    hint: str
    usual: tuple[str, ...] = ()
    """Values that are offered."""


_SOURCES = tuple(source for source in SOURCES if source != "file")
_LIMITS = ("90s", "10m", "2h")
FILTERS = (
    *("diagonal", "odls", "dsodls", "esodls", "self-orthogonal"),
    *("subsquare=", "transversals=", "triple"),
)
"""Filters as they are typed; `=` wants a number."""


class Filters(TypedDict, total=False):
    """The fields of a job that its filters are."""

    diagonal: bool
    odls: bool
    dsodls: bool
    esodls: bool
    self_orthogonal: bool
    subsquare: int
    transversals: int
    triple: bool


FIELDS: tuple[JobField, ...] = (
    JobField("order", "order", "10", f"1 to {MOST_RECORDED}"),
    JobField("count", "count", "20", "how many pairs are wanted in all"),
    JobField("mols", "mols", "2", "squares, every two of them orthogonal", ("2", "3")),
    JobField(
        "source", "source", AUTO, "auto, construct, turn, random, symmetric, exhaust", _SOURCES
    ),
    JobField("mates", "mates", "", "sets from one square, at most"),
    JobField(
        "filters",
        "filters",
        "",
        "diagonal, self-orthogonal, subsquare=3, transversals=900, triple",
        ("", "diagonal", "odls", "self-orthogonal", "subsquare=3", "transversals=900", "triple"),
    ),
    JobField("replicas", "replicas", "2", "how many units run at a time"),
    JobField("cpus", "cpus", "1", "cores for each, such as 0.5", ("0.5", "1", "2")),
    JobField(
        "memory", "memory", "128M", "for each, such as 64M or 1G", ("64M", "128M", "256M", "1G")
    ),
    JobField("where", "where", "", "nodes by label, such as arch=aarch64, memory>=4G"),
    JobField("seed", "seed", "", "random if empty; same seed, same squares"),
    JobField("seconds", "time limit", "", "for each unit, such as 90s, 10m or 2h", _LIMITS),
)


def defaults(nodes: tuple[NodeView, ...]) -> dict[str, str]:
    """What stands in an untouched form: one replica for each core that takes tasks."""
    texts = {field.name: field.default for field in FIELDS}
    cores = sum(n.cpus for n in _usable(nodes))
    if cores:
        texts["replicas"] = str(min(MAX_REPLICAS, cores))
    return texts


def texts_of(spec: JobSpec) -> dict[str, str]:
    """What would be typed for such a job, but for the seed: the same one finds the same."""
    asked = spec.question
    return {
        "order": str(spec.order),
        "count": str(spec.count),
        "mols": str(asked.mols),
        "source": asked.source,
        "mates": str(asked.mates or ""),
        "filters": filters_text(spec),
        "replicas": str(spec.replicas),
        "cpus": f"{spec.cpus:g}",
        "memory": bytes_text(spec.memory),
        "where": spec.where,
        "seed": "",
        "seconds": f"{spec.seconds}s" if spec.seconds else "",
    }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job would run: its machines, and what one unit found there in a minute."""

    name: str
    nodes: tuple[NodeView, ...] = ()
    rates: Mapping[Question, float] = field(default_factory=dict)


def place_of(snapshot: Snapshot | None) -> Place:
    """The place as it is now; rates are those of the last jobs there that were seen to run."""
    if snapshot is None:
        return Place("the engine")
    rates: dict[Question, float] = {}
    for row in sorted(snapshot.jobs, key=lambda row: row.job.created):
        running = sum(unit.state is UnitState.RUNNING for unit in row.units)
        now = row.rate / running if row.job.state.live and running else 0.0
        if each := row.pace or now:
            rates[row.job.spec.question] = each
    return Place(snapshot.place, snapshot.nodes, rates)


def at_once(spec: JobSpec) -> int:
    """How many units run at a time, where there is room."""
    return min(spec.replicas, spec.units)


def minutes(spec: JobSpec, place: Place) -> float:
    """How long it is likely to take; 0 where nothing like it was seen to run."""
    rate = 0.0 if spec.question.triple else place.rates.get(spec.question, 0.0)
    return spec.count / (rate * at_once(spec)) if rate else 0.0


def beyond(spec: JobSpec, place: Place) -> str:
    """A sentence where the machines have no room for all that is to run at a time; '' else."""
    usable = _usable(place.nodes)
    if not usable:
        return ""
    room = sum(min(int(n.cpus / spec.cpus), n.memory // spec.memory) for n in usable)
    if room == 0:
        cpus, memory = max(n.cpus for n in usable), max(n.memory for n in usable)
        return (
            f"No machine has room for a unit of {spec.cpus:g} cpus and {size_text(spec.memory)}: "
            f"the largest has {cpus:g} and {size_text(memory)}."
        )
    if room < at_once(spec):
        return f"There is room for {room} units at a time on the machines; the others wait."
    return ""


def _usable(nodes: tuple[NodeView, ...]) -> list[NodeView]:
    return [n for n in nodes if n.state == "ready" and n.availability == "active"]


def what_is_counted(spec: JobSpec) -> str:
    """What the number of a job's finds is of, as the hint beside it."""
    if spec.question.count_mates:
        return "parts of its count, each once"
    if spec.question.triple:
        return "how many triples are wanted in all"
    sets = "pairs" if spec.question.mols == 2 else f"sets of {spec.question.mols}"
    return f"how many {sets} are wanted in all"


def spec_from_texts(texts: Mapping[str, str], like: JobSpec | None = None) -> JobSpec:
    """The job asked for; raises SpecError naming the field that is wrong.

    `like`: an earlier job, whose squares the source `file` stands for.
    """
    seed = texts["seed"].strip()
    filters = parse_filters(texts["filters"])
    source = texts["source"].strip() or AUTO
    carried = Question()
    if source == "file":
        if like is None or not like.question.squares:
            raise SpecError("source", "Squares of a file: squarm run --file FILE, in a shell.")
        carried = like.question
        if carried.count_mates and texts["count"].strip() != str(like.count):
            raise SpecError("count", f"Its square's count has {like.count:,} parts: leave it so.")
    try:
        with spec_errors():
            question = Question(
                order=parse_order(texts["order"]),
                mols=parse_whole("mols", texts["mols"]),
                source=source,
                mates=parse_whole("mates", texts["mates"].strip() or "0"),
                squares=carried.squares,
                count_mates=carried.count_mates,
                **filters,
            )
        where = texts["where"].strip()
        parse_rules(where)
        return JobSpec(
            question,
            count=parse_whole("count", texts["count"]),
            replicas=parse_whole("replicas", texts["replicas"]),
            cpus=parse_decimal("cpus", texts["cpus"]),
            memory=parse_memory(texts["memory"]),
            seed=parse_whole("seed", seed) if seed else new_seed(),
            seconds=parse_seconds(texts["seconds"].strip() or "0"),
            where=where,
        )
    except SpecError as error:
        # The form has one field for all filters.
        if error.field in Filters.__annotations__:
            raise SpecError("filters", _typed(error)) from None
        # What an earlier job brought stands for its source.
        field = error.field if error.field in texts else "source"
        raise SpecError(field, _typed(error)) from None


def wrong_fields(texts: Mapping[str, str], like: JobSpec | None = None) -> dict[str, str]:
    """By field, what is wrong with it by itself; where nothing is, what is wrong between them."""
    whole = _wrong(texts, like)
    if whole is None:
        return {}
    usual = {field.name: field.default for field in FIELDS}
    # What an earlier job brought is no field's own.
    alone = {name: _wrong({**usual, name: texts[name]}, None) for name in usual}
    found = {name: str(error) for name, error in alone.items() if error and error.field == name}
    if texts["source"].strip() == "file":
        found.pop("source", None)
    return found or {whole.field: str(whole)}


def _wrong(texts: Mapping[str, str], like: JobSpec | None) -> SpecError | None:
    try:
        spec_from_texts(texts, like)
    except SpecError as error:
        return error
    return None


def _typed(error: SpecError) -> str:
    """The sentence with fields named as they are here, not as the options of a shell."""
    said = str(error)
    return said if "squarm " in said else _OPTION.sub("", said)


def spec_from_command(argument: str, texts: dict[str, str]) -> JobSpec:
    """The job of `:new 10 count=5 diagonal`; what is not named is taken from `texts`."""
    for position, word in enumerate(argument.split()):
        name, equals, value = word.partition("=")
        if name + equals in FILTERS:
            texts["filters"] = f"{texts['filters']} {word}"
        elif not equals and position == 0:
            texts["order"] = word
        elif equals and name in texts:
            texts[name] = value
        else:
            known = ", ".join(field.name for field in FIELDS)
            raise SpecError(
                "spec",
                f"{word[:40]!r} is not understood: use NAME=VALUE with {known}, or a filter.",
            )
    return spec_from_texts(texts)


def parse_filters(text: str) -> Filters:
    """The filters in words such as `diagonal, subsquare=3`; raises SpecError."""
    filters = Filters()
    for word in re.split(r"[,\s]+", text.strip()) if text.strip() else ():
        name, equals, value = word.partition("=")
        match name, bool(equals):
            case "diagonal", False:
                filters["diagonal"] = True
            case "odls", False:
                filters["odls"] = True
            case "dsodls", False:
                filters["dsodls"] = filters["diagonal"] = filters["self_orthogonal"] = True
            case "esodls", False:
                filters["esodls"] = filters["odls"] = True
            case "self-orthogonal", False:
                filters["self_orthogonal"] = True
            case "triple", False:
                filters["triple"] = True
            case "subsquare", True:
                filters["subsquare"] = _filter_number(name, value)
            case "transversals", True:
                filters["transversals"] = _filter_number(name, value)
            case _:
                raise SpecError(
                    "filters",
                    f"{word[:40]!r} is no filter: use diagonal, odls, dsodls, esodls, "
                    "self-orthogonal, subsquare=3, transversals=900 or triple.",
                )
    return filters


def _filter_number(name: str, text: str) -> int:
    try:
        return parse_whole(name, text)
    except SpecError as error:
        raise SpecError("filters", str(error)) from None
