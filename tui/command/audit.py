"""`squarm audit`: who changed what, when, and what came of it."""

import argparse
import json
import time
from dataclasses import asdict

from base.audit import Audit, AuditEntry
from base.errors import UsageError
from swarm.job import parse_whole
from tui.command.messages import say


def add(parser: argparse.ArgumentParser) -> None:
    """Define its options."""
    parser.add_argument("--limit", metavar="N", default="50", help="at most so many (default: 50)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=audit)


def audit(arguments: argparse.Namespace) -> int:
    """Print the last entries, oldest first: 1 where there are none."""
    count = parse_whole("limit", arguments.limit)
    if count < 1:
        raise UsageError(f"Limit must be 1 or more: {count} is not.")
    log = Audit()
    entries = log.read(count)
    if not entries:
        say(f"Nothing has been changed yet, as far as {log.path} tells.")
        return 1
    for entry in entries:
        print(json.dumps(asdict(entry), separators=(",", ":")) if arguments.json else _line(entry))
    return 0


def _line(entry: AuditEntry) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    said = f": {entry.said}" if entry.said else ""
    return f"{when}  {entry.who:<12}  {entry.what:<10}  {entry.target:<30}  {entry.result}{said}"
