"""Machines on the network: watched, trusted, logged in to, forgotten."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from base.errors import FleetError, SquarmError
from fleet.endpoint import parse_place
from fleet.snapshot import PiView
from fleet.ssh.host_keys import HostKey, alias
from operations.kinds import Kind
from operations.operation import Caution, Done, Door, Operation, Step, Tell
from provision.runs.runs import Runs

if TYPE_CHECKING:
    from fleet.ssh.connection import Login


class Watcher(Protocol):
    """What watches machines: `fleet.fleet.Fleet`. Every method may raise FleetError."""

    @property
    def looks(self) -> bool:
        """Whether any machine is spoken to."""
        ...

    def add(self, text: str) -> None:
        """Watch the machine at an address, or of a name."""
        ...

    def forget(self, pi: str) -> None:
        """Forget a machine and its key."""
        ...

    def drop_name(self, name: str) -> None:
        """Look no more for a name that was added."""
        ...

    def accept_key(self, pi: str, fingerprint: str = "") -> HostKey:
        """Trust the key that a machine shows now."""
        ...

    def keep(self) -> None:
        """Have what is watched on the disk when this returns."""
        ...

    def set_login(self, login: "Login | None", pi: str | None = None) -> None:
        """Log in so from now on."""
        ...

    def shell_command(self, pi: str) -> list[str]:
        """What to start for a shell on a machine."""
        ...

    async def sweep(self, cidr: str) -> int:
        """Knock at every address of a range; how many answer."""
        ...

    def addresses_of(self, cidr: str) -> tuple[str, ...]:
        """Those of a range that a sweep would knock at."""
        ...


def called(view: PiView) -> str:
    """A machine as cautions and the audit log name it: nobody is to take it for another."""
    place = f", {view.address}" if view.address else ""
    return f"{view.name} ({view.id}{place})"


def add(fleet: Watcher, text: str) -> Operation[str]:
    """Watch the machine at an address, or of a name; gives that place. Raises BadAddress."""
    place = str(parse_place(text))

    async def work(_tell: Tell) -> Done[str]:
        fleet.add(text)
        fleet.keep()
        if fleet.looks:
            return Done(f"Looking for {place}.", place)
        return Done(
            f"{place} is kept, and looked for once a network is: on none (--interface none) no "
            "machine is spoken to.",
            place,
        )

    return Operation(kind=Kind.ADD_MACHINE, target=place, caution=None, keep=None, work=work)


def accept(fleet: Watcher, view: PiView) -> Operation[None]:
    """Trust the host key that a machine shows now; raises FleetError where it shows none.

    A key that it has shown by the time of the work instead is not the one that was looked at.
    """
    if not view.fingerprint:
        raise FleetError(f"{view.name} has shown no host key yet: wait until it answers.")
    if view.fingerprint == view.trusted:
        raise FleetError(f"The host key of {view.name} is trusted already.")
    fingerprint = view.fingerprint

    async def work(_tell: Tell) -> Done[None]:
        fleet.accept_key(view.id, fingerprint)
        return Done(f"The host key {fingerprint} of {view.name} is trusted now.", None)

    return Operation(
        kind=Kind.ACCEPT_KEY, target=called(view), caution=_about_key(view), keep=None, work=work
    )


def _about_key(view: PiView) -> Caution:
    if not view.trusted:
        return Caution(
            f"Trust the host key of {called(view)}?",
            f"It shows {view.fingerprint}. Compare it with what the Pi's own screen shows, if it "
            "has one.",
            agree="Trust it",
            decline="Not yet",
        )
    return Caution(
        f"Trust the new host key of {called(view)}?",
        f"Trusted was {view.trusted}.\nIt shows now {view.fingerprint}.\nThat is right if you "
        "wrote its card anew. If you did not, another machine may be posing as it.",
        agree="I wrote its card anew",
        decline="Keep away",
    )


def forget(
    fleet: Watcher,
    views: Sequence[PiView],
    drop: Callable[[str], None] | None = None,
    runs: Runs | None = None,
) -> Operation[None]:
    """Forget machines and their host keys.

    `drop` is called with the id of each, where logins are remembered. One that cannot be forgotten,
    as while a run of `runs` is at work on it, does not keep the others.
    """
    runs = runs or Runs()
    one = len(views) == 1
    what = called(views[0]) if one else f"{len(views)} Pis"
    names = "" if one else f"{', '.join(called(view) for view in views)}. "
    # Whether the swarm is at hand or not, a machine has said which node it is.
    members = [view.name for view in views if view.node or view.identity.node]
    stays = f" In the swarm {', '.join(members[:3])} stays." if members else ""
    caution = Caution(
        f"Forget {what}?",
        f"{names}{'Its' if one else 'Their'} host key and login are forgotten; what still shows "
        f"itself on the network comes back as new.{stays}",
        agree="Forget",
        decline="Keep",
    )

    async def work(_tell: Tell) -> Done[None]:
        failed: list[str] = []
        busy = await asyncio.to_thread(runs.busy)
        for view in views:
            try:
                if alias(view.id) in busy:
                    raise FleetError("it is being provisioned: wait for the run's end.")
                fleet.forget(view.id)
                if drop is not None:
                    drop(view.id)
            except SquarmError as error:
                failed.append(f"{view.name}: {error}")
        fleet.keep()
        if failed:
            raise FleetError(f"{len(views) - len(failed)} forgotten. {' '.join(failed)}")
        return Done(f"Forgot {what}.", None)

    target = ", ".join(map(called, views))
    return Operation(kind=Kind.FORGET_MACHINE, target=target, caution=caution, keep=None, work=work)


def drop_name(fleet: Watcher, name: str) -> Operation[None]:
    """Look no more for a name that was added, and that nothing answers to."""

    async def work(_tell: Tell) -> Done[None]:
        fleet.drop_name(name)
        fleet.keep()
        return Done(f"{name} is looked for no more.", None)

    return Operation(kind=Kind.FORGET_MACHINE, target=name, caution=None, keep=None, work=work)


async def trust_and_log_in(
    door: Door,
    fleet: Watcher,
    views: Sequence[PiView],
    login: "Login",
    remember: Callable[[str], None],
) -> Done[None] | None:
    """Trust the keys that were shown with the question, each noted, then log in to their machines.

    `remember` is called with each machine's id. Raises SquarmError.
    """
    for view in views:
        if view.fingerprint and not view.trusted:
            await door.perform(accept(fleet, view), agreed=True)
    return await door.perform(log_in(fleet, views, login, remember))


def log_in(
    fleet: Watcher, views: Sequence[PiView], login: "Login", remember: Callable[[str], None]
) -> Operation[None]:
    """Log in to machines from now on; raises FleetError where one shows another key than before."""
    for view in views:
        if view.key_changed:
            raise FleetError(f"The host key of {view.name} has changed: look at it first.")

    async def work(_tell: Tell) -> Done[None]:
        for view in views:
            fleet.set_login(login, view.id)
            remember(view.id)
        fleet.keep()
        what = views[0].name if len(views) == 1 else f"{len(views)} Pis"
        whom = f" as {login.user}" if login.user else ""
        return Done(f"Logging in to {what}{whom}.", None)

    target = ", ".join(map(called, views))
    return Operation(kind=Kind.LOG_IN, target=target, caution=None, keep=None, work=work)


def sweep(fleet: Watcher, cidr: str) -> Operation[int]:
    """Knock at every address of a range; gives how many answer.

    Raises FleetError for a range that cannot be swept, before anything is asked about it.
    """
    fleet.addresses_of(cidr)
    caution = Caution(
        f"Knock at every address of {cidr or 'this network'}?",
        "Each is asked once whether SSH answers there. Do so only on a network of your own.",
        agree="Sweep",
        decline="Don't",
    )

    async def work(tell: Tell) -> Done[int]:
        tell(Step("knocking at every address"))
        found = await fleet.sweep(cidr)
        return Done(f"{found} of {cidr} answer SSH.", found)

    return Operation(kind=Kind.SWEEP, target=cidr, caution=caution, keep=None, work=work)


def open_shell(fleet: Watcher, view: PiView) -> Operation[list[str]]:
    """A shell on a machine; gives the command that opens it, held to the trusted host key."""

    async def work(_tell: Tell) -> Done[list[str]]:
        command = fleet.shell_command(view.id)
        return Done(f"A shell on {view.name}.", command)

    return Operation(kind=Kind.OPEN_SHELL, target=called(view), caution=None, keep=None, work=work)
