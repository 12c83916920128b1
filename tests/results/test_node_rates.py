"""Squares a minute by node."""

from results.node_rates import NodeRates
from swarm.engine import LogLine


def square(node: str, clock: str) -> LogLine:
    return LogLine("job", 0, "task", node, clock, '{"type":"square","unit":0}')


def test_a_rate_is_what_the_last_minute_of_the_nodes_own_clock_brought() -> None:
    rates = NodeRates()
    # Pi clocks without a battery are wrong by years: that is no reason to show nothing.
    lines = [square("pi-02", f"1970-01-01T00:0{n // 60}:{n % 60:02}.123456789Z") for n in range(90)]
    rates.count([*lines, LogLine("job", 0, "t", "pi-02", "", "not a square")], now=1000.0)
    assert rates.rates(1000.0) == {"pi-02": 61.0}


def test_a_rate_fades_when_nothing_more_comes() -> None:
    rates = NodeRates()
    rates.count([square("pi-02", f"2026-01-01T00:00:{n:02}Z") for n in range(60)], now=50.0)
    assert rates.rates(80.0)["pi-02"] == 31.0
    assert rates.rates(111.0) == {}


def test_lines_without_a_time_count_as_they_come() -> None:
    rates = NodeRates()
    rates.count([square("pc", "")], now=10.0)
    rates.count([square("pc", ""), square("", ""), square("pc", "nonsense")], now=30.0)
    assert rates.rates(69.0) == {"pc": 3.0}
    assert rates.rates(75.0) == {"pc": 2.0}


def test_a_clock_that_is_set_back_starts_the_count_anew() -> None:
    rates = NodeRates()
    rates.count([square("pi-02", "2030-01-01T00:00:00Z")] * 5, now=1.0)
    rates.count([square("pi-02", "2026-01-01T00:00:00Z")], now=2.0)
    assert rates.rates(2.0) == {"pi-02": 1.0}
