"""A lab that is up: its hosts, and how it comes and goes."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from lab import card, network
from lab.host import LabError, attempt, detach, end_all, mounts, refusal, run, wait_until
from lab.layers import locked, lower_folders
from lab.pi import Pi
from lab.plan import LABS, PiBoard, PiPlan, Record, Site, State, Variant, process_start, runs
from lab.power import Power

_NSPAWN = Path("/run/systemd/nspawn")


class LabIsThereError(LabError):
    """A lab of that number is up, or left over."""


class Lab:
    """A lab that is up."""

    def __init__(self, site: Site, record: Record) -> None:
        self.site = site
        self._record = record
        self.hosts = {name: Pi(site, board, self._moved) for name, board in record.boards.items()}

    @classmethod
    def open(cls, number: int = 0) -> "Lab":
        """The lab of that number, brought up by whomever."""
        site = Site(number)
        record = Record.load(site)
        if record is None:
            raise LabError(f"Lab {number} is not up: bring it up with `up` first.")
        return cls(site, record)

    @property
    def pis(self) -> list[Pi]:
        """Its Pis, by number."""
        return [host for host in self.hosts.values() if not host.board.is_master]

    @property
    def master(self) -> Pi:
        """The machine that people log in to, where the lab has one."""
        return self["master"]

    def __getitem__(self, name: str) -> Pi:
        """A host by its name in the lab: `pi1`, `master`."""
        if name not in self.hosts:
            raise LabError(f"There is no {name} in lab {self.site.number}: {', '.join(self.hosts)}")
        return self.hosts[name]

    def _moved(self, board: PiBoard) -> None:
        self._record.boards[board.name] = board
        self._record.save(self.site)


def up(
    plans: Sequence[PiPlan], *, number: int = 0, master: bool = False, owner: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Lab:  # fmt: skip
    """Brings a lab up and waits until every host answers SSH; `owner`: the process it is for.

    Those with cloud-init stay off until their card is written.
    """
    if reason := refusal():
        raise LabError(reason)
    site = Site(number)
    boards = [site.board(index, plan) for index, plan in enumerate(plans, 1)]
    boards += [site.master()] if master else []
    record = Record({board.name: board for board in boards}, owner=owner)
    record.owner_started = process_start(owner)
    record.maker, record.maker_started = _myself()
    try:
        site.run.mkdir(parents=True)
    except FileExistsError:
        hint = "bring it down first" if Record.load(site) else "its maker died; bring it down"
        raise LabIsThereError(f"Lab {number} is there already: {hint}.") from None
    try:
        record.save(site)
        _build(site, boards, say)
        lab = Lab(site, record)
        if any(board.plan.state is State.SWARM for board in boards):
            say("Forming the swarm ...")
            _form_swarm(lab)
        record.maker = 0
        record.save(site)
    except BaseException:
        down(number)
        raise
    return lab


def _myself() -> tuple[int, int]:
    return os.getpid(), process_start(os.getpid())


def _build(site: Site, boards: Iterable[PiBoard], say: Callable[[str], None]) -> None:
    say("Layers (minutes the first time, cached from then on) ...")
    for board in boards:
        lower_folders(board)
    say("Network ...")
    network.make_bridge(site)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", site.tag, "-f", site.key)
    _start_lxcfs(site)
    say("Power on ...")

    def start(board: PiBoard) -> None:
        card.flash(site, board)
        if Variant.CLOUD_INIT not in board.plan.variants:
            Pi(site, board).power_on(wait=False)

    _each(start, boards)
    begun = [board for board in boards if Variant.CLOUD_INIT not in board.plan.variants]
    _each(lambda board: Pi(site, board).wait_ssh(60), begun)


def _start_lxcfs(site: Site) -> None:
    """What tells each Pi of its own memory and processor instead of the host's."""
    folder = site.run / "lxcfs"
    folder.mkdir()
    command = ("lxcfs", "-f", "-l", "--enable-cfs", "-p", site.run / "lxcfs.pid", folder)
    detach(*command, cgroup=f"{site.tag}/keepers", log=site.run / "lxcfs.log")
    wait_until((folder / "proc/meminfo").exists, "lxcfs starts")


def _each(act: Callable[[PiBoard], None], boards: Iterable[PiBoard]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, boards))


def _form_swarm(lab: Lab) -> None:
    """Makes the master, or else the first Pi, manager of all that are to be in the swarm."""
    members = [host for host in lab.hosts.values() if host.board.plan.state is State.SWARM]
    manager = lab.hosts.get("master", members[0])
    others = [host for host in members if host is not manager]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Pi.wait_docker, [manager, *others]))
    manager.run("docker", "swarm", "init", "--advertise-addr", manager.address)
    token = manager.run("docker", "swarm", "join-token", "-q", "worker").stdout.strip()

    def join(host: Pi) -> None:
        host.run("docker", "swarm", "join", "--token", token, f"{manager.address}:2377")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(join, others))


def down(number: int = 0) -> None:
    """Removes all that the lab of that number made, also where its maker was killed."""
    site = Site(number)
    record = Record.load(site)
    maker = record.maker if record else 0
    if record and maker != os.getpid() and runs(maker, record.maker_started):
        raise LabError(f"Process {maker} is bringing lab {number} up: end that first.")
    if record:
        _each(lambda board: _switch_off(site, board), record.boards.values())
    end_all(site.tag)
    network.tear_down(site)
    for mount in reversed(mounts()):
        if mount.startswith((f"{site.run}/", f"{site.store}/")):
            attempt("umount", "--lazy", mount)
    wait_until(lambda: f"{site.store}/" not in run("losetup", "-a"), "the cards are free")
    for folder in (site.run, site.store):
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()
    _forget_machines(site)


def _switch_off(site: Site, board: PiBoard) -> None:
    """Cuts a host's power so that its systemd-nspawn can still tidy up after itself."""
    with suppress(LabError):
        Power(site, board).cut()


def _forget_machines(site: Site) -> None:
    """What a killed systemd-nspawn leaves in /run."""
    for path in _NSPAWN.glob(f"*/{site.tag}-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def temporary(plans: int | Sequence[PiPlan] = 3, *, master: bool = False) -> Iterator[Lab]:
    """A lab of this process's own, under the first free number above 0; a count: fresh Pis."""
    if isinstance(plans, int):
        plans = [PiPlan()] * plans
    lab = _up_somewhere(plans, master=master)
    try:
        yield lab
    finally:
        down(lab.site.number)


def _up_somewhere(plans: Sequence[PiPlan], *, master: bool) -> Lab:
    with locked("leftovers"):
        for number in range(1, LABS):
            record = Record.load(Site(number))
            if record and record.owner and not runs(record.owner, record.owner_started):
                down(number)
    for number in range(1, LABS):
        with suppress(LabIsThereError):
            return up(plans, number=number, master=master, owner=os.getpid())
    raise LabError(f"All {LABS} labs are in use.")
