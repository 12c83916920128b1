"""The screen as a file, to show to somebody else."""

import asyncio
from datetime import datetime
from pathlib import Path

from base import paths, safe_file
from base.errors import SquarmError
from tui.console.handlers.registry import HandlerContext, handles


@handles("dump")
def dump_screen(context: HandlerContext, _argument: str) -> None:
    """The screen as it is now, as SVG; says where the file lies."""
    drawing = context.export_screenshot()
    path = dump_path(paths.data(), datetime.now().astimezone())

    async def write() -> str:
        await asyncio.to_thread(_write, path, drawing)
        return f"The screen is in {path}"

    context.start(write)


def dump_path(folder: Path, now: datetime) -> Path:
    """Where the screen of this moment goes; two within a second are two files."""
    return folder / "screens" / f"squarm-{now:%Y%m%d-%H%M%S-%f}.svg"


def _write(path: Path, drawing: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        safe_file.replace(path, drawing)
    except OSError as error:
        raise SquarmError(f"The screen cannot be written to {path}: {error.strerror}.") from error
