"""What `squarm audit` understands."""

from tui.command.verbs import AddVerb


def add_audit(verb: AddVerb) -> None:
    """Define the verb."""
    parser = verb("audit", "say who changed what, when, and what came of it")
    parser.add_argument("--limit", metavar="N", default="50", help="at most so many (default: 50)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
