"""The nodes in the console: what is shown of Pis, and what keys do to them."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.machine import Identity
from fleet.metrics.samples import MachineFacts, Sample, Throttle
from fleet.pi_state import PiState
from fleet.ssh.connection import Login
from results.reports import JobRow
from swarm.engine import NodeView, TaskState, TaskView
from tests.tui.console.running import HOSTILE, RunningConsole, console
from tests.tui.console.scripted.console import (
    busy_events,
    full_snapshot,
    node,
    running_row,
    swarm_snapshot,
)
from tests.tui.console.scripted.pis import (
    FINGERPRINT,
    PICK_KITCHEN,
    fleet_snapshot,
    pi,
    sample,
    some_pis,
)
from tui.console.node_row import NodeRow, node_rows
from tui.console.panes.charts import chart_lines
from tui.console.panes.node_sorts import SORTS, in_order
from tui.console.panes.nodes import NodesPane
from tui.console.render.badges import limits_badge, state_badge
from tui.console.render.charts import chart, sparkline
from tui.console.render.node_page import node_page
from tui.console.render.spans import spans_width
from tui.console.render.theme import load_style
from tui.console.screens.dialogs.login_form import LoginForm
from tui.console.screens.node import NodeScreen
from tui.console.screens.nodes import NodesScreen


def rows() -> dict[str, NodeRow]:
    return {row.name: row for row in node_rows(full_snapshot(), some_pis())}


def test_a_pi_and_its_node_are_one_row_and_the_swarm_comes_first() -> None:
    joined = node_rows(full_snapshot(), some_pis())
    assert [row.name for row in joined[:4]] == ["pi-master", "pi-02", "pi-03", "pi-04"]
    assert len(joined) == 4 + 4
    both = joined[1]
    assert both.pi is not None
    assert both.node is not None
    assert (both.role, both.cpu, len(both.tasks)) == ("worker", 0.97, 1)


def test_a_state_is_a_glyph_and_a_word_gravest_first() -> None:
    shown = {name: " ".join(state_badge(row)[:2]) for name, row in rows().items()}
    assert shown == {
        "pi-master": "● ready",
        "pi-02": "● in swarm",
        "pi-03": "◐ drain",
        "pi-04": "✗ lost",
        "kitchen": "◉ known",
        "raspberrypi": "○ reachable",
        "raspberrypi-2": "▲ new key",
        "raspberrypi-3": "◌ seen",
    }
    down = node_rows(swarm_snapshot(), fleet_snapshot(pi("pi-04", node="id-pi-04")))
    assert state_badge(down[3])[1] == "down"
    silent = fleet_snapshot(pi("pi-02", PiState.IN_SWARM, node="id-pi-02", silent=True))
    (told,) = (row for row in node_rows(swarm_snapshot(), silent) if row.pi)
    assert " ".join(state_badge(told)[:2]) == "◷ silent"
    cloned = node_rows(None, fleet_snapshot(pi("a", twins=("b",))))
    assert state_badge(cloned[0])[1] == "cloned"


def test_what_slows_a_pi_down_now_stands_before_what_once_did() -> None:
    assert limits_badge(rows()["pi-02"])[:2] == ("▲", "volts+slowed")
    assert limits_badge(rows()["pi-03"])[:2] == ("△", "was volts")
    assert limits_badge(rows()["kitchen"])[:2] == ("✓", "ok")
    assert limits_badge(rows()["pi-master"])[1] == ""


def test_a_lost_pis_last_figures_are_not_shown_as_its_present_ones() -> None:
    lost = node_rows(None, fleet_snapshot(pi("a", PiState.LOST, sample=sample(cpu=0.5))))
    assert (lost[0].cpu, lost[0].temperature) == (None, None)


@pytest.mark.parametrize("sort", range(len(SORTS)), ids=lambda sort: SORTS[sort][0])
def test_rows_can_be_sorted_by_every_column_both_ways(sort: int) -> None:
    given_rows = node_rows(full_snapshot(), some_pis())
    there = in_order(given_rows, sort, reverse=False)
    back = in_order(given_rows, sort, reverse=True)
    assert {row.key for row in there} == {row.key for row in given_rows}
    keys = [SORTS[sort][1](row) for row in there]
    assert keys == sorted(keys, reverse=SORTS[sort][2])  # type: ignore[type-var]  # one type
    assert [SORTS[sort][1](row) for row in back] == keys[::-1]


def test_names_are_sorted_as_people_count() -> None:
    named = [NodeRow(name, name, "", "") for name in ("pi-10", "pi-2", "Attic", "pi-1")]
    assert [row.name for row in in_order(named, 1, reverse=False)] == [
        "Attic",
        "pi-1",
        "pi-2",
        "pi-10",
    ]


SHARES = st.lists(st.none() | st.floats(-1, 2), max_size=60)


@given(SHARES, st.integers(1, 40), st.integers(1, 6))
def test_a_chart_is_exactly_as_large_as_asked(
    values: list[float | None], width: int, height: int
) -> None:
    lines = chart(values, width, height, load_style)
    assert len(lines) == height
    assert all(spans_width(line) == width for line in lines)


def test_a_sparkline_shows_the_newest_at_the_right_and_the_unknown_as_nothing() -> None:
    text = "".join(part for part, _ in sparkline([0.5, None, 0.001, 1.0], 6, load_style))
    assert text == "  ▄ ▁█"


NUMBERS = st.none() | st.floats(0, 1e12)


@given(
    sample=st.builds(
        Sample,
        at=st.just(0.0),
        cpu=st.none() | st.floats(0, 1),
        cores=st.lists(st.floats(0, 1), max_size=16).map(tuple),
        memory=st.none() | st.integers(0, 2**60),
        memory_used=st.none() | st.integers(0, 2**60),
        temperature=st.none() | st.floats(-150, 150),
        clock=st.none() | st.integers(0, 10**11),
        received=NUMBERS,
        uptime=NUMBERS,
        skew=st.none() | st.floats(-1e12, 1e12),
        throttle=st.none() | st.integers(0, 2**32 - 1).map(Throttle),
    ),
    width=st.integers(44, 120),
)
def test_whatever_a_pi_says_of_itself_can_be_drawn(sample: Sample, width: int) -> None:
    view = pi("liar", sample=sample)
    row = node_rows(None, fleet_snapshot(view))[0]
    assert all(spans_width(line) <= width for line in chart_lines(view, width, tall=True))
    assert node_page(row)
    for column in NodesPane.columns:
        assert isinstance(column.draw(row, column.width), list)


def test_an_address_too_long_for_its_column_is_told_from_others_and_its_page_has_all() -> None:
    places = ("fe80::ba27:ebff:fe01:203%eth0", "10.0.0.7")
    view = replace(pi("kitchen"), address=places[0], addresses=places)
    row = node_rows(None, fleet_snapshot(view))[0]
    (column,) = (column for column in NodesPane.columns if column.name == "address")
    assert column.draw(row, 15)[0][0] == "fe80…1:203%eth0"
    assert column.draw(row, 40)[0][0] == column.value(row) == places[0]
    page = "\n".join("".join(text for text, _ in line) for line in node_page(row))
    assert all(place in page for place in places)


async def test_the_main_screen_shows_pis_and_nodes_in_one_table(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        shown = running.text(running.app.main.nodes)
        for text in ("● in swarm", "◌ seen", "▲ new key", "82°", "▲ volts+slowed", "△ was volts"):
            assert text in shown
        assert "1 to log in to: L" in str(running.app.main.nodes.border_subtitle)
        assert ("nodes", ("id-pi-master", "id-pi-02", "id-pi-03", "id-pi-04")) in (
            running.fleet.asked
        )


async def test_columns_give_way_in_their_order_and_the_state_stays(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), some_pis()) as running:
        await running.press("1")
        head = running.text().splitlines()[0]
        assert [word for word in ("NODE", "STATE", "CPU", "MEMORY", "TEMP", "AGE") if word in head]
        assert "ADDRESS" not in head
        assert "LIMITS" not in head


async def test_what_cannot_wait_is_a_sentence_below_its_row(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press("N")
        shown = running.text()
        assert "its host key has changed" in shown
        assert "check its power supply" in shown
        assert "it does not answer" not in shown


async def test_the_map_shows_each_task_where_it_runs_and_follows_it(tmp_path: Path) -> None:
    async with console(tmp_path, (200, 50), *busy_events(), some_pis()) as running:
        await running.press("N")
        screen = running.app.front
        assert isinstance(screen, NodesScreen)
        assert screen.map.display

        def tasks_of(name: str) -> list[int]:
            return [task.unit for row in screen.map._all if row.name == name for task in row.tasks]

        assert tasks_of("pi-02") == [7]
        row = running_row()
        moved = replace(row.job, tasks=(TaskView("t7", 7, "pi-03", TaskState.RUNNING),))
        await running.put(swarm_snapshot(JobRow(moved, 17, 37.2, row.units)))
        assert (tasks_of("pi-02"), tasks_of("pi-03")) == ([], [7])
        assert " 7 " in running.text(screen.map)
        assert "not in the swarm" in running.text(screen.map)
        assert "mols10-3fa2c1" in str(screen.map.border_subtitle)


async def test_a_map_can_be_walked_and_a_block_opened(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), some_pis()) as running:
        await running.press("N", "2", "right", "down", "enter")
        assert isinstance(running.app.front, NodeScreen)
        assert running.app.front.row.name == "pi-04"


async def test_a_node_opens_with_its_facts_and_charts(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press("1", "down", "enter")
        shown = running.screen()
        for text in ("Raspberry Pi 4 Model B", FINGERPRINT, "under-voltage, throttled", "aarch64"):
            assert text in shown
        for text in ("cpu 97%", "temperature 82.4 °C", "received", "kB/s at the top", "█"):
            assert text in shown
        gone = fleet_snapshot()
        await running.put(gone, swarm_snapshot(nodes=()))
        assert "Raspberry Pi 4 Model B" in running.screen()
        await running.press("escape")
        assert running.at_main()


async def test_the_sort_is_shown_and_the_cursor_stays_on_its_row(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        nodes = running.app.main.nodes
        await running.press("1", "down", "o", "o", "o")
        assert "by cpu ↓" in str(nodes.border_subtitle)
        assert nodes.rows[0].name == "pi-02"
        assert nodes.chosen is not None
        assert nodes.chosen.name == "pi-02"
        await running.press("O", "N")
        screen = running.app.front
        assert isinstance(screen, NodesScreen)
        assert "by cpu ↑" in str(screen.nodes.border_subtitle)
        assert screen.nodes.rows[-1].name == "pi-02"


async def test_a_filter_takes_the_rules_on_labels_that_place_jobs(tmp_path: Path) -> None:
    def labelled(name: str, memory: str, arch: str = "aarch64") -> NodeView:
        return node(name, labels={"squarm.arch": arch, "squarm.memory": memory, "rack": name[-1]})

    nodes = (labelled("pi-02", "8G"), labelled("pi-03", "512M"), labelled("pi-04", "1G", "armv7l"))
    async with console(tmp_path, (160, 48), swarm_snapshot(nodes=nodes), some_pis()) as running:
        table = running.app.main.nodes

        async def shown(words: str) -> list[str]:
            await running.press("1", "slash")
            await running.type(words)
            await running.press("enter")
            names = [row.name for row in table.rows]
            await running.press("escape")
            return names

        assert await shown("arch=aarch64") == ["pi-02", "pi-03"]
        assert await shown("memory>=1G") == ["pi-02", "pi-04"]
        assert await shown("memory>=1G,arch!=aarch64") == ["pi-04"]
        assert await shown("memory>=1G, arch!=aarch64, pi") == ["pi-04"]
        assert await shown("!rack=2 rack<=9 pi-0") == ["pi-03", "pi-04"]
        assert await shown("arch=aarch64 /3$|^pi-02") == ["pi-02"]
        # While it is typed it is no rule yet.
        assert await shown("memory>=") == []
        await running.press("1", "d")
        assert "arch=aarch64, memory=8G" in running.screen()


async def test_marks_are_shared_and_a_login_goes_to_all_that_are_marked(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press(*PICK_KITCHEN, "space", "space", "N", "L")
        asking = running.app.screen
        assert isinstance(asking, LoginForm)
        shown = running.screen()
        assert "To kitchen, raspberrypi." in shown
        assert FINGERPRINT in shown
        await running.type("secret")
        assert "secret" not in running.screen()
        await running.press("enter")
        await running.until(lambda: bool(running.toasts))
        logins = [asked for asked in running.fleet.asked if asked[0] == "login"]
        assert [pi for _, _, pi in logins] == [pi("kitchen").id, pi("raspberrypi").id]
        login = logins[0][1]
        assert isinstance(login, Login)
        assert (login.user, login.password) == ("pi", "secret")
        assert "secret" not in repr(running.fleet.asked)
        assert running.toasts == ["✓ Logging in to 2 Pis as pi."]


async def test_machines_that_have_let_in_different_users_are_logged_in_to_as_before(
    tmp_path: Path,
) -> None:
    found = some_pis()
    users = {pi("kitchen").id: "alice", pi("raspberrypi").id: "bob"}
    pis = tuple(replace(each, user=users.get(each.id, "")) for each in found.pis)
    async with console(tmp_path, (160, 48), *busy_events(), replace(found, pis=pis)) as running:
        await running.press(*PICK_KITCHEN, "space", "space", "N", "L")
        assert "empty: each as before" in running.screen()
        await running.type("secret")
        await running.press("enter")
        await running.until(lambda: bool(running.toasts))
        (_, login, _), *_ = [asked for asked in running.fleet.asked if asked[0] == "login"]
        assert isinstance(login, Login)
        assert (login.user, login.password) == ("", "secret")
        assert running.toasts == ["✓ Logging in to 2 Pis."]


async def test_forgetting_asks_first_and_says_that_a_member_stays_one(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await running.press("1", "down", "c")
        assert "In the swarm pi-02 stays." in running.screen()
        await running.press("escape", "c", "right", "enter")

        def forgotten() -> list[object]:
            return [asked for asked in running.fleet.asked if asked[0] == "forget"]

        await running.until(lambda: bool(forgotten()))
        assert forgotten() == [("forget", pi("pi-02").id)]


async def test_a_node_that_is_no_pi_here_is_told_apart(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), some_pis()) as running:
        await running.press("1", "s")
        assert running.toasts == ["▲ This takes a Pi that was found on the network."]


async def test_commands_reach_the_fleet_and_its_refusals_the_user(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis()) as running:
        await enter(running, "add 10.0.0.77")
        await running.until(lambda: ("add", "10.0.0.77") in running.fleet.asked)
        await enter(running, "sweep 10.0.0.0/24")
        assert "Knock at every address of 10.0.0.0/24?" in running.screen()
        await running.press("right", "enter")
        await running.until(lambda: "answer SSH" in running.toasts[-1])
        assert running.toasts[-2:] == [
            "✓ 10.0.0.0/24: knocking at every address",
            "✓ 3 of 10.0.0.0/24 answer SSH.",
        ]
        await enter(running, "add <b>")
        await running.until(lambda: "'<b>'" in running.toasts[-1])
        assert "▲ '<b>' is no address or host name" in running.toasts[-1]
        running.fleet.refusal = "There is no room for another."
        await enter(running, "add 10.0.0.78")
        await running.until(lambda: running.toasts[-1] == "✗ There is no room for another.")


async def test_the_network_can_be_chosen_and_looking_stopped(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events()) as running:
        await running.until(lambda: running.fleet.running)
        assert running.fleet.interface == "lo"
        await enter(running, "interface wlan77")
        assert "There is no network interface 'wlan77'" in running.toasts[0]
        await enter(running, "interface none")
        await running.until(lambda: not running.fleet.running)
        await enter(running, "add 10.0.0.77")
        assert running.toasts[-1].startswith("▲ Pis are not looked for: :interface NAME")
        await enter(running, "interface lo")
        await running.until(lambda: running.fleet.running)


async def test_an_unknown_network_is_a_sentence_below_the_header(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), interface="wlan77") as running:
        await running.until(lambda: running.app.pis.problem != "")
        await running.put(swarm_snapshot())
        assert "▲ There is no network interface 'wlan77' here" in running.screen()


async def test_read_only_refuses_every_change_to_pis(tmp_path: Path) -> None:
    async with console(tmp_path, (160, 48), *busy_events(), some_pis(), read_only=True) as running:
        await running.press(*PICK_KITCHEN, "L", "a", "c", "s")
        assert running.at_main()
        assert all("--read-only refuses this: it" in toast for toast in running.toasts)
        assert len(running.toasts) == 4
        assert all(asked[0] == "nodes" for asked in running.fleet.asked)


async def test_hostile_names_and_records_are_only_text(tmp_path: Path) -> None:
    evil = pi(
        HOSTILE,
        problem=HOSTILE,
        key_changed=True,
        identity=Identity(HOSTILE, HOSTILE, HOSTILE, HOSTILE * 40, HOSTILE),
        facts=MachineFacts(HOSTILE, HOSTILE, HOSTILE, 64),
    )
    member = node(HOSTILE, role=HOSTILE, platform=HOSTILE)
    async with console(
        tmp_path, (160, 48), swarm_snapshot(nodes=(member,)), fleet_snapshot(evil)
    ) as running:
        for keys in (("1",), ("N",), ("2",), ("1", "down", "enter"), ("escape", "2", "enter")):
            await running.press(*keys)
            shown = running.screen()
            assert "[bold]x[/]" in shown
            plain = shown.replace("\n", "")
            assert not any(unicodedata.category(char)[0] == "C" for char in plain)
        await running.press("escape", "1", "down", "a")
        assert "[bold]x[/]" in running.screen()


async def enter(running: RunningConsole, command: str) -> None:
    """Type a command."""
    await running.press("colon")
    await running.type(command)
    await running.press("enter")
