"""The quorum guard: which changes of role leave a swarm that can be managed."""

from hypothesis import given
from hypothesis import strategies as st

from swarm.docker.quorum import Quorum, advice, quorum, why_not_demote, why_not_promote
from swarm.docker.refusals import refused
from swarm.engine import NodeView


def node(name: str, role: str, state: str = "ready") -> NodeView:
    shown = {"ready": "reachable", "down": "unreachable"}[state] if role != "worker" else ""
    return NodeView(
        name, name, "10.0.0.1", role, "active", state, "linux/arm64", 4, 10**9, reachability=shown
    )


def test_the_only_manager_stays() -> None:
    nodes = [node("a", "leader"), node("b", "worker")]
    assert "only manager" in why_not_demote(nodes, nodes[0])
    assert "a worker already" in why_not_demote(nodes, nodes[1])
    assert why_not_promote(nodes, nodes[1]) == ""
    assert "a manager already" in why_not_promote(nodes, nodes[0])


def test_of_three_managers_with_one_lost_only_the_lost_one_may_go() -> None:
    nodes = [node("a", "leader"), node("b", "manager"), node("c", "manager", "down")]
    assert "1 of 2 managers" in why_not_demote(nodes, nodes[1])
    assert why_not_demote(nodes, nodes[2]) == ""


def test_a_node_that_is_down_becomes_no_manager() -> None:
    nodes = [node("a", "leader"), node("b", "worker", "down")]
    assert "b is down" in why_not_promote(nodes, nodes[1])


def test_without_a_majority_nothing_is_promised() -> None:
    nodes = [node("a", "leader"), node("b", "manager", "down"), node("c", "worker")]
    assert "1 of 2 managers" in why_not_promote(nodes, nodes[2])
    assert "1 of 2 managers" in why_not_demote(nodes, nodes[1])


def test_advice_is_given_for_even_numbers_and_crowds() -> None:
    assert "odd" in advice(Quorum(2, 2))
    assert [advice(Quorum(count, count)) for count in (1, 3, 5)] == ["", "", ""]
    assert "3 or 5" in advice(Quorum(9, 9))


@given(st.lists(st.sampled_from(["ready", "down"]), min_size=1, max_size=9), st.data())
def test_a_change_that_is_let_through_leaves_a_majority(
    states: list[str], data: st.DataObject
) -> None:
    managers = [node(f"m{i}", "manager", state) for i, state in enumerate(states)]
    worker = node("w", "worker", data.draw(st.sampled_from(["ready", "down"])))
    chosen = data.draw(st.sampled_from(managers))
    if not why_not_demote([*managers, worker], chosen):
        assert quorum([other for other in managers if other is not chosen]).holds
    if not why_not_promote([*managers, worker], worker):
        assert quorum([*managers, node("w", "manager", worker.state)]).holds


def test_what_a_swarm_without_a_leader_refuses_says_what_to_do() -> None:
    said = "rpc error: code = Unknown desc = context deadline exceeded"
    assert "start it anew there (systemctl restart docker)" in str(refused(said))
    lost = "raft: failed to process the request: node lost leader status"
    assert str(refused(lost)).startswith("The swarm is choosing another leader")
    assert "more than half of its managers" in str(refused("The swarm does not have a leader."))
    assert str(refused("no such image.")) == "Docker refuses: no such image."
