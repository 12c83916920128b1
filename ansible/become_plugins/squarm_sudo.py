"""Ansible's own way to become root, and that of sudo-rs, which asks in other words.

Ubuntu has sudo-rs from 25.10 on. It puts what it was told to ask with into brackets of its own,
`[sudo: ...] Password: `, and Ansible waits for the beginning of a line until it gives up
(ansible/ansible#85837).
"""

from ansible.plugins.become.sudo import DOCUMENTATION
from ansible.plugins.become.sudo import BecomeModule as Sudo

__all__ = ["DOCUMENTATION", "BecomeModule"]
_OLDER_SUDO_RS = b"[sudo: authenticate]"
"""What it asks with where it does not know the option -p."""


class BecomeModule(Sudo):
    """Used where `become_method` is `squarm_sudo`; in all else it is Ansible's `sudo`."""

    fail = (*Sudo.fail, "Authentication failed, try again.", "incorrect authentication attempts")
    missing = (*Sudo.missing, "interactive authentication is required")

    def check_password_prompt(self, b_output: bytes) -> bool:
        """Whether the prompt is anywhere in the output."""
        prompt = (self.prompt or "").strip().encode()
        return bool(prompt) and (prompt in b_output or _OLDER_SUDO_RS in b_output)
