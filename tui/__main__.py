"""The `squarm` command: a verb of the command line, or the console."""

import argparse
import asyncio
import os
import sys

from base.errors import ChatError, EngineError, StoreError, UsageError
from solver import HOW_TO_COMPILE, VERSION, compiled
from swarm.job import SpecError
from tui.command import analyse_arguments
from tui.command.arguments import job_spec, parse, where
from tui.command.speech import say


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask; every way this can fail ends here, in one sentence."""
    try:
        code = _run(parse(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except (EngineError, StoreError, SpecError, UsageError, ChatError) as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has had enough, as `head` has; Python would complain once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        say(f"{error.filename or 'the output'} cannot be used: {error.strerror or error}.")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return code


def _run(arguments: argparse.Namespace) -> int:
    match arguments.verb:
        case "solve":
            from tui.command.solve import solve

            return solve(job_spec(arguments), arguments.format)
        case "results":
            from tui.command.results import results

            style = "json" if arguments.json else arguments.format
            return results(
                arguments.results,
                arguments.order,
                arguments.job,
                arguments.limit,
                style,
                distinct=arguments.distinct,
                triples=arguments.triples,
            )
        case "analyse":
            from tui.command.analyse import analyse

            cap = analyse_arguments.mates(arguments)
            together = analyse_arguments.mols(arguments)
            return analyse(arguments.file, together, cap, as_json=arguments.json)
        case "verify":
            from tui.command.verify import verify

            return verify(arguments.file, analyse_arguments.mols(arguments))
        case "version":
            print(f"squarm {VERSION}, solver {'compiled' if compiled() else HOW_TO_COMPILE}")
            return 0
        case "nodes":
            from tui.command.looking import access
            from tui.command.nodes import nodes

            entry = access(
                arguments.user,
                arguments.key,
                ask=arguments.ask_password,
                trust_new=arguments.trust_new,
            )
            listing = nodes(
                where(arguments),
                arguments.interface,
                as_json=arguments.json,
                watch=arguments.watch,
                login=entry.login,
            )
            return asyncio.run(listing)
        case "share" | "outbox" | "slack" | "serve":
            from tui.command.slack import run_slack_verb

            return asyncio.run(run_slack_verb(arguments))
        case "pi":
            from tui.command.pi import run_pi

            return asyncio.run(run_pi(arguments))
        case "provision" | "inventory" | "runs":
            from tui.command.provision import run_provision

            return asyncio.run(run_provision(arguments))
        case "node":
            from tui.command.node import run_node

            return asyncio.run(run_node(arguments))
        case "audit":
            from tui.command.audit import audit

            return audit(arguments.limit, as_json=arguments.json)
        case None | "":
            # Textual takes a third of a second to import: only the console pays.
            from tui.console import run_console

            return run_console(
                arguments.engine,
                arguments.results,
                arguments.image,
                read_only=bool(arguments.read_only),
                interface=arguments.interface,
                user=arguments.user,
                key=arguments.key,
            )
        case _:
            return asyncio.run(_run_job_verb(arguments))


async def _run_job_verb(arguments: argparse.Namespace) -> int:
    from tui.command import jobs

    place = where(arguments)
    match arguments.verb:
        case "run":
            return await jobs.run(place, job_spec(arguments), detach=arguments.detach)
        case "resume":
            return await jobs.resume(place, arguments.job)
        case "logs":
            return await jobs.logs(place, arguments.job, follow=arguments.follow)
        case "cancel":
            return await jobs.cancel(place, arguments.job, yes=arguments.yes)
        case "remove":
            return await jobs.remove(place, arguments.job, yes=arguments.yes)
        case _:
            return await jobs.jobs(place, as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
