"""The environment in which apt fetches what squarm keeps, by a way back through the SSH login."""

import os
import shlex
import socket
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: squarm_packages
short_description: where apt finds the packages that squarm has fetched for another machine
description:
  - While squarm runs Ansible it keeps the packages that machines fetch, and serves them on this
    machine's loopback. This has the SSH connection of the machine lead one of its own loopback's
    ports there, and is the environment for C(apt) then.
  - Nothing, so that the machine fetches for itself, where no squarm serves, where the machine's
    SSH server forwards nothing, and where the port is taken there.
"""

_SECONDS = 20


class LookupModule(LookupBase):
    """Used as `environment: "{{ lookup('squarm_packages') }}"`."""

    def run(
        self,
        terms: Sequence[object],  # noqa: ARG002 - Ansible's interface
        variables: Mapping[str, Any] | None = None,
        **_: object,
    ) -> list[dict[str, str]]:
        """One dictionary of environment variables."""
        port = os.environ.get("SQUARM_PACKAGES", "")
        if not port or not self._leads_here(port, dict(variables or {})):
            return [{}]
        # Without the second apt would ask it for what is fetched by TLS, too.
        return [{"http_proxy": f"http://127.0.0.1:{port}", "https_proxy": ""}]

    def _leads_here(self, port: str, variables: dict[str, Any]) -> bool:
        """Have the connection that is there forward the port (ssh(1), -O)."""

        def said(name: str) -> str:
            return str(self._templar.template(variables.get(name, "")))

        try:
            socket.create_connection(("127.0.0.1", int(port)), _SECONDS).close()
        except OSError:
            return False
        if said("ansible_connection") == "local":
            return True
        command = ["ssh", "-O", "forward", "-R", f"127.0.0.1:{port}:127.0.0.1:{port}"]
        command += ["-o", f"ControlPath={os.environ['ANSIBLE_SSH_CONTROL_PATH_DIR']}/%C"]
        command += shlex.split(said("ansible_ssh_common_args"))
        for option, name in (("-p", "ansible_port"), ("-l", "ansible_user")):
            command += [option, said(name)] if said(name) else []
        try:
            done = subprocess.run(
                [*command, "--", said("ansible_host")],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0
