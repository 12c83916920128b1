"""What Ansible hands a password to ssh with costs one process a run, not one a step and machine.

Ansible 2.19 does so in shared memory, for which Python before 3.13 starts a process that tracks it,
anew in each of Ansible's forks: a sixth of a run's processor time. What runs here before they are
made is theirs, too (https://docs.python.org/3/library/multiprocessing.shared_memory.html, `track`).
"""

from multiprocessing import resource_tracker

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Loaded wherever this folder is among those of callback plugins."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "squarm_tracker"
    CALLBACK_NEEDS_ENABLED = False

    def v2_playbook_on_start(self, playbook: object) -> None:  # noqa: ARG002 - Ansible's interface
        """Start it before the first fork."""
        resource_tracker.ensure_running()
