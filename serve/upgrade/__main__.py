"""`python -m serve.upgrade USER`, by root: runs the newest release, and goes back if it fails."""

import argparse
import logging
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.tags import sys_tags
from packaging.version import Version

from base.audit import Audit
from base.errors import SquarmError
from base.text import clean_text
from chat.outbox.file import OUTBOX_FILE
from results.store.file import RESULTS_FILE
from serve.upgrade.release import UpgradeError, newest, read_sums, read_wheel
from serve.upgrade.service import SquarmService
from serve.upgrade.versions import NotRun, Versions
from solver import VERSION
from swarm.docker.rollout.history import HISTORY_FILE

RELEASES = Path("/etc/squarm/releases")
"""One line: the folder, or the https address, in which releases are put."""
_LOG = logging.getLogger("squarm-upgrade")
_SECONDS = 120
FORMATS = ", ".join(
    f"{one.name} {one.version}" for one in (RESULTS_FILE, OUTBOX_FILE, HISTORY_FILE)
)
"""An older squarm refuses what a newer one has brought up to date."""


def upgrade(user: str, versions: Versions) -> None:
    """Run the newest release, if there is a newer one; raises UpgradeError."""
    with versions.turn():
        service = _service(user, versions)
        _settle(user, versions, service)
        if not service.runs:
            _LOG.info("squarm@%s does not run: it is left as it is.", user)
            return
        source = RELEASES.read_text("utf-8").strip()
        wheel = newest(read_sums(source), sys_tags())
        if wheel is None:
            raise UpgradeError(f"{source} has no squarm for this machine's Python.")
        held = versions.not_run
        if wheel.version <= Version(VERSION) or (held and held.version == wheel.folder):
            _LOG.info("Nothing newer than %s that was not tried: %s", VERSION, wheel.version)
            return
        versions.install(wheel, read_wheel(source, wheel))
        if why := _unfit(versions, wheel.folder):
            versions.note(NotRun(wheel.folder, why))
            versions.remove_but({versions.current})
            _tell(user, wheel.folder, "failed", why)
            raise UpgradeError(f"squarm {wheel.folder} is not run. {why}")
        _switch(user, versions, service, wheel.folder)


def switch(user: str, versions: Versions, version: str) -> None:
    """Run a version that is installed; raises UpgradeError where it does not come up."""
    with versions.turn():
        service = _service(user, versions)
        _settle(user, versions, service)
        if service.runs and versions.current:
            _switch(user, versions, service, version)
        else:
            versions.use(version)
            versions.remove_but({version})


def _service(user: str, versions: Versions) -> SquarmService:
    return SquarmService(_account(user), versions.root / "current/bin/squarm")


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise UpgradeError(f"Nobody is called {clean_text(user, 80)} here.") from None


def _switch(user: str, versions: Versions, service: SquarmService, version: str) -> None:
    former = versions.current
    before, _ = service.health()
    versions.begin(version)
    service.restart()
    _judge(user, versions, service, former, before)


def _settle(user: str, versions: Versions, service: SquarmService) -> None:
    """End what a power cut has left in the middle."""
    if former := versions.on_trial:
        _judge(user, versions, service, former, 1)


def _judge(user: str, versions: Versions, service: SquarmService, former: str, before: int) -> None:
    """Stay with the current version if it comes up; else go back, and raise UpgradeError."""
    version = versions.current
    why = service.wait_until_up(before)
    if not why:
        versions.end_trial()
        versions.note(None)
        versions.remove_but({version, former})
        _tell(user, version, "done", f"before: {former}")
        return
    if _formats(versions, version) not in ("", _formats(versions, former)):
        # The playbook alone tries such a one, and whoever plays it looks.
        versions.end_trial()
        said = f"There is no way back to {former}, which keeps its files in other formats. {why}"
        _tell(user, version, "failed", said)
        raise UpgradeError(f"squarm {version} does not come up. {said}")
    versions.use(former)
    service.restart()
    back = service.wait_until_up(1)
    versions.note(NotRun(version, why))
    versions.end_trial()
    versions.remove_but({former})
    said = f"{why} Nor does {former}: {back}" if back else f"{why} Back to {former}."
    _tell(user, version, "failed", said)
    raise UpgradeError(f"squarm {version} is not run. {said}")


def _unfit(versions: Versions, version: str) -> str:
    """Why a version is not to be tried while nobody looks; '' where it may be."""
    formats = _formats(versions, version)
    if not (formats and _printed_by(versions, version, "solver", "--self-test")):
        return "It does not start on this machine, or its self-test fails."
    if formats != FORMATS:
        return (
            f"It keeps its files in other formats ({formats}), so that there would be no way back: "
            "have the playbook serve.yml install it."
        )
    return ""


def _formats(versions: Versions, version: str) -> str:
    return _printed_by(versions, version, "serve.upgrade", "--formats")


def _printed_by(versions: Versions, version: str, *words: str) -> str:
    """What a module of an installed version prints; '' where it fails."""
    try:
        done = subprocess.run(
            [versions.folder(version) / "bin/python", "-P", "-m", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return clean_text(done.stdout.strip(), 300) if done.returncode == 0 else ""


def _tell(user: str, version: str, result: str, said: str) -> None:
    """In this service's log, and in the audit log of whose daemon it is."""
    _LOG.log(
        logging.INFO if result == "done" else logging.WARNING, "%s %s: %s", version, result, said
    )
    account = _account(user)
    audit = Audit(Path(account.pw_dir) / ".local/share/squarm/audit.jsonl")
    with _as_user(account):
        audit.note("upgrade squarm", version, result, said, who="squarm-upgrade")


@contextmanager
def _as_user(account: pwd.struct_passwd) -> Iterator[None]:
    """What is written meanwhile belongs to that user, and goes where that user may write alone."""
    me, mine = os.geteuid(), os.getegid()
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    try:
        yield
    finally:
        os.seteuid(me)
        os.setegid(mine)


def main() -> int:
    """Do it; 0 where the newest that may be run is run."""
    parser = argparse.ArgumentParser(prog="squarm-upgrade")
    parser.add_argument("user", nargs="?", help="whose daemon it is")
    parser.add_argument(
        "--switch", metavar="VERSION", help="run this one, which is installed already"
    )
    parser.add_argument(
        "--formats", action="store_true", help="say in which formats files are kept, and end"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if arguments.formats:
        print(FORMATS)
        return 0
    try:
        if not arguments.user:
            raise UpgradeError("Name the user whose daemon it is.")
        if arguments.switch:
            switch(arguments.user, Versions(), arguments.switch)
        else:
            upgrade(arguments.user, Versions())
    except SquarmError as error:
        print(f"squarm-upgrade: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"squarm-upgrade: {error.strerror or error}: {error.filename or ''}", file=sys.stderr)
        return UpgradeError.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
