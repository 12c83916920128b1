"""Boards, cards and addresses that wander: whatever happens, each machine stays itself."""

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from fleet import register as rules
from fleet.copies import copies
from fleet.endpoint import Endpoint, without_suffix
from fleet.machine import Evidence
from fleet.pi_state import PiState
from fleet.register import Register, observe
from tests.examples import examples
from tests.fleet.test_register import key, said


@dataclass
class WanderingBoard:
    """A board in the simulated world."""

    number: int
    card: "SdCard"
    place: int
    on: bool = False
    boot: int = 0

    @property
    def mac(self) -> str:
        return f"b8:27:eb:00:00:{self.number:02x}"


@dataclass
class SdCard:
    """A card in the simulated world; a copy has the same number."""

    number: int
    hostname: str = "raspberrypi"


@dataclass
class World:
    """What is true, beside what the register believes."""

    boards: list[WanderingBoard]
    at: float = 1000.0
    cards: int = 100
    boots: int = 0
    register: Register = field(default_factory=Register)
    ids: dict[int, str] = field(default_factory=dict)

    def happen(self, what: str, which: int, other: int) -> None:
        """One event, and time for the fleet to notice."""
        board, second = self.boards[which], self.boards[other]
        match what:
            case "power":
                self.turn(board, on=not board.on)
            case "address":
                free = set(range(10, 20)) - {each.place for each in self.boards}
                board.place = min(free)
            case "swap addresses":
                board.place, second.place = second.place, board.place
            case "swap cards":
                for each in (board, second):
                    self.turn(each, on=False)
                self.settle()
                board.card, second.card = second.card, board.card
                for each in (board, second):
                    self.turn(each, on=True)
            case "clone":
                self.turn(second, on=False)
                self.settle()
                second.card = SdCard(board.card.number, board.card.hostname)
                self.turn(second, on=True)
            case "re-flash":
                self.turn(board, on=False)
                self.settle()
                self.cards += 1
                board.card = SdCard(self.cards)
                self.turn(board, on=True)
                self.settle()
                if board.number in self.ids:
                    assert self.register.machines[self.ids[board.number]].reflashed == self.at - 15
            case "rename":
                board.card.hostname = f"name{other}"
        self.settle()

    def turn(self, board: WanderingBoard, *, on: bool) -> None:
        board.on = on
        self.boots += on
        board.boot = self.boots

    def settle(self) -> None:
        """What the fleet sees in the next half minute: silence, sightings, keys, logins."""
        for _ in range(2):
            self.at += 15
            for pi, machine in list(self.register.machines.items()):
                there = [
                    each for each in self.boards if each.on and endpoint(each) == machine.endpoint
                ]
                if not there or (machine.macs and there[0].mac not in machine.macs):
                    self.register = rules.lose(self.register, pi, self.at)
            for board in self.boards:
                if board.on:
                    self.visit(board)

    def visit(self, board: WanderingBoard) -> None:
        place, card = endpoint(board), board.card
        shown = key(card.number)
        name = card.hostname
        # Avahi lets no two machines have the same name.
        same = [b.number for b in self.boards if b.on and b.card.hostname == name]
        number = same.index(board.number) + 1
        shown_as = f"{name}-{number}" if number > 1 else name
        seen = Evidence(self.at, place, shown_as, claimed=board.mac)
        self.register = observe(self.register, seen)
        for _ in range(2):
            met = Evidence(self.at, place, mac=board.mac, answered=True, key=shown)
            self.register = observe(self.register, met)
            machine = self.register.at(place)
            assert machine is not None
            if machine.trusted != shown:
                # The user looks at the fingerprint and accepts it.
                self.register = rules.trust(self.register, machine.id, shown)
            who = said(board.number, card.number, board.boot, name)
            self.register = observe(self.register, replace(met, identity=who))

    def check(self) -> None:
        """The register believes what is true."""
        machines = self.register.machines
        places = [machine.endpoint for machine in machines.values() if machine.endpoint]
        assert len(places) == len(set(places)), "two machines at one address"
        serials = [machine.identity.serial for machine in machines.values()]
        assert len(serials) == len(set(serials)), "one board in two machines"
        for board in self.boards:
            machine = next((b for b in machines.values() if board.mac in b.macs), None)
            if machine is None:
                assert not board.on
                continue
            assert self.ids.setdefault(board.number, machine.id) == machine.id, "the id changed"
            assert (machine.state(self.at) is PiState.KNOWN) == board.on
            if board.on:
                assert machine.endpoint == endpoint(board)
                assert without_suffix(machine.name) == board.card.hostname
                assert machine.identity.machine_id == f"machine{board.card.number}"
        self.check_clones()

    def check_clones(self) -> None:
        alike = copies(self.register.machines)
        for board in self.boards:
            twins = {
                self.ids[each.number]
                for each in self.boards
                if each is not board and each.on and each.card.number == board.card.number
            }
            if board.on:
                shown = alike.get(self.ids[board.number])
                others = set(shown.others if shown else ())
                assert twins <= others, "a cloned card is not shown"
                same = {
                    self.ids.get(each.number)
                    for each in self.boards
                    if each.card.number == board.card.number
                }
                assert others <= same, "what is no clone is shown as one"


def endpoint(board: WanderingBoard) -> Endpoint:
    """Where a board is."""
    return Endpoint(f"10.0.0.{board.place}")


EVENTS = st.tuples(
    st.sampled_from(
        ["power", "address", "swap addresses", "swap cards", "clone", "re-flash", "rename"]
    ),
    st.integers(0, 2),
    st.integers(0, 2),
)


@examples(300)
@given(st.lists(EVENTS, max_size=12))
def test_machines_keep_their_identity_whatever_happens(events: list[tuple[str, int, int]]) -> None:
    world = World([WanderingBoard(n, SdCard(n), place=n + 1) for n in range(3)])
    for board in world.boards[:2]:
        world.turn(board, on=True)
    world.settle()
    world.check()
    for what, which, other in events:
        if which != other or what in ("power", "address", "re-flash", "rename"):
            world.happen(what, which, other)
            world.check()
