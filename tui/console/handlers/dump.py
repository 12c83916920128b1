"""The screen as a file, to show to somebody else."""

from datetime import datetime
from functools import partial

from base import paths
from tui.console.handlers.registry import HandlerContext, handles


@handles("dump")
def dump_screen(context: HandlerContext, _argument: str) -> None:
    """The screen as it is now, as SVG; says where the file lies."""
    from operations import files

    folder, now = paths.data() / "screens", datetime.now().astimezone()
    drawing = partial(context.record().export_svg, title="squarm")
    context.changes.make(lambda: files.dump(folder, now, drawing))
