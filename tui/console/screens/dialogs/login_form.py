"""One question for new Pis: user, and password or key; their host keys are shown before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from base import paths
from tui.console.input.field import FormLine, TextField
from tui.console.node_row import NodeRow
from tui.console.render.spans import safe
from tui.console.render.theme import BAD, DIM, KEY, PLAIN, VALUE
from tui.console.screens.dialogs.form import Form

_UNSEEN = ("password", "passphrase", "sudo")
_SHOWN = 6
"""Host keys shown one by one."""


@dataclass(frozen=True, slots=True)
class LoginAnswer:
    """How to log in; `password` None: by key alone, with the file `key` where it is not None.

    `sudo`: its password, None for the login's own; `passphrase`: the key file's, None for none.
    """

    user: str
    password: str | None = field(repr=False)
    key: Path | None
    sudo: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)


class LoginForm(Form[LoginAnswer | None]):
    """Enter logs in from any field, Esc cancels. What is typed stays in memory only.

    `user`: what is offered; '' where each machine has let in another before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False, priority=True),
    ]

    def __init__(self, rows: Sequence[NodeRow], user: str) -> None:
        super().__init__()
        self._rows = rows
        self._user = user

    def compose(self) -> ComposeResult:
        """Whose host keys are trusted by that, then three fields."""
        with Vertical(classes="dialog", id="login") as dialog:
            dialog.border_title = "Log in"
            yield Static(_introduction(self._rows), classes="consequence", markup=False)
            hint = "as set in Raspberry Pi Imager" if self._user else "empty: each as before"
            yield self._line("user", "user", self._user, hint)
            yield self._line("password", "password", "", "empty: by key alone")
            yield self._line("key", "key file", "", "empty: those in ~/.ssh, the agent")
            yield self._line("passphrase", "passphrase", "", "where the key file has one")
            yield self._line("sudo", "for sudo", "", "empty: the same password")
            yield Static(id="summary", markup=False)
            yield Static(_keys(), id="form-keys", markup=False)

    def _line(self, name: str, label: str, text: str, hint: str) -> FormLine:
        return FormLine(label, TextField(text, f"field-{name}", secret=name in _UNSEEN), hint)

    def on_mount(self) -> None:
        """The password is what is mostly missing."""
        self.set_focus(self.query_one("#field-password"))

    async def action_submit(self) -> None:
        """Log in by what is filled in."""
        await self.settle()
        user = self._text("user").strip()
        key = self._key()
        if (
            (self._user and not user)
            or len(user) > 64
            or user.startswith("-")
            or not user.isprintable()
        ):
            self._refuse("user", "Give the user's name, such as pi.")
        elif key is not None and (problem := await self._problem_with(key)):
            self._refuse("passphrase" if "passphrase" in problem else "key", problem)
        else:
            password, sudo, passphrase = (
                self._text(name) or None for name in ("password", "sudo", "passphrase")
            )
            self.dismiss(LoginAnswer(user, password, key, sudo, passphrase))

    def _key(self) -> Path | None:
        path = self._text("key").strip()
        return paths.typed(path) if path else None

    async def _problem_with(self, key: Path) -> str:
        from fleet.ssh.own_key import problem_with

        # Opening a locked key takes a while by design.
        return await asyncio.to_thread(problem_with, key, self._text("passphrase") or None)

    def _text(self, name: str) -> str:
        return self.query_one(f"#field-{name}", TextField).value

    def _refuse(self, name: str, sentence: str) -> None:
        self.query_one("#summary", Static).update(Text(f"✗ {safe(sentence)}", style=BAD))
        self.set_focus(self.query_one(f"#field-{name}"))


def _introduction(rows: Sequence[NodeRow]) -> Text:
    """Whom the login is for, and the host keys that it trusts."""
    names = ", ".join(safe(row.name) for row in rows[:3])
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    text = Text(f"To {names}{more}. What you type stays in memory.", style=VALUE)
    shown = [row for row in rows if row.pi and row.pi.fingerprint]
    if shown:
        text.append("\nIt is given only to who holds these host keys, as first seen here:", PLAIN)
    for row in shown[:_SHOWN]:
        if row.pi:
            text.append(f"\n{safe(row.name)[:17]:<18}{row.pi.fingerprint}", DIM)
    if len(shown) > _SHOWN:
        text.append(f"\nand {len(shown) - _SHOWN} more; Esc, then d shows each.", DIM)
    return text


def _keys() -> Text:
    keys = (("Enter", "log in"), ("Esc", "cancel"), ("Tab", "next field"))
    return Text.assemble(*(part for k, w in keys for part in ((k, KEY), (f" {w}   ", DIM))))
