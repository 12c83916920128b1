"""What Docker says where it will not, or cannot: a sentence for a person, however it came."""

import re

from base.errors import EngineError
from base.text import clean_text, shorten
from swarm.docker.address import Address

CALL_SECONDS = 30
"""A Pi that has sixty tasks to start has little time for anyone who asks."""


_OTHER_VERSION = re.compile(r"client version \S+ is too (?:old|new)")
_NO_LEADER = {
    "context deadline exceeded": "Docker on the swarm's leader does not get on with its work: "
    "where it stays so, start it anew there (systemctl restart docker), or reboot it",
    "lost leader status": "The swarm is choosing another leader: wait a moment",
    "does not have a leader": "The swarm has no leader now: more than half of its managers must be "
    "on and reach one another",
}
"""What swarmkit says where its managers do not agree, and what it means for who asks."""

CLOSED = "it closed the connection"
NO_DOCKER = "what answers is not a Docker daemon"
_BROKEN_OFF = {
    "RemoteDisconnected": CLOSED,
    "Connection broken": "it broke off in the middle of its answer",
    "BadStatusLine": NO_DOCKER,
}
"""What urllib3 says of answers that never came whole, and what that is in words."""


class OtherVersion(EngineError):
    """It speaks another version of its API than it did: Docker was upgraded meanwhile."""


def refused(text: str) -> EngineError:
    """It answered, and says no."""
    if _OTHER_VERSION.search(text):
        return OtherVersion(f"Docker refuses: {plain(text)}.")
    for words, meaning in _NO_LEADER.items():
        if words in text:
            return EngineError(f"{meaning}. (Docker: {plain(text)}.)")
    return EngineError(f"Docker refuses: {plain(text)}.")


def unanswered(address: Address, text: str) -> EngineError:
    """No answer came, or none that makes sense."""
    where = clean_text(address.url, 120)
    return EngineError(
        f"Docker at {where} does not answer ({plain(text)}): see whether it still runs "
        "(systemctl status docker)."
    )


def plain(text: str) -> str:
    """What went wrong, without the layers that it came through."""
    if "timed out" in text:
        return f"nothing came within {CALL_SECONDS} seconds"
    for name, words in _BROKEN_OFF.items():
        if name in text:
            return words
    text = re.sub(r" for https?\+docker://\S+:", ":", text)
    if innermost := re.search(r"\w+Error\(\d+, '([^']+)'\)", text):
        text = innermost[1]
    return shorten(re.sub(r"rpc error: code = \w+ desc = ", "", clean_text(text)), 400).strip(" .")
