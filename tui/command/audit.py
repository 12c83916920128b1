"""`squarm audit`: who changed what, when, and what came of it."""

import json
import time
from dataclasses import asdict

from base.audit import Audit, AuditEntry
from base.errors import UsageError
from swarm.job import parse_whole
from tui.command.looking import refusals
from tui.command.speech import say


def audit(limit: str, *, as_json: bool) -> int:
    """Print the last entries, oldest first: 1 where there are none."""
    count = parse_whole("limit", limit)
    if count < 1:
        raise UsageError(f"Limit must be 1 or more: {count} is not.")
    with refusals():
        log = Audit()
        entries = log.read(count)
    if not entries:
        say(f"Nothing has been changed yet, as far as {log.path} tells.")
        return 1
    for entry in entries:
        print(json.dumps(asdict(entry), separators=(",", ":")) if as_json else _line(entry))
    return 0


def _line(entry: AuditEntry) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    said = f": {entry.said}" if entry.said else ""
    return f"{when}  {entry.who:<12}  {entry.what:<10}  {entry.target:<30}  {entry.result}{said}"
