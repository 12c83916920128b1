"""Writing a fresh card in the console, and waiting for its Pi."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
import yaml

from base.audit import Audit
from fleet.pi_state import PiState
from fleet.snapshot import PiView
from fleet.ssh.connection import Login
from fleet.ssh.own_key import own_key, public_half
from tests.provision.boot_partitions import TRIXIE, folder
from tests.tui.console.running import HOSTILE, RunningConsole, console
from tests.tui.console.scripted.cluster import ScriptedProvisioning, foreseen
from tests.tui.console.scripted.console import busy_events
from tests.tui.console.scripted.pis import OTHER, fleet_snapshot, pi, some_pis
from tui.console.screens.dialogs.card_form import CardForm
from tui.console.screens.dialogs.confirm import Confirm
from tui.console.screens.plan import PlanScreen


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The boot partition of a card with a fresh system."""
    return folder(tmp_path / "boot fs", TRIXIE)


UNSEEN = "of my home"


def written(card: Path) -> bool:
    return (card / "user-data").read_text() != TRIXIE["user-data"]


def words(running: RunningConsole) -> str:
    """What the dialog in front says, its frame and line ends aside."""
    lines = running.screen().splitlines()
    if not running.app.screen.query(".dialog"):
        return ""
    inside = running.app.screen.query_one(".dialog").content_region
    lines = [line[inside.x : inside.right] for line in lines[inside.y : inside.bottom]]
    return " ".join(" ".join(lines).split())


def asked(running: RunningConsole) -> bool:
    """Whether the question stands there, whole."""
    return isinstance(running.app.screen, Confirm) and "Leave it" in words(running)


async def fill_in(running: RunningConsole, card: Path, **texts: str) -> None:
    """Type into the form, then have the card looked at."""
    await running.type(f":card {card}")
    await running.press("enter")
    for name in ("name", "user", "wifi", "wifi_password", "country", "time_zone"):
        await running.press("tab")
        if name in texts:
            await running.press("ctrl+u")
            await running.type(texts[name])
    await running.press("enter")


async def write(running: RunningConsole, card: Path, **texts: str) -> None:
    """Fill in the form, and agree."""
    await fill_in(running, card, **texts)
    await running.until(lambda: asked(running))
    await running.press("right", "enter")
    await running.until(lambda: "The card is ready." in words(running))


def come(name: str, state: PiState = PiState.REACHABLE, **changes: object) -> PiView:
    return replace(pi("fresh", state), name=name, hostname=name, **changes)  # type: ignore[arg-type]


async def test_from_an_empty_card_to_the_plan_for_its_pi(tmp_path: Path, card: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), some_pis()) as on:
        on.app.provisioning = ScriptedProvisioning(on.app, foreseen)
        await fill_in(on, card, name="pi-new", user="eva", wifi="Home", wifi_password=UNSEEN,
                      country="de", time_zone="Europe/Berlin")  # fmt: skip
        await on.until(lambda: asked(on))
        for told in ("user-data", "cmdline.txt", "trixie", "pi-new", "'Home'", "as eva"):
            assert told in words(on)
        assert not written(card)
        await on.press("right", "enter")
        await on.until(lambda: "Nothing of that name is there yet" in words(on))
        said = yaml.safe_load((card / "user-data").read_text())
        assert UNSEEN not in (card / "network-config").read_text()
        assert (said["hostname"], said["timezone"]) == ("pi-new", "Europe/Berlin")
        assert said["users"][0]["ssh_authorized_keys"] == [public_half(own_key())]
        await on.put(fleet_snapshot(come("pi-new")))
        await on.until(lambda: "does not let squarm in yet" in words(on))
        await on.press("p")
        assert "does not let squarm in yet" in words(on)
        fresh = come("pi-new", PiState.KNOWN)
        await on.until(lambda: ("add", "pi-new") in on.fleet.asked)
        key = Login("eva", keys=(own_key(),))
        await on.until(lambda: ("login", key, fresh.id) in on.fleet.asked)
        await on.put(fleet_snapshot(fresh))
        await on.until(lambda: "lets squarm in as eva" in words(on))
        await on.press("p")
        await on.until(lambda: isinstance(on.app.front, PlanScreen))
        assert isinstance(on.app.front, PlanScreen)
        assert on.app.front.choice.pis == (fresh.id,)
        noted = [(entry.what, entry.result) for entry in Audit().read(20)]
        assert ("write card", "done") in noted


async def test_nothing_is_written_where_it_is_not_wanted(tmp_path: Path, card: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events()) as on:
        await fill_in(on, card)
        await on.until(lambda: asked(on))
        await on.press("enter")
        await on.until(on.at_main)
        await on.press("W", "escape")
        await on.until(on.at_main)
        assert not written(card)
        assert on.app.model.awaited == ()


async def test_what_cannot_be_is_one_sentence_and_nothing_typed_is_lost(
    tmp_path: Path, card: Path
) -> None:
    async with console(tmp_path, (80, 24), *busy_events()) as on:
        await on.press("W", "tab", "enter")
        await on.until(lambda: "Name the card" in words(on))
        await on.type(str(tmp_path / "nowhere"))
        await on.press("enter")
        await on.until(lambda: "cannot be used (No such file or directory)" in words(on))
        await on.press("escape")
        await fill_in(on, tmp_path)
        await on.until(lambda: "That is no boot partition of a Raspberry Pi" in words(on))
        await on.press("escape")
        await fill_in(on, card, wifi="Home", wifi_password=UNSEEN)
        await on.until(lambda: "Wi-Fi stays off until it knows its country" in words(on))
        assert UNSEEN not in on.screen()
        await on.type("DE")
        await on.press("enter")
        await on.until(lambda: asked(on))
        assert "join the Wi-Fi 'Home'" in words(on)
        assert not written(card)


async def test_what_is_typed_while_cards_are_looked_for_stays(
    tmp_path: Path, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, looked = Event(), Event()

    def mounted() -> list[Path]:
        found.wait(60)
        looked.set()
        return [tmp_path / "another"]

    monkeypatch.setattr("provision.card.partition.mounted_cards", mounted)
    async with console(tmp_path, (80, 24), *busy_events()) as on:
        await on.press("W")
        await on.until(lambda: isinstance(on.app.screen, CardForm))
        await on.type(str(card))
        found.set()
        await on.until(looked.is_set)
        await on.press("enter")
        await on.until(lambda: asked(on))
        await on.press("right", "enter")
        await on.until(lambda: written(card))


async def test_several_are_waited_for_beside_other_work(tmp_path: Path, card: Path) -> None:
    there = come("pi-two")
    async with console(tmp_path, (160, 48), *busy_events(), fleet_snapshot(there)) as on:
        for name in ("pi-one", "pi-two"):
            await write(on, card, name=name)
            await on.press("escape")
        assert "2 new to come" in on.screen()
        # One that was called so before is not the one from the card.
        hostile = replace(pi("other", PiState.KNOWN), name=HOSTILE, hostname=HOSTILE)
        await on.put(fleet_snapshot(replace(there, state=PiState.KNOWN), hostile))
        assert "2 new to come" in on.screen()
        # With a new card in it, it is.
        anew = replace(there, state=PiState.KNOWN, fingerprint=OTHER, trusted=OTHER)
        await on.put(fleet_snapshot(anew))
        await on.until(lambda: "1 new to come" in on.screen())
        await on.put(fleet_snapshot(anew, replace(come("pi-one", PiState.KNOWN), id="aa")))
        await on.until(lambda: "to come" not in on.screen())
        assert any("pi-one is here and lets squarm in" in toast for toast in on.toasts)


async def test_why_a_pi_would_not_be_seen_is_said(tmp_path: Path, card: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events()) as on:
        on.app.pis.change_interface("none")
        await on.until(lambda: not on.fleet.running)
        await write(on, card)
        await on.until(lambda: "Pis are not looked for" in words(on))


async def test_read_only_writes_no_card(tmp_path: Path, card: Path) -> None:
    async with console(tmp_path, (80, 24), *busy_events(), read_only=True) as on:
        await on.type(f":card {card}")
        await on.press("enter")
        refused = "--read-only refuses this: it writes to a card's boot partition"
        await on.until(lambda: refused in on.toasts[-1])
        await on.until(on.at_main)
