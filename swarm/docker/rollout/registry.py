"""What a registry says no with, as Docker passes it on: a sentence, and how long to leave it be."""

from dataclasses import dataclass

from base.errors import EngineError
from base.text import clean_text, shorten
from swarm.docker.refusals import plain

EVERY = 900.0
"""Seconds between two looks at a registry."""
_HOUR = 3600.0
_CLOCK = 60.0


class RegistryError(EngineError):
    """A registry that does not tell what it has; `wait` seconds before it is asked again."""

    def __init__(self, sentence: str, wait: float) -> None:
        super().__init__(sentence)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class _Refusal:
    words: tuple[str, ...]
    sentence: str
    wait: float = EVERY


_REFUSALS = (
    _Refusal(
        ("toomanyrequests", "too many requests", "rate limit", "429"),
        "It has been asked too often, and is left alone for an hour.",
        _HOUR,
    ),
    _Refusal(
        (" is before ",),
        "Its certificate is not valid yet by this machine's clock: set that (timedatectl).",
        _CLOCK,
    ),
    _Refusal(("x509", "certificate"), "Its certificate is not trusted here, or has expired."),
    _Refusal(
        ("unauthorized", "authentication required", "access denied", "denied", "401", "403"),
        "It lets nobody in without a password: docker login it on this manager, or make the "
        "image public.",
        _HOUR,
    ),
    _Refusal(
        ("manifest unknown", "not found", "name unknown", "404"),
        "It has no image of that name.",
    ),
    _Refusal(
        ("no such host", "connection refused", "timeout", "timed out", "no route", "unreachable"),
        "It does not answer.",
    ),
    _Refusal(
        ("server gave http response to https client",),
        "It speaks no TLS: name it in insecure-registries in /etc/docker/daemon.json.",
    ),
)


def refusal(reference: str, text: str) -> RegistryError:
    """What to say of a registry's error `text`, and how long to wait."""
    name = clean_text(reference, 120)
    lower = text.lower()
    for known in _REFUSALS:
        if any(words in lower for words in known.words):
            return RegistryError(f"The registry of {name}: {known.sentence}", known.wait)
    said = shorten(plain(text), 160)
    return RegistryError(f"The registry of {name} fails ({said}): it is asked again later.", EVERY)
