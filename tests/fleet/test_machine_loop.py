"""When a machine that lets nobody in is tried again."""

from dataclasses import replace

import pytest

from fleet.endpoint import Endpoint
from fleet.fleet import Fleet
from fleet.machine import Evidence
from fleet.machine_loop import MachineLoop
from fleet.ssh.connection import Login

AT = Endpoint("10.0.0.7")


@pytest.mark.parametrize(("user", "soon"), [("eva", True), ("adam", False)])
def test_a_pi_that_starts_up_refuses_for_a_moment_whom_it_has_let_in(
    user: str, *, soon: bool
) -> None:
    fleet = Fleet("none", lambda _: None, login=Login())
    fleet.observe(Evidence(1, AT, answered=True))
    (view,) = fleet.snapshot().pis
    machine = fleet.machine(view.id)
    assert machine is not None
    fleet._register = replace(fleet._register, machines={view.id: replace(machine, user="eva")})
    loop = MachineLoop(view.id, fleet, lambda _: "")
    wait = loop._shut_out(Login(user))
    assert (wait <= 10) == soon
    assert (loop._retry_at - fleet.now() <= 10) == soon
