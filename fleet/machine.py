"""One machine as it is known: what it has shown of itself, and when.

Names are shown but never identify. What does: the serial number and the MAC address (the board),
the host key and the machine-id (the card in it), the boot id (one run of it).
"""

from dataclasses import dataclass, field
from enum import StrEnum

from fleet.endpoint import Endpoint, is_pi_mac, is_pi_name, without_suffix
from fleet.pi_state import PiState
from fleet.ssh.host_keys import HostKey

ALIVE_SECONDS = 20.0
"""A machine that answered so lately is taken to be there still, unless it is known to be silent."""
ANNOUNCED_SECONDS = 150.0
"""An address record lives for 120 s: what never answered and is no more announced is gone."""


class Contact(StrEnum):
    """What the last attempt to talk to a machine gave."""

    NONE = "none"
    ANSWERS = "answers"
    LOGGED_IN = "logged in"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a machine says of itself once logged in; '' where it has no such thing.

    `node`: its id in a Docker swarm, where the user may ask Docker.
    """

    serial: str = ""
    machine_id: str = ""
    boot_id: str = ""
    model: str = ""
    hostname: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something learnt, at time `at`, of the machine at an endpoint; empty fields say nothing.

    `mac`: the network card's that answers for the address. `claimed`: the MAC address that is
    announced, which goes with a name, and so identifies nothing. `whole`: it was announced as a
    machine, not only as something that takes SSH. `answered`: its SSH port opened.
    `added`: the user asked for it. `key`: what it showed in a handshake. `identity`: what it said
    after a login, and `user`: as whom.
    """

    at: float
    endpoint: Endpoint
    name: str = ""
    mac: str = ""
    claimed: str = ""
    whole: bool = False
    answered: bool = False
    added: bool = False
    key: HostKey | None = None
    identity: Identity | None = None
    user: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine. Times are seconds since the epoch, 0 for never; `endpoints`: in use first.

    `key` is what it showed last, `trusted` what it must show; `reflashed`: when it came back with
    a new system; `old_key`: the key before that; `added`: by the user; `watched`: to be kept
    beyond this run; `whole`: announced as a machine; `approved`: the user has said to log in there,
    with whatever keys there are; `user`: whom it let in last; `contact_since`: when `contact`
    became what it is.
    """

    id: str
    first_seen: float
    endpoints: tuple[Endpoint, ...]
    announced: str = ""
    macs: tuple[str, ...] = ()
    claimed: str = ""
    whole: bool = False
    identity: Identity = field(default_factory=Identity)
    key: HostKey | None = None
    key_since: float = 0.0
    trusted: HostKey | None = None
    old_key: HostKey | None = None
    reflashed: float = 0.0
    heard: float = 0.0
    alive: float = 0.0
    contact: Contact = Contact.NONE
    contact_since: float = 0.0
    added: bool = False
    watched: bool = False
    approved: bool = False
    user: str = ""

    @property
    def endpoint(self) -> Endpoint | None:
        """Where to talk to it; None when its address went to another machine."""
        return self.endpoints[0] if self.endpoints else None

    @property
    def name(self) -> str:
        """What to call it: its announced name, unless it has been renamed since."""
        own = self.identity.hostname
        if own and without_suffix(self.announced) != without_suffix(own):
            return own
        return self.announced or own

    @property
    def recognised(self) -> str:
        """By what it is taken for a Pi, or may be one; '' for not at all.

        `model`, `user's word`, `MAC address`, `name`, or `announcement`: a renamed Pi behind an
        adapter, or with a random address, shows no more, until a login tells its model.
        """
        if "raspberry pi" in self.identity.model.lower():
            return "model"
        if self.added:
            return "user's word"
        if self.identity.model:
            return ""
        if any(is_pi_mac(mac) for mac in self.macs or (self.claimed,)):
            return "MAC address"
        if is_pi_name(self.announced):
            return "name"
        return "announcement" if self.whole and not self.identity.machine_id else ""

    @property
    def key_changed(self) -> bool:
        """Whether it shows another host key than the trusted one: no connection is made then."""
        return self.trusted is not None and self.key is not None and self.key != self.trusted

    def alive_at(self, at: float) -> bool:
        """Whether it is there, as far as anyone knows at that time."""
        talks = self.contact in (Contact.ANSWERS, Contact.LOGGED_IN)
        return talks and at - self.alive < ALIVE_SECONDS

    def state(self, at: float, *, in_swarm: bool = False) -> PiState:
        """Its state at a time."""
        match self.contact:
            case Contact.SILENT:
                return PiState.LOST
            case Contact.NONE:
                return PiState.SEEN if at - self.heard < ANNOUNCED_SECONDS else PiState.LOST
            case _ if in_swarm:
                return PiState.IN_SWARM
            case Contact.LOGGED_IN:
                return PiState.KNOWN
            case _:
                return PiState.REACHABLE

    def state_since(self, at: float) -> float:
        """When it came into that state."""
        if self.contact is Contact.NONE:
            fading = at - self.heard >= ANNOUNCED_SECONDS
            return self.heard + ANNOUNCED_SECONDS if fading else self.first_seen
        return self.contact_since
