"""OpenSSH's ssh, for a shell of the user's own: held to the key that is trusted."""

from collections.abc import Sequence

from fleet.endpoint import Endpoint
from fleet.ssh.connection import Login


def ssh_command(endpoint: Endpoint, login: Login, options: Sequence[str]) -> list[str]:
    """The command that logs in there; `options`: how the host key is checked."""
    keys = [part for key in login.keys or () for part in ("-i", str(key))]
    place = ["-p", str(endpoint.port), "-l", login.user, endpoint.address]
    return ["ssh", *options, *keys, *place]
