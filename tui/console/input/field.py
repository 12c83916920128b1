"""The field that text is typed into, in forms and in the prompt."""

from textual import events
from textual.widgets import Input


class TextField(Input):
    """An input that answers every key in its turn, however fast they come.

    Textual's own runs its bindings (Backspace, Ctrl-U, Enter) once the key has gone up to the
    application, behind the letters that were already waiting here.
    """

    def __init__(self, text: str, name: str, *, secret: bool = False, hint: str = "") -> None:
        super().__init__(text, id=name, password=secret, placeholder=hint, compact=True)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return
