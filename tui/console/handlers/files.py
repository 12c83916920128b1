"""What is shown, to a file."""

from base import paths
from base.errors import UsageError
from tui.console.handlers.registry import HandlerContext, handles


@handles("export")
def export(context: HandlerContext, argument: str) -> None:
    """Have a file named, or write what the chosen pane shows to the one that is."""
    from operations import files

    pane = context.front.chosen
    if not pane.endings or not pane.file_stem():
        context.say("There is nothing to export here.", "warning")
        return
    if not argument:
        context.front.open_prompt("command", f"export {pane.file_stem()}.{pane.endings[0]}")
        return
    path = paths.typed(argument).absolute()
    ending = path.suffix.removeprefix(".").lower()
    if ending not in pane.endings:
        raise UsageError(f"{path.name} must end in .{', .'.join(pane.endings)}.")
    content = pane.file_content(ending)
    if content is not None:
        context.changes.make(lambda: files.write(path, content))
