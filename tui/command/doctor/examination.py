"""Examinations: each looks at one thing, all side by side, none for longer than it may."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from base.errors import SquarmError

_LOG = logging.getLogger(__name__)


class Verdict(StrEnum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


class Judged(NamedTuple):
    """How it is, and one sentence: what is, and, where it is not well, the way out."""

    verdict: Verdict
    sentence: str


def ok(sentence: str) -> Judged:
    """It is as it should be."""
    return Judged(Verdict.OK, sentence)


def warning(sentence: str) -> Judged:
    """Something does not work that squarm can do without."""
    return Judged(Verdict.WARNING, sentence)


def broken(sentence: str) -> Judged:
    """Something must be put right."""
    return Judged(Verdict.BROKEN, sentence)


@dataclass(frozen=True, slots=True)
class Examination:
    """`work` looks at what is called `name`; it may raise SquarmError, and take so many seconds."""

    name: str
    work: Callable[[], Judged]
    seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How what was examined is, and one sentence about it."""

    name: str
    verdict: Verdict
    sentence: str


def examine(examinations: Sequence[Examination]) -> Iterator[Diagnosis]:
    """The diagnoses in this order, each as soon as it and those before it are there."""
    began = time.monotonic()
    answers = [_begin(examination.work) for examination in examinations]
    for examination, answer in zip(examinations, answers, strict=True):
        left = began + examination.seconds - time.monotonic()
        try:
            judged = answer.get(timeout=max(0.0, left))
        except queue.Empty:
            judged = broken(f"There was no answer within {examination.seconds:g} seconds.")
        yield Diagnosis(examination.name, *judged)


def _begin(work: Callable[[], Judged]) -> "queue.SimpleQueue[Judged]":
    """Starts it in a thread that nobody waits for: what hangs must not keep squarm from ending."""
    answer: queue.SimpleQueue[Judged] = queue.SimpleQueue()
    threading.Thread(target=lambda: answer.put(_judged(work)), daemon=True).start()
    return answer


def _judged(work: Callable[[], Judged]) -> Judged:
    try:
        return work()
    except SquarmError as error:
        return broken(str(error))
    except Exception as error:  # noqa: BLE001 - the others are to go on
        _LOG.exception("An examination has failed")
        name = type(error).__name__
        return broken(f"This could not be examined, by squarm's own fault ({name}).")
