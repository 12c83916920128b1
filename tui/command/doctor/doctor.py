"""`squarm doctor`: whether all that squarm needs is there and well, one line each."""

import argparse
import json
from dataclasses import asdict

from base import log_file
from tui.command.doctor import files, network, software, swarm
from tui.command.doctor.examination import Diagnosis, Examination, Judged, Verdict, examine
from tui.command.parser import Parser
from tui.command.slack.slack_options import add_settings, read_settings


def add(parser: Parser) -> None:
    """Define its options."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_settings(parser)
    parser.set_defaults(run=doctor)
    parser.add_examples(
        ("squarm doctor", "what is there, what is not, and what to do about it"),
        ("squarm doctor --json", "for a program"),
    )


def doctor(arguments: argparse.Namespace) -> int:
    """Examine everything and print it as it comes: 1 where something is broken."""

    def slack() -> Judged:
        return files.slack(read_settings(arguments))

    log_file.start("doctor", debug=arguments.debug)
    broken = False
    for diagnosis in examine(
        (
            Examination("Python", software.python),
            Examination("solver", software.search, software.SOLVER_SECONDS),
            Examination("packages", software.packages),
            Examination("Docker", swarm.docker),
            Examination("swarm", swarm.swarm),
            Examination("network", lambda: network.interface(arguments.interface)),
            Examination("mDNS", lambda: network.mdns(arguments.interface)),
            Examination("Ansible", software.ansible),
            Examination("results", lambda: files.results(arguments.results)),
            Examination("folders", files.folders),
            Examination("disk", files.disk),
            Examination("Slack", slack),
            Examination("log", files.log),
        )
    ):
        print(json.dumps(asdict(diagnosis)) if arguments.json else _line(diagnosis), flush=True)
        broken = broken or diagnosis.verdict is Verdict.BROKEN
    return 1 if broken else 0


def _line(diagnosis: Diagnosis) -> str:
    return f"{diagnosis.verdict:<8} {diagnosis.name:<9} {diagnosis.sentence}"
