"""Whose evidence is whose: machines keep their identity through all that happens to them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import register as rules
from fleet.copies import copies
from fleet.endpoint import Endpoint
from fleet.machine import Contact, Evidence, Identity, Machine
from fleet.pi_state import PiState
from fleet.register import Register, observe
from fleet.snapshot import views
from fleet.ssh.host_keys import HostKey
from swarm.engine import NodeView
from tests.examples import examples

AT = Endpoint("10.0.0.7")
ELSEWHERE = Endpoint("10.0.0.8")
FAR = Endpoint("fd00::7")
NEAR = Endpoint("fe80::7%eth0")
MAC = "b8:27:eb:00:00:01"
OTHER_MAC = "b8:27:eb:00:00:02"


def key(number: int) -> HostKey:
    """Some host key."""
    return HostKey("ssh-ed25519", f"AAAA{number:04d}")


def said(board: int, card: int, boot: int, hostname: str = "raspberrypi") -> Identity:
    """What board `board` with card `card` says in its run `boot`."""
    return Identity(f"serial{board}", f"machine{card}", f"boot{boot}", "Raspberry Pi 4", hostname)


def only(register: Register) -> Machine:
    """The one machine there is."""
    (machine,) = register.machines.values()
    return machine


def test_what_is_announced_is_seen_until_the_announcement_is_old() -> None:
    machine = only(observe(Register(), Evidence(100, AT, "raspberrypi")))
    assert (machine.name, machine.recognised, machine.state(200)) == (
        "raspberrypi",
        "name",
        PiState.SEEN,
    )
    assert machine.state(100 + 151) is PiState.LOST
    assert machine.state_since(100 + 151) == 250


def test_a_renamed_pi_with_a_random_address_is_offered_until_a_login_tells_otherwise() -> None:
    random = "02:11:22:33:44:55"
    register = observe(Register(), Evidence(1, AT, "kitchen", claimed=random, whole=True))
    register = observe(register, Evidence(2, AT, mac=random, answered=True))
    assert only(register).recognised == "announcement"
    laptop = Identity("", "machine1", "boot1", "", "kitchen")
    inside = Evidence(3, AT, mac=random, answered=True, key=key(1), identity=laptop)
    assert only(observe(register, inside)).recognised == ""


def test_the_user_may_take_any_machine_for_a_pi() -> None:
    register = observe(Register(), Evidence(1, AT, mac="02:11:22:33:44:55", answered=True))
    assert only(register).recognised == ""
    register = observe(register, Evidence(2, AT, added=True))
    board = Identity("", "machine1", "boot1", "Radxa ROCK 5B", "kitchen")
    register = observe(register, Evidence(3, AT, answered=True, key=key(1), identity=board))
    assert only(register).recognised == "user's word"


@pytest.mark.parametrize("named_first", [True, False])
def test_one_key_and_one_mdns_name_is_one_machine_with_two_addresses(named_first: bool) -> None:
    """A Pi on cable and Wi-Fi at once, to which nobody is logged in yet."""
    register = Register()
    for at, (place, mac) in enumerate(((AT, MAC), (ELSEWHERE, OTHER_MAC))):
        named = Evidence(at, place, "kitchen", whole=True)
        shown = Evidence(at + 0.5, place, mac=mac, answered=True, key=key(1))
        for evidence in (named, shown) if named_first else (shown, named):
            register = observe(register, evidence)
    assert not any(view.twins for view in views(register.machines, {}, (), 3))
    for place, mac in ((AT, MAC), (ELSEWHERE, OTHER_MAC)):
        again = Evidence(9, place, "kitchen", mac=mac, answered=True)
        register = observe(register, again)
        assert set(only(register).endpoints) == {AT, ELSEWHERE}
        assert set(only(register).macs) == {MAC, OTHER_MAC}
        assert views(register.machines, {}, (), 3)[0].twins == ()


def test_addresses_of_one_name_are_one_machine_that_is_tried_at_each_ipv4_first() -> None:
    register = observe(Register(), Evidence(1, FAR, "kitchen", whole=True))
    for at, place in enumerate((NEAR, AT, FAR), 2):
        register = observe(register, Evidence(at, place, "kitchen"))
    assert only(register).endpoints == (AT, FAR, NEAR)
    for place in (AT, FAR, NEAR):
        assert only(register).endpoint == place
        register = rules.try_next(register, only(register).id)


def test_another_address_of_its_name_leads_to_no_machine_that_has_shown_its_key() -> None:
    """Anybody may announce an address of IPv6 under any name."""
    register = observe(Register(), Evidence(1, AT, "kitchen", whole=True))
    register = observe(register, Evidence(2, FAR, "kitchen"))
    register = observe(register, Evidence(3, AT, answered=True, key=key(1)))
    register = observe(register, Evidence(4, NEAR, "kitchen"))
    assert only(register).endpoints == (AT,)
    register = rules.lose(rules.trust(register, only(register).id, key(1)), only(register).id, 30)
    register = observe(register, Evidence(31, FAR, "kitchen"))
    register = observe(register, Evidence(32, FAR, answered=True, key=key(2)))
    kitchen, stranger = register.machines.values()
    assert (kitchen.endpoints, kitchen.key_changed) == ((AT,), False)
    assert (stranger.endpoints, stranger.trusted) == ((FAR,), None)


def test_a_machine_that_lost_its_ipv4_address_is_itself_at_its_other() -> None:
    register = observe(Register(), Evidence(1, AT, "kitchen", mac=MAC, answered=True, key=key(1)))
    pi = only(register).id
    register = rules.lose(rules.trust(register, pi, key(1)), pi, 30)
    register = observe(register, Evidence(31, FAR, "kitchen"))
    register = observe(register, Evidence(32, FAR, answered=True, key=key(1)))
    assert (only(register).id, only(register).endpoint, only(register).trusted) == (pi, FAR, key(1))
    assert only(register).endpoints == (FAR,)
    # Its address is back.
    register = observe(register, Evidence(33, AT, "kitchen"))
    register = observe(register, Evidence(34, AT, mac=MAC, answered=True, key=key(1)))
    assert (only(register).id, only(register).endpoints) == (pi, (AT, FAR))


def test_a_card_that_was_just_moved_is_not_two_addresses_of_one_machine() -> None:
    register = Register()
    for at, (place, mac) in enumerate(((AT, MAC), (ELSEWHERE, OTHER_MAC))):
        seen = Evidence(at, place, "kitchen", mac, answered=True, key=key(1))
        register = observe(register, seen)
    assert len(register.machines) == 2


def test_one_key_and_two_mdns_names_is_a_copied_card() -> None:
    register = Register()
    places = ((AT, MAC, "raspberrypi"), (ELSEWHERE, OTHER_MAC, "raspberrypi-2"))
    for at, (place, mac, name) in enumerate(2 * places):
        register = observe(register, Evidence(at, place, name, mac, answered=True, key=key(1)))
    assert all(view.twins for view in views(register.machines, {}, (), 2))


def test_a_machine_goes_from_seen_to_known() -> None:
    register = observe(Register(), Evidence(1, AT, "raspberrypi"))
    register = observe(register, Evidence(2, AT, mac=MAC, answered=True))
    assert only(register).state(3) is PiState.REACHABLE
    register = observe(register, Evidence(3, AT, mac=MAC, answered=True, key=key(1)))
    register = rules.trust(register, only(register).id, key(1))
    known = Evidence(4, AT, mac=MAC, answered=True, key=key(1), identity=said(1, 1, 1))
    register = observe(register, known)
    assert only(register).state(5) is PiState.KNOWN
    assert only(register).state(5, in_swarm=True) is PiState.IN_SWARM
    register = rules.lose(register, only(register).id, 9)
    assert (only(register).state(10), only(register).state_since(10)) == (PiState.LOST, 9)


def test_a_renamed_machine_is_the_same() -> None:
    register = observe(Register(), Evidence(1, AT, "raspberrypi", MAC, answered=True))
    register = observe(register, Evidence(2, AT, "kitchen", MAC))
    assert only(register).name == "kitchen"


def test_a_name_that_mdns_gave_does_not_hide_the_suffix() -> None:
    register = observe(Register(), Evidence(1, AT, "raspberrypi-3", MAC, identity=said(1, 1, 1)))
    assert only(register).name == "raspberrypi-3"
    register = rules.hear(register, only(register).id, 2, "kitchen")
    assert only(register).name == "kitchen"


def test_five_of_one_name_are_five() -> None:
    register = Register()
    for number in range(5):
        place = Endpoint(f"10.0.0.{number + 1}")
        register = observe(register, Evidence(number, place, "raspberrypi"))
        mac = f"b8:27:eb:00:00:0{number}"
        register = observe(register, Evidence(number, place, mac=mac, answered=True))
    assert len(register.machines) == 5


def test_a_machine_is_followed_to_its_new_address() -> None:
    register = observe(Register(), Evidence(1, AT, "raspberrypi", MAC, answered=True))
    first = only(register).id
    register = observe(register, Evidence(100, ELSEWHERE, "raspberrypi"))
    assert len(register.machines) == 2
    register = observe(register, Evidence(101, ELSEWHERE, mac=MAC, answered=True))
    assert (only(register).id, only(register).endpoint) == (first, ELSEWHERE)
    assert only(register).name == "raspberrypi"


def test_an_address_passes_to_another_machine() -> None:
    register = observe(Register(), Evidence(1, AT, "raspberrypi", MAC, answered=True, key=key(1)))
    first = only(register).id
    register = rules.trust(register, first, key(1))
    register = observe(register, Evidence(50, AT, mac=OTHER_MAC, answered=True, key=key(2)))
    old, new = register.machines[first], register.at(AT)
    assert new is not None
    assert (old.endpoint, old.contact, old.key_changed) == (None, Contact.SILENT, False)
    assert (new.id != first, new.trusted) == (True, None)


def test_a_new_key_on_a_known_board_stops_everything() -> None:
    register = observe(Register(), Evidence(1, AT, mac=MAC, answered=True, key=key(1)))
    register = rules.trust(register, only(register).id, key(1))
    logged_in = Evidence(2, AT, mac=MAC, answered=True, key=key(1), identity=said(1, 1, 1))
    register = observe(register, logged_in)
    register = observe(register, Evidence(90, AT, mac=MAC, answered=True, key=key(2)))
    machine = only(register)
    assert (machine.key_changed, machine.trusted, machine.state(91)) == (
        True,
        key(1),
        PiState.REACHABLE,
    )
    register = rules.trust(register, machine.id, key(2))
    register = observe(register, replace(logged_in, at=95, key=key(2), identity=said(1, 2, 2)))
    machine = only(register)
    assert (machine.key_changed, machine.reflashed, machine.old_key) == (False, 95, key(1))


def test_a_new_key_at_an_address_without_a_mac_is_never_trusted_as_a_new_machine() -> None:
    register = observe(Register(), Evidence(1, AT, answered=True, key=key(1)))
    register = rules.trust(register, only(register).id, key(1))
    register = observe(register, Evidence(99, AT, answered=True, key=key(2)))
    assert only(register).key_changed


def test_one_machine_with_two_addresses_is_one_once_logged_in() -> None:
    wlan = "dc:a6:32:00:00:01"
    first = Evidence(1, AT, mac=MAC, answered=True, key=key(1), identity=said(1, 1, 1))
    register = observe(Register(), first)
    kept = only(register).id
    register = observe(register, Evidence(2, ELSEWHERE, mac=wlan, answered=True, key=key(1)))
    assert len(register.machines) == 2
    register = rules.hear(register, kept, 2.5)
    assert copies(register.machines)
    second = replace(first, at=3, endpoint=ELSEWHERE, mac=wlan)
    register = observe(register, second)
    assert only(register).id == kept
    assert set(only(register).macs) == {MAC, wlan}
    assert set(only(register).endpoints) == {AT, ELSEWHERE}
    assert not copies(register.machines)


def test_containers_of_one_machine_are_no_clones() -> None:
    one = Identity("", "machine1", "boot1", "", "a")
    register = observe(Register(), Evidence(1, AT, answered=True, key=key(1), identity=one))
    other = Evidence(2, ELSEWHERE, answered=True, key=key(2), identity=one)
    register = observe(register, other)
    assert len(register.machines) == 2
    assert not copies(register.machines)


def test_a_flood_pushes_out_no_machine_that_answered() -> None:
    register = observe(Register(), Evidence(1, AT, mac=MAC, answered=True))
    known = only(register).id
    for number in range(rules.LARGEST + 200):
        place = Endpoint(f"10.1.{number // 250}.{number % 250 + 1}")
        register = observe(register, Evidence(2 + number, place, f"x{number}"))
    assert len(register.machines) == rules.LARGEST
    assert known in register.machines


def test_forgetting_takes_everything_and_it_comes_back_as_new() -> None:
    register = observe(Register(), Evidence(1, AT, mac=MAC, answered=True, key=key(1)))
    pi = only(register).id
    register = rules.forget(rules.trust(register, pi, key(1)), pi)
    assert not register.machines
    register = observe(register, Evidence(2, AT, mac=MAC, answered=True))
    assert only(register).trusted is None


def node(name: str, address: str, state: str = "ready", role: str = "worker") -> NodeView:
    """A node of the swarm."""
    return NodeView(f"id-{name}", name, address, role, "active", state, "linux/arm64", 4, 1 << 30)


@pytest.mark.parametrize(
    ("nodes", "joined"),
    [
        ([node("swarmost1", AT.address)], "id-swarmost1"),
        # It moved, or its node's address is not known.
        ([node("kitchen", "10.0.0.99")], "id-kitchen"),
        # Its own Docker is down.
        ([node("kitchen", AT.address, "down")], "id-kitchen"),
        # A dead node had its address once.
        ([node("swarmost1", AT.address, "down")], ""),
        ([node("swarmost1", AT.address, "down"), node("new", AT.address)], "id-new"),
        ([node("new", AT.address), node("swarmost1", AT.address, "down")], "id-new"),
        # Jobs run in processes here, and a machine there has this one's name.
        ([node("kitchen", "", role="local")], ""),
    ],
)
def test_a_machine_is_the_node_that_it_is_and_no_other(nodes: list[NodeView], joined: str) -> None:
    who = said(1, 1, 1, "kitchen")
    register = observe(Register(), Evidence(1, AT, "kitchen", MAC, answered=True, identity=who))
    (view,) = views(register.machines, {}, nodes, 2)
    assert view.node == joined


def joined(register: Register, nodes: list[NodeView]) -> dict[str, str]:
    """The node that each machine is shown as."""
    return {view.id: view.node for view in views(register.machines, {}, nodes, 4)}


def test_the_id_that_a_machine_has_in_the_swarm_counts_more_than_name_and_address() -> None:
    nodes = [node("kitchen", AT.address), node("attic", ELSEWHERE.address)]
    register = observe(Register(), Evidence(1, AT, mac=MAC, answered=True, identity=said(1, 1, 1)))
    one = only(register).id
    register = observe(
        register, Evidence(1, ELSEWHERE, mac=OTHER_MAC, answered=True, identity=said(2, 2, 2))
    )
    # They have changed places, and the swarm does not know it yet.
    register = rules.hear(register, one, 2, "kitchen", "id-attic")
    (other,) = set(register.machines) - {one}
    assert joined(register, nodes) == {one: "id-attic", other: ""}
    # Logging in anew says nothing of it; a card written anew has another.
    again = Evidence(3, AT, mac=MAC, answered=True, identity=said(1, 1, 3))
    assert observe(register, again).machines[one].identity.node == "id-attic"
    anew = replace(again, identity=said(1, 9, 4))
    assert observe(register, anew).machines[one].identity.node == ""
    # Two of one id are copies of one card: then they are told apart as before.
    register = rules.hear(register, other, 4, "attic", "id-attic")
    assert joined(register, nodes) == {one: "id-kitchen", other: "id-attic"}


def test_the_id_of_a_machine_that_proved_to_be_another_is_not_given_away() -> None:
    """Found by the test below: who held it then meant a machine that nobody had trusted."""
    register = observe(Register(), Evidence(0, AT, claimed=OTHER_MAC, key=key(1)))
    pi = only(register).id
    register = rules.trust(register, pi, key(1))
    register = observe(register, Evidence(1, AT, mac=MAC, key=key(2)))
    register = observe(register, Evidence(2, ELSEWHERE, key=key(1)))
    register = observe(register, Evidence(3, ELSEWHERE, mac=MAC))
    merged = register.find(pi)
    assert merged is not None
    assert (merged.macs, merged.trusted) == ((MAC,), key(1))
    register = observe(register, Evidence(4, Endpoint("10.0.0.9"), mac=OTHER_MAC))
    assert register.find(pi) == merged
    assert [
        machine.trusted for machine in register.machines.values() if OTHER_MAC in machine.macs
    ] == [None]


def test_what_is_said_of_one_key_is_not_said_of_another() -> None:
    for trusted, approved in ((key(1), True), (key(2), False)):
        register = observe(Register(), Evidence(1, AT, mac=MAC, answered=True))
        register = rules.trust(register, only(register).id, trusted)
        register = observe(register, Evidence(2, ELSEWHERE, answered=True, key=key(1)))
        approving = register.at(ELSEWHERE)
        assert approving is not None
        register = rules.trust(register, approving.id, key(1))
        register = rules.approve(register, approving.id)
        # Both prove to be one board.
        register = observe(register, Evidence(3, ELSEWHERE, mac=MAC, answered=True))
        assert only(register).trusted == trusted
        assert only(register).approved == approved


EVIDENCE = st.builds(
    Evidence,
    at=st.floats(0, 500),
    endpoint=st.sampled_from([*(Endpoint(f"10.0.0.{n}") for n in range(1, 5)), FAR, NEAR]),
    name=st.sampled_from(["", "raspberrypi", "raspberrypi-2", "kitchen"]),
    mac=st.sampled_from(["", "", MAC, OTHER_MAC, "dc:a6:32:00:00:03"]),
    claimed=st.sampled_from(["", MAC, OTHER_MAC]),
    answered=st.booleans(),
    added=st.booleans(),
    key=st.sampled_from([None, None, key(1), key(2), key(3)]),
    identity=st.one_of(
        st.none(),
        st.builds(
            said,
            board=st.integers(0, 2),
            card=st.integers(0, 2),
            boot=st.integers(0, 2),
        ),
        st.just(Identity()),
    ),
)


@examples(500)
@given(st.lists(st.one_of(EVIDENCE, st.integers(0, 5)), max_size=40))
def test_no_evidence_however_contradictory_breaks_the_register(
    events: list[Evidence | int],
) -> None:
    register = Register()
    trusted: dict[str, HostKey] = {}
    for event in events:
        if isinstance(event, int):
            for pi in list(register.machines)[event : event + 1]:
                shown = register.machines[pi].key
                if shown is not None:
                    register = rules.trust(register, pi, shown)
                    trusted[pi] = shown
                register = rules.lose(register, pi, 500)
            continue
        register = observe(register, event)
        holders = [
            machine for machine in register.machines.values() if machine.endpoint == event.endpoint
        ]
        assert len(holders) <= 1
        copies(register.machines)
        for pi, machine in register.machines.items():
            assert machine.id == pi
            if pi in trusted:
                assert machine.trusted is not None, "trust never vanishes"
        for old in register.merged:
            assert old not in register.machines
