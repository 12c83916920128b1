"""A registry for a lab: at 127.0.0.1:5000 of each Pi, where Docker asks for no TLS."""

import json
import shutil

from lab.host import LabError, detach, end_all
from lab.plan import Site

ADDRESS = "127.0.0.1:5000"


def start(site: Site, hosts: list[str]) -> None:
    """Starts it on each of the hosts; all have what is pushed to one."""
    if not shutil.which("docker-registry"):
        raise LabError("A registry takes docker-registry. On Debian: apt install docker-registry")
    stop(site)
    folder = site.run / "registry"
    folder.mkdir(exist_ok=True)
    settings = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(site.store / "registry")}},
        "http": {"addr": ADDRESS, "secret": site.tag},
    }
    (folder / "config.yml").write_text(json.dumps(settings))
    for host in hosts:
        detach(
            *("ip", "netns", "exec", site.namespace(host)),
            *("docker-registry", "serve", folder / "config.yml"),
            cgroup=_cgroup(site),
            log=folder / f"{host}.log",
        )


def stop(site: Site) -> None:
    """Ends it, as if its machine were off; what was pushed stays."""
    end_all(_cgroup(site))


def _cgroup(site: Site) -> str:
    return f"{site.tag}/registry"
