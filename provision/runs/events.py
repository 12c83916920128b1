"""What a provisioning run tells, as it is kept in its folder: one JSON object a line. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from base.errors import MALFORMED
from base.text import clean_text

TEXT_LIMIT = 600
_NAME_LIMIT = 120


class AnsibleTaskState(StrEnum):
    """What became of one task on one machine."""

    STARTED = "started"
    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


class RunState(StrEnum):
    """What became of a run, as shown to the user."""

    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Some machine is not done; the others are."""
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Its process is gone and has not said why: a power cut, for instance."""


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """A task of a role began or ended on a machine; `message`: why it failed.

    `handler`: it was notified, and so runs late, and even where the machine has failed.
    """

    at: float
    host: str
    role: str
    task: str
    state: AnsibleTaskState
    message: str = ""
    handler: bool = False


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run's last event: what became of it, and of which machines Ansible says they failed."""

    at: float
    state: RunState
    failed: tuple[str, ...] = ()
    message: str = ""


RunEvent = TaskEvent | RunEnd


def encode(event: RunEvent) -> str:
    """The event's line, newline and all."""
    body: dict[str, object] = {"at": event.at}
    if isinstance(event, TaskEvent):
        body |= {"host": event.host, "role": event.role, "task": event.task, "state": event.state}
        body |= {"handler": True} if event.handler else {}
    else:
        body |= {"end": event.state, "failed": event.failed}
    if event.message:
        body["message"] = event.message
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False) + "\n"


def decode(line: bytes) -> RunEvent | None:
    """The event of a line; None for anything else."""
    try:
        body = json.loads(line)
    except MALFORMED:
        return None
    try:
        at, message = float(body["at"]), _text(body.get("message"), TEXT_LIMIT)
        if "end" in body:
            failed = tuple(_text(host, _NAME_LIMIT) for host in body["failed"])
            return RunEnd(at, RunState(body["end"]), failed, message)
        host, role, task = (_text(body[key], _NAME_LIMIT) for key in ("host", "role", "task"))
        state, handler = AnsibleTaskState(body["state"]), body.get("handler") is True
        return TaskEvent(at, host, role, task, state, message, handler)
    except MALFORMED:
        return None


def from_runner(event: Mapping[str, Any], at: float) -> TaskEvent | None:
    """What one of ansible-runner's events says of one machine; None for all the others."""
    data = event.get("event_data")
    data = data if isinstance(data, Mapping) else {}
    host = data.get("host")
    states = {
        "runner_on_start": AnsibleTaskState.STARTED,
        "runner_on_ok": AnsibleTaskState.OK,
        "runner_on_skipped": AnsibleTaskState.SKIPPED,
        "runner_on_failed": AnsibleTaskState.FAILED,
        "runner_on_unreachable": AnsibleTaskState.UNREACHABLE,
    }
    state = states.get(str(event.get("event")))
    if state is None or not isinstance(host, str):
        return None
    result = data.get("res")
    result = result if isinstance(result, Mapping) else {}
    message = ""
    # Of a task with no_log only what Ansible printed says whether it changed anything.
    shown = str(event.get("stdout") or "") if "censored" in result else ""
    changed = result.get("changed") is True or shown.lstrip().startswith("changed:")
    if state is AnsibleTaskState.OK and changed:
        state = AnsibleTaskState.CHANGED
    elif state is AnsibleTaskState.FAILED and data.get("ignore_errors"):
        state = AnsibleTaskState.OK
    elif state in (AnsibleTaskState.FAILED, AnsibleTaskState.UNREACHABLE):
        message = said(result)
    role, task = (_text(data.get(key), _NAME_LIMIT) for key in ("role", "task"))
    handler = "/handlers/" in str(data.get("task_path"))
    return TaskEvent(at, _text(host, _NAME_LIMIT), role, task, state, message, handler)


def said(result: Mapping[str, Any]) -> str:
    """Why a task failed, in one line, from its result; in squarm's words where they are known."""
    results = result.get("results")
    if isinstance(results, list):
        for item in results:
            if isinstance(item, Mapping) and (item.get("failed") or item.get("unreachable")):
                return said({key: value for key, value in item.items() if key != "results"})
    modules = result.get("failed_modules")
    if isinstance(modules, Mapping):
        # Facts are gathered by several modules in one task.
        for item in modules.values():
            if isinstance(item, Mapping):
                return said({key: value for key, value in item.items() if key != "failed_modules"})
    text = next(
        (
            str(value)
            for key in ("msg", "stderr", "module_stderr", "stdout", "module_stdout", "censored")
            if (value := result.get(key)) and not str(value).startswith(_EMPTY_WORDS)
        ),
        "its Python does not start: the log says which."
        if result.get("rc") == _NOT_FOUND
        else "it failed and does not say why.",
    )
    # What a task says of other connections, or of a key it has tried, is no word about the way in.
    of_ssh = result.get("unreachable") is True or text.startswith(_BY_SSH)
    for sign, sentence in _KNOWN + _NO_WAY_IN if of_ssh else _KNOWN:
        if sign in text:
            return sentence
    return _text(" ".join(text.split()), TEXT_LIMIT)


_NOT_FOUND = 127
"""The shell's exit status where there is no such program."""
_EMPTY_WORDS = (
    "All items completed",
    "MODULE FAILURE",
    "Module result deserialization failed",
    "One or more items failed",
    "non-zero return code",
)
_BY_SSH = "Failed to connect to the host via"
_KNOWN = (
    ("Invalid/incorrect password", "it refuses the password: give another."),
    ("Incorrect sudo password", "its sudo refuses the password: give another."),
    ("Duplicate become password", "its sudo refuses the password: give another."),
    ("incorrect authentication attempt", "its sudo refuses the password: give another."),
    ("incorrect password attempt", "its sudo refuses the password: give another."),
    ("interactive authentication is required", "its sudo asks for a password: give it."),
    ("Missing sudo password", "its sudo asks for a password: give it."),
    ("sudo: a password is required", "its sudo asks for a password: give it."),
)
_NO_WAY_IN = (
    ("Permission denied (", "it lets us in with no key or password that squarm has: give another."),
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", "its host key has changed: look at it first."),
    ("Host key verification failed", "its host key is not the trusted one: look at it first."),
    ("Connection timed out", "it does not answer: is it on, and is its cable in?"),
    ("No route to host", "it does not answer: is it on, and is its cable in?"),
    ("Timeout, server", "it has stopped answering: is it on, and is its cable in?"),
    ("Connection refused", "it refuses SSH: turn SSH on there."),
)


def _text(value: object, limit: int) -> str:
    return clean_text(value, limit).strip() if isinstance(value, str) else ""
