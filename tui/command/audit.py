"""`squarm audit`: who changed what, when, and what came of it."""

import argparse
import json
import time
from dataclasses import asdict

from base.audit import Audit, AuditEntry
from tui.command.messages import say
from tui.command.options import add_limit, read_limit
from tui.command.parser import Parser


def add(parser: Parser) -> None:
    """Define its options."""
    add_limit(parser, 50)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=audit)
    parser.add_examples(
        ("squarm audit", "the last 50 changes, the newest at the end"),
        ("squarm audit --limit all --json", "all of them, for a program"),
    )


def audit(arguments: argparse.Namespace) -> int:
    """Print the last entries, oldest first; raises UsageError and AuditError."""
    count = read_limit(arguments)
    log = Audit()
    entries = log.read(count)
    if not entries:
        say(f"Nothing has been changed yet, as far as {log.path} tells.")
    for entry in entries:
        print(json.dumps(asdict(entry), separators=(",", ":")) if arguments.json else _line(entry))
    return 0


def _line(entry: AuditEntry) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    said = f": {entry.said}" if entry.said else ""
    return f"{when}  {entry.who:<12}  {entry.what:<13}  {entry.target:<30}  {entry.result}{said}"
