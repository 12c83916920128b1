"""What reaches a lab from beyond this machine: the Internet, as its Pis see it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lab.host import run
from lab.plan import Site


@contextmanager
def bytes_from_outside(site: Site) -> Iterator[Callable[[], int]]:
    """Count the bytes that come over the lab's bridge from outside; what goes between Pis is not.

    Nor is what this machine itself sends.
    """
    rule = ["FORWARD", "!", "-i", site.bridge, "-o", site.bridge]
    run("iptables", "-w", "-I", *rule)
    counted = re.compile(rf"^ *\d+ +(\d+) .*!{site.bridge} +{site.bridge} ", re.MULTILINE)

    def came() -> int:
        found = counted.search(run("iptables", "-w", "-nvxL", "FORWARD"))
        return int(found[1]) if found else 0

    try:
        yield came
    finally:
        run("iptables", "-w", "-D", *rule)
