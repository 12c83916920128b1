"""What is shown, written to a file of the user's."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from base import safe_file
from base.errors import UsageError
from operations.kinds import Kind
from operations.operation import Caution, Done, Operation, Tell


def write(path: Path, content: Callable[[], str | bytes]) -> Operation[Path]:
    """Write what `content` gives, in a thread; a file that exists is replaced when that is agreed.

    Raises UsageError where no file can be.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.")
    exists = path.exists()
    caution = Caution(
        f"Replace {path.name}?",
        f"{path} exists. What is in it now is lost.",
        agree="Replace",
        decline="Keep it",
    )

    async def work(_tell: Tell) -> Done[Path]:
        await asyncio.to_thread(_write, path, content, exists)
        return Done(f"Written to {path}.", path)

    return Operation(
        kind=Kind.WRITE_FILE,
        target=str(path),
        caution=caution if exists else None,
        keep=None,
        work=work,
    )


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


def _write_dump(path: Path, drawing: Callable[[], str]) -> None:
    data = drawing()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        safe_file.replace(path, data)
    except OSError as error:
        raise UsageError(f"The screen cannot be written to {path}: {error.strerror}.") from None


def _write(path: Path, content: Callable[[], str | bytes], replaced: bool) -> None:
    data = content()
    try:
        if replaced:
            mode = path.stat().st_mode
            safe_file.replace(path, data)
            path.chmod(mode & 0o777)
        else:
            safe_file.create(path, data.encode() if isinstance(data, str) else data)
    except FileExistsError:
        raise UsageError(f"{path} has come to be meanwhile: it stays as it is.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
