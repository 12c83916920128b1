"""A rollout's order and safety, on swarms that lose and regain nodes as they like."""

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from swarm.docker.rollout.blobs import Blob
from swarm.docker.rollout.plan import (
    AGAIN,
    AT_ONCE,
    PATIENCE,
    Begin,
    Drop,
    Hold,
    Outcome,
    SelfTest,
    advance,
)
from swarm.docker.rollout.state import (
    RefusedDigest,
    Release,
    Rollout,
    followed,
    labels_of,
    loaded,
    measured,
    pinned,
    read,
    rolled_back,
    seen,
)
from swarm.engine import NodeView
from tests.examples import examples

EVERY = (("linux", "amd64"), ("linux", "arm64"), ("linux", "armv7l"))
OLD = Release(f"sha256:{'0' * 64}", EVERY)
NEW = Release(f"sha256:{'1' * 64}", EVERY)
NEWER = Release(f"sha256:{'2' * 64}", EVERY)
FOLLOWED = "10.0.0.1:5000/squarm-solver:latest"


def node(
    name: str, platform: str = "linux/arm64", role: str = "worker", state: str = "ready"
) -> NodeView:
    return NodeView(name, name, "", role, "active", state, platform, 4, 1)


@dataclass
class World:
    """A swarm that does what it is told; self-tests fail on the nodes that are `broken`."""

    rollout: Rollout
    nodes: dict[str, NodeView]
    broken: frozenset[str] = frozenset()
    tests: dict[str, SelfTest] = field(default_factory=dict)

    def look(self) -> bool:
        """One look at it, as squarm takes them; whether anything was done."""
        came = advance(self.rollout, [*self.nodes.values()], [*self.tests.values()])
        changed = came.rollout != self.rollout or bool(came.steps)
        self.rollout = came.rollout
        for step in came.steps:
            if isinstance(step, Drop):
                del self.tests[step.service]
            elif isinstance(step, Hold):
                self.tests[step.service] = replace(self.tests[step.service], held=True)
            else:
                service = f"{step.node} {step.release.digest}"
                self.tests.setdefault(service, SelfTest(service, step.node, step.release.digest))
        return changed

    def end_test(self, service: str) -> None:
        test = self.tests[service]
        if self.nodes[test.node].state == "ready" and not test.held:
            bad = test.node in self.broken
            outcome = Outcome.FAILED if bad else Outcome.PASSED
            self.tests[service] = replace(test, outcome=outcome, why="exit 1" if bad else "")

    def settle(self) -> None:
        """All nodes are back and all tests come to their end."""
        self.nodes = {key: replace(one, state="ready") for key, one in self.nodes.items()}
        for _ in range(20 * len(self.nodes) + 20):
            before = dict(self.tests)
            for service in before:
                self.end_test(service)
            if not self.look() and before == self.tests:
                return
        raise AssertionError(f"it never settles: {self}")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    platforms = st.sampled_from(["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386"])
    roles = st.sampled_from(["worker", "worker", "manager"])
    members = draw(st.lists(st.tuples(platforms, roles), min_size=1, max_size=9))
    nodes = {f"n{i}": node(f"n{i}", *member) for i, member in enumerate(members)}
    broken = draw(st.frozensets(st.sampled_from([*nodes]), max_size=2))
    return World(seen(replace(followed(FOLLOWED), current=OLD), NEW), nodes, broken)


@given(worlds(), st.data())
@examples(300)
def test_whatever_nodes_do_new_jobs_only_run_from_what_was_tested(
    world: World, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(0, 25))):
        world.look()
        check(world)
        match data.draw(st.sampled_from(["end", "down", "up", "nothing"])):
            case "end" if world.tests:
                world.end_test(data.draw(st.sampled_from([*world.tests])))
            case ("down" | "up") as way:
                key = data.draw(st.sampled_from([*world.nodes]))
                state = "ready" if way == "up" else "down"
                world.nodes[key] = replace(world.nodes[key], state=state)
            case _:
                pass
    world.settle()
    check(world)
    able = {one.id for one in world.nodes.values() if NEW.fits(one.platform)}
    assert world.rollout.target is None
    if not able & world.broken:
        expected = OLD if not able else NEW
        assert world.rollout.current is not None
        assert world.rollout.current.digest == expected.digest
    if world.rollout.current is not None and world.rollout.current.digest == NEW.digest:
        # Those that came back late are tested as well; a broken one among them says so.
        assert world.rollout.current.tested == able - world.broken
        assert {test.node for test in world.tests.values()} == able & world.broken
        assert world.rollout.previous is not None
        assert world.rollout.previous.digest == OLD.digest


def check(world: World) -> None:
    rollout = world.rollout
    assert rollout.current is not None
    at_work = {test.node for test in world.tests.values() if test.outcome is Outcome.UNDER_WAY}
    platforms = {world.nodes[one].platform for one in at_work}
    assert len(at_work) <= max(AT_ONCE, len(platforms))
    if rollout.current.digest == NEW.digest:
        assert rollout.current.tested
    if rollout.refused is not None and rollout.refused.digest == NEW.digest:
        assert rollout.current.digest == OLD.digest
        assert rollout.refused.why
        digests = {test.digest for test in world.tests.values()}
        assert NEW.digest not in digests
    # What any console reads of it is what was meant.
    assert read(labels_of(rollout)) == rollout


def begun(world: World) -> list[str]:
    came = advance(world.rollout, [*world.nodes.values()], [*world.tests.values()])
    return [step.node for step in came.steps if isinstance(step, Begin)]


def a_world(*nodes: NodeView, broken: frozenset[str] = frozenset()) -> World:
    rollout = seen(replace(followed(FOLLOWED), current=OLD), NEW)
    return World(rollout, {one.id: one for one in nodes}, broken)


def test_one_node_of_each_platform_then_two_at_a_time_and_managers_last() -> None:
    world = a_world(
        node("m1", "linux/amd64", "leader"),
        *(node(f"w{number}") for number in range(1, 5)),
        node("v7", "linux/arm/v7"),
    )
    order = []
    while world.rollout.target is not None:
        order.append(begun(world))
        world.look()
        for service in [*world.tests]:
            world.end_test(service)
    assert [told for told in order if told] == [["v7", "w1", "m1"], ["w2", "w3"], ["w4"]]
    assert world.rollout.image is not None
    assert world.rollout.image.reference == f"{FOLLOWED}@{NEW.digest}"


def test_managers_come_last_and_alone() -> None:
    world = a_world(
        node("m1", role="leader"), node("m2", role="manager"), *(node(f"w{n}") for n in range(3))
    )
    order = []
    while world.rollout.target is not None:
        order.append(begun(world))
        world.look()
        for service in [*world.tests]:
            world.end_test(service)
    assert [told for told in order if told] == [["w0"], ["w1", "w2"], ["m1"], ["m2"]]


def test_a_test_that_fails_stops_it_says_why_and_is_not_tried_again() -> None:
    world = a_world(node("w1"), node("w2"), broken=frozenset({"w1"}))
    world.settle()
    assert world.rollout.refused == RefusedDigest(NEW.digest, "On w1: exit 1", "w1")
    assert read(labels_of(world.rollout)) == world.rollout
    assert world.rollout.current == replace(OLD, tested=frozenset({"w2"}))
    assert {test.digest for test in world.tests.values()} == {OLD.digest}
    assert seen(world.rollout, NEW) == world.rollout
    assert seen(world.rollout, NEWER).target == NEWER
    asked = seen(world.rollout, NEW, asked=True)
    assert (asked.target, asked.refused) == (NEW, None)


def test_a_test_without_end_stops_it() -> None:
    world = a_world(node("w1"))
    world.look()
    (service,) = world.tests
    world.tests[service] = replace(world.tests[service], seconds=PATIENCE + 1, why="pulling")
    world.look()
    why = "On w1: no end within 30 minutes. pulling"
    assert world.rollout.refused == RefusedDigest(NEW.digest, why, "w1")
    assert world.rollout.current == OLD


def test_a_node_that_is_down_catches_up() -> None:
    world = a_world(node("w1"), node("w2", state="down"))
    while world.rollout.target is not None:
        world.look()
        for service in [*world.tests]:
            world.end_test(service)
    assert world.rollout.current is not None
    assert world.rollout.current.tested == {"w1"}
    assert not begun(world)
    world.nodes["w2"] = node("w2")
    assert begun(world) == ["w2"]
    # Its failure is its own: the others have passed.
    world.broken = frozenset({"w2"})
    world.settle()
    came = advance(world.rollout, [*world.nodes.values()], [*world.tests.values()])
    assert came.waiting == "On w2: exit 1"
    assert not came.steps
    # Swarm would try it for ever: it is held, and begun anew after hours.
    (service,) = world.tests
    assert world.tests[service].held
    world.tests[service] = replace(world.tests[service], seconds=AGAIN + 1)
    assert world.look()
    assert [(test.node, test.held) for test in world.tests.values()] == [("w2", False)]


def test_a_node_without_room_pulls_nothing_and_holds_up_nobody() -> None:
    world = a_world(node("w1"), node("w2"), node("w3"))
    world.rollout = replace(world.rollout, full={"w1": "w1 has 9 MB free."})
    assert begun(world) == ["w2"]
    world.settle()
    assert world.rollout.target is None
    assert world.rollout.current is not None
    assert world.rollout.current.tested == {"w2", "w3"}
    assert not begun(world)
    world.rollout = replace(read(labels_of(world.rollout)), full={})
    assert begun(world) == ["w1"]
    # Nobody has room: it is not over, and says why.
    alone = seen(replace(followed(FOLLOWED), current=OLD, full={"w1": "w1 has 9 MB free."}), NEW)
    came = advance(alone, [node("w1")], [])
    assert (came.rollout, came.steps, came.waiting) == (alone, (), "w1 has 9 MB free.")
    assert read(labels_of(alone)) == alone
    # To ask for it again does not make room; who insists is obeyed.
    assert seen(alone, NEW, asked=True).full == alone.full
    insisted = seen(alone, NEW, asked=True, insisted=True)
    (step,) = advance(insisted, [node("w1")], []).steps
    assert isinstance(step, Begin)
    again = measured(read(labels_of(insisted)), {"w1": "w1 has 9 MB free."})
    assert advance(again, [node("w1")], []).steps == (step,)
    assert measured(replace(alone, full={}), alone.full) == alone


def test_an_image_for_no_node_is_refused_in_words() -> None:
    only_arm = replace(NEW, platforms=(("linux", "armv7l"),))
    rollout = seen(replace(followed(FOLLOWED), current=OLD), only_arm)
    came = advance(rollout, [node("w1", "linux/amd64")], [])
    assert came.rollout.refused == RefusedDigest(
        NEW.digest, "It is made for linux/armv7l, and the swarm's nodes are linux/amd64."
    )
    assert came.rollout.current == OLD
    # One that takes no tasks now may later.
    came = advance(rollout, [node("w1", "linux/arm/v7", state="down")], [])
    assert came.rollout.target == only_arm
    assert came.waiting == "No node that could run it takes tasks now."


def test_rolling_back_is_at_once_and_lasts() -> None:
    done = replace(followed(FOLLOWED), current=NEW, previous=OLD)
    back = rolled_back(done)
    assert (back.current, back.previous, back.target) == (OLD, NEW, None)
    assert seen(back, NEW) == back
    assert seen(back, NEWER).target == NEWER
    # Under way, it is the target that is left behind.
    half = rolled_back(seen(done, NEWER))
    assert (half.current, half.previous, half.target) == (NEW, OLD, None)
    assert seen(half, NEWER) == half
    nothing = followed(FOLLOWED)
    assert rolled_back(nothing) == nothing


def test_a_pinned_release_stays() -> None:
    rollout = pinned(replace(followed(FOLLOWED), current=OLD), NEW)
    assert (rollout.target, rollout.pinned) == (NEW, True)
    assert seen(rollout, NEWER) == rollout
    assert seen(rollout, NEWER, asked=True).target == NEWER


@given(
    st.dictionaries(st.sampled_from(["squarm.image", "squarm.image.follow"]), st.text(max_size=80))
    | st.builds(
        lambda body: {"squarm.image": f'{{"follow":"",{body}}}'},
        st.text(alphabet='"currentdigsfplam:{}[],0123', max_size=60),
    )
)
def test_no_labels_crash_it(labels: dict[str, str]) -> None:
    read(labels)


def test_what_was_noted_of_another_name_counts_no_more() -> None:
    labels = labels_of(replace(followed(FOLLOWED), current=OLD))
    labels["squarm.image.follow"] = "other:5000/squarm-solver:1"
    assert read(labels) == followed("other:5000/squarm-solver:1")


def test_who_follows_nothing_is_read_as_that() -> None:
    assert read(labels_of(Rollout())) == Rollout()
    assert Rollout().image is None


def test_a_node_runs_what_is_made_for_it_alone() -> None:
    v7 = replace(NEW, platforms=(("linux", "armv7l"),))
    assert v7.fits("linux/arm/v7")
    assert not v7.fits("linux/386")
    assert replace(NEW, platforms=()).fits("linux/386")


def test_a_node_pulls_what_it_lacks_of_an_image() -> None:
    system, old, new = Blob("a" * 12, 17_000), Blob("b" * 12, 500), Blob("c" * 12, 600)
    arm64 = ("linux", "arm64")
    has = replace(OLD, blobs={arm64: (system, old)}, tested=frozenset({"w1"}))
    rollout = seen(
        replace(followed(FOLLOWED), current=has), replace(NEW, blobs={arm64: (system, new)})
    )
    assert rollout.to_pull("w1", "linux/arm64") == 600
    assert rollout.to_pull("w2", "linux/arm64") == 17_600
    assert rollout.to_pull("w3", "linux/arm/v7") is None
    assert read(labels_of(rollout)) == rollout
    assert rollout.target is not None
    there = replace(rollout, target=replace(rollout.target, tested=frozenset({"w2"})))
    assert there.to_pull("w2", "linux/arm64") == 0
    # Its size may become known later than its digest.
    unsized = replace(rollout, current=replace(has, blobs={}))
    assert seen(unsized, replace(has, tested=frozenset())) == rollout
    lies = labels_of(rollout)
    lies["squarm.image"] = lies["squarm.image"].replace("17000", "-1")
    assert read(lies) == followed(FOLLOWED)


def test_a_loaded_image_is_rolled_out_where_it_can_be_pulled_and_stays_there() -> None:
    release = replace(NEW, loaded=True)
    world = a_world(node("w1"), node("w2"), node("w3"))
    before = replace(world.rollout, current=OLD, target=None)
    world.rollout = loaded(before, release, {"w3": "w3 pulls none: it lets nobody in."})
    world.settle()
    now = world.rollout
    assert (now.target, now.previous) == (None, OLD)
    assert now.current is not None
    assert now.current.tested == {"w1", "w2"}
    assert read(labels_of(now)) == now
    # Jobs run from it by its own name, and only where it is.
    assert now.image is not None
    assert now.image.reference == f"127.0.0.1:5099/squarm-solver@{NEW.digest}"
    assert now.image.constraints == (f"node.labels.{release.mark}==yes",)
    # The registry's news are of no interest, and the node that was away has nowhere to pull it.
    assert seen(now, NEWER) == now
    assert seen(now, NEWER, asked=True).target == NEWER
    assert not advance(replace(now, full={}), [*world.nodes.values()], []).steps
    # Loaded once more it reaches that one alone.
    world.rollout = loaded(now, release, {})
    assert begun(world) == ["w3"]
    world.settle()
    assert world.rollout.current is not None
    assert world.rollout.current.tested == {"w1", "w2", "w3"}
    assert world.rollout.previous == OLD
    # Back to the one before, which is in a registry.
    back = rolled_back(world.rollout)
    assert back.image is not None
    assert back.image.reference.startswith(FOLLOWED)
    # Where nothing was followed it is kept just as well.
    alone = loaded(Rollout(), release, {})
    assert read(labels_of(alone)) == alone
    assert not alone.empty


def test_a_loaded_image_that_fails_leaves_nothing_behind() -> None:
    world = a_world(node("w1"), node("w2"))
    before = replace(world.rollout, current=OLD, target=None)
    world.rollout = loaded(before, replace(NEW, loaded=True), {"w2": "w2 pulls none: it is off."})
    world.broken = frozenset({"w1"})
    world.settle()
    assert world.rollout.refused is not None
    assert not world.rollout.insisted
    # The other node is held up by it no more.
    assert world.rollout.current is not None
    assert world.rollout.current.digest == OLD.digest
    assert world.rollout.current.tested == {"w2"}
    # What the registry has next is rolled out as ever, on all nodes.
    world.rollout = seen(replace(world.rollout, current=replace(OLD, tested=frozenset())), NEWER)
    world.broken = frozenset()
    world.settle()
    assert world.rollout.current is not None
    assert world.rollout.current.tested == {"w1", "w2"}
    # Rolled back half way it leaves nothing either.
    half = rolled_back(loaded(before, replace(NEW, loaded=True), {"w2": "It is off."}))
    assert (half.full, half.insisted, half.current) == ({}, False, OLD)
