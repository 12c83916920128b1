"""What is shown, written to a file of the user's."""

import asyncio
import os
import stat
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from base import safe_file
from base.errors import UsageError
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Tell


def write(path: Path, content: Callable[[], str | bytes | Iterable[str]]) -> Operation[Path]:
    """Write what `content` gives, in a thread; a file that exists is replaced when that is agreed.

    What it gives piece by piece is never held as a whole. Raises UsageError where no file can be.
    """
    path = path.absolute()
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    if mode is None and not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.")
    if mode is not None and stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder: name a file in it.")
    if mode is not None and not stat.S_ISREG(mode):
        raise UsageError(f"{path} is a link, a pipe or a device: name a file.")
    caution = Caution(
        f"Replace {path.name}?",
        f"{path} exists. What is in it now is lost.",
        agree="Replace",
        decline="Keep it",
    )

    async def work(_tell: Tell) -> Done[Path]:
        await asyncio.to_thread(_write, path, content, mode is not None)
        return Done(f"Written to {path}.", path)

    return Operation(
        kind=Kind.WRITE_FILE,
        target=str(path),
        caution=None if mode is None else caution,
        keep=None,
        work=work,
    )


def edit(
    path: Path, first: Callable[[], str], editor: Sequence[str], check: Callable[[], object]
) -> Operation[Path]:
    """Have the user's editor change a file, then `check` it; a new one begins with what is `first`.

    Raises UsageError, when it runs, where the editor fails.
    """

    async def work(_tell: Tell) -> Done[Path]:
        await asyncio.to_thread(_edit, path, first, editor)
        check()
        return Done(f"{path} is as it should be.", path)

    return Operation(kind=Kind.WRITE_FILE, target=str(path), caution=None, keep=None, work=work)


def install(what: str, files: Mapping[str, tuple[Path, Callable[[], str]]]) -> Operation[None]:
    """Write files that can be made again at any time, each by its name, over older ones.

    `what` they are, for the audit log. Raises UsageError, when it runs, where one cannot be.
    """

    async def work(_tell: Tell) -> Done[None]:
        for path, content in files.values():
            await asyncio.to_thread(_install, path, content)
        return Done("\n".join(f"{name}: {path}" for name, (path, _) in files.items()), None)

    return Operation(kind=Kind.WRITE_FILE, target=what, caution=None, keep=None, work=work)


def dump(folder: Path, now: datetime, drawing: Callable[[], str]) -> Operation[Path]:
    """Write the screen of this moment, as `drawing` gives it in a thread, to a file of its own.

    The folder is made where there is none. Raises UsageError, when it runs, where no file can be.
    """
    # Two within a second are two files.
    path = folder / f"squarm-{now:%Y%m%d-%H%M%S-%f}.svg"

    async def work(_tell: Tell) -> Done[Path]:
        await asyncio.to_thread(_write_dump, path, drawing)
        return Done(f"The screen is in {path}", path)

    return Operation(kind=Kind.WRITE_FILE, target=str(path), caution=None, keep=None, work=work)


def _edit(path: Path, first: Callable[[], str], editor: Sequence[str]) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(first(), "utf-8")
    try:
        code = subprocess.run([*editor, str(path)], check=False).returncode
    except OSError as error:
        raise UsageError(f"{editor[0]} cannot be started: {error.strerror}.") from None
    if code:
        raise UsageError(f"{editor[0]} ended with {code}: nothing was checked.")


def _install(path: Path, content: Callable[[], str]) -> None:
    text = content()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None


def _write_dump(path: Path, drawing: Callable[[], str]) -> None:
    data = drawing()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        safe_file.replace(path, data)
    except OSError as error:
        raise UsageError(f"The screen cannot be written to {path}: {error.strerror}.") from None


def _write(path: Path, content: Callable[[], str | bytes | Iterable[str]], replaced: bool) -> None:
    data = content()
    try:
        if not replaced:
            # It has its name from the beginning, so that no other file is taken for it.
            path.touch(exist_ok=False)
        try:
            with safe_file.replacing(path) as file:
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
                if isinstance(data, bytes):
                    file.buffer.write(data)
                else:
                    file.writelines((data,) if isinstance(data, str) else data)
        except BaseException:
            if not replaced:
                path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise UsageError(f"{path} has come to be meanwhile: it stays as it is.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
