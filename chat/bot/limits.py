"""How much the bot takes from whom: pure decisions about floods, limits and whose turn it is."""

from collections import Counter, deque
from collections.abc import Sequence

from chat.bot.requests import Request, RequestState
from chat.settings import Settings

FLOOD = 12
"""Messages a minute from one person that are answered; the next is answered with a warning."""
_MINUTE = 60.0
_PEOPLE = 1_000
_BUSY = (RequestState.QUEUED, RequestState.STARTING, RequestState.RUNNING)


class Floodgate:
    """Counts what each person says; times are seconds of a monotonic clock."""

    def __init__(self, most: int = FLOOD) -> None:
        self._most = most
        self._said: dict[str, deque[float]] = {}

    def count(self, user: str, now: float) -> int:
        """How far past the limit this one is: 0 within it, 1 for the first that is too much."""
        said = self._said.pop(user, None) or deque()
        while said and now - said[0] > _MINUTE:
            said.popleft()
        said.append(now)
        if len(said) > self._most + 2:
            # Silence is kept until a minute has passed without so many.
            said.popleft()
        self._said[user] = said
        if len(self._said) > _PEOPLE:
            del self._said[next(iter(self._said))]
        return max(0, len(said) - self._most)


def refusal(request: Request, others: Sequence[Request], settings: Settings) -> str:
    """Why a new search is not taken now, in one sentence; '' where it is."""
    busy = [other for other in others if other.state in _BUSY]
    mine = sum(other.user == request.user for other in busy)
    if mine >= settings.jobs_per_user:
        return (
            f"You have {mine} searches under way, and nobody may have more: wait for one to end, "
            "or cancel one."
        )
    here = sum(other.channel == request.channel for other in busy)
    if here >= settings.jobs_per_channel:
        return f"{here} searches are under way for this channel, and more do not fit: try later."
    return ""


def order_of_turns(requests: Sequence[Request]) -> list[Request]:
    """The queue: whoever has the fewest searches running comes first, then the oldest."""
    running = Counter(
        request.user
        for request in requests
        if request.state in (RequestState.STARTING, RequestState.RUNNING)
    )
    turns: list[tuple[int, int, Request]] = []
    for request in requests:
        if request.state is RequestState.QUEUED:
            turns.append((running[request.user], request.id, request))
            running[request.user] += 1
    return [request for _, _, request in sorted(turns, key=lambda turn: turn[:2])]


def may_cancel(user: str, asker: str, settings: Settings) -> bool:
    """A job is cancelled by whoever asked for it, and by admins."""
    return (bool(asker) and user == asker) or user in settings.admins
