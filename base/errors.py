"""Everything that squarm refuses or cannot do, as one tree.

    SquarmError              one sentence for a person, with the way out, and an exit code
    ├── UsageError           what was asked for makes no sense, or cannot be confirmed
    │   └── swarm.job.SpecError               a job that cannot be run as asked
    ├── ReadOnlyError        a change, under --read-only
    ├── EngineError          jobs: local processes or a Docker Swarm
    ├── StoreError           the results file
    ├── FleetError           machines on the network
    │   ├── fleet.ssh.connection.SshError     and below it: unreachable, refused, key changed
    │   ├── fleet.ssh.shell.ShellError        a command on a machine
    │   └── ...                               addresses, interfaces, keys: beside what raises them
    ├── ProvisionError       making machines nodes: inventory, runs
    ├── ChatError            Slack, and what waits for it; chat.errors tells how long
    └── AuditError           the audit log

Whatever asks for something catches SquarmError and shows `str(error)`: that is the sentence, which
begins with a capital (or with a name, as it is) and stands alone. The solver imports nothing of
ours; what it refuses (`solver.question.QuestionError`) becomes a SpecError in `swarm.job`.
"""

from typing import ClassVar

MALFORMED = (
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
    RecursionError,
)
"""What Python raises where a text from outside is not what it ought to be, or lies: no number, no
object, too deep, too large. Whoever reads one catches all of them."""


class SquarmError(Exception):
    """Something that is not done: `str()` of it is one sentence, with the way out."""

    exit_code: ClassVar[int] = 2


class UsageError(SquarmError):
    """What was asked for makes no sense as it is."""


class ReadOnlyError(SquarmError):
    """A change that `--read-only` refuses."""


class EngineError(SquarmError):
    """Something the engine could not do."""


class StoreError(SquarmError):
    """Something the results file could not do."""


class FleetError(SquarmError):
    """Something that could not be done with a machine on the network."""


class ProvisionError(SquarmError):
    """Something in the way of making a machine a node."""


class ChatError(SquarmError):
    """Something Slack, or what is kept for it, could not do."""


class AuditError(SquarmError):
    """The audit log cannot be used."""
