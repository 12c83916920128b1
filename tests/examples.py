"""How many examples a property is tried on: few in `make check`, very many in `make fuzz`."""

from hypothesis import HealthCheck, settings

_USUAL = settings().max_examples


def register_profiles() -> None:
    """Makes the profiles known. None looks at the clock: it tells of the load, not of squarm.

    `make test` tries the same examples each time, so that what it says is about what has changed;
    `make fuzz` tries others.
    """
    slow = [*settings().suppress_health_check, HealthCheck.too_slow]
    for name, number in (("usual", _USUAL), ("quick", 20), ("fuzz", 20_000)):
        settings.register_profile(
            name,
            max_examples=number,
            derandomize=name != "fuzz",
            deadline=None,
            suppress_health_check=slow,
        )
    settings.load_profile("usual")


def examples(usual: int) -> settings:
    """Decorates a property: so many examples in `make test`, in proportion elsewhere."""
    return settings(max_examples=max(5, usual * settings().max_examples // _USUAL))
