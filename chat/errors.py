"""What can go wrong with Slack, and what it means for a message that waits."""

from base.errors import ChatError


class Refused(ChatError):
    """Slack will not take this message as it is, today or tomorrow."""


class Barred(ChatError):
    """Slack lets nothing of ours in until a person has done something: a token is bad."""


class LacksScope(Barred):
    """The app may not do this one thing; what it may do still gets in."""


class Later(ChatError):
    """Slack did not take the message now; `seconds` is what it asked to wait, 0 for no wish."""

    def __init__(self, sentence: str, seconds: float = 0.0) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class Unsure(Later):
    """Nobody answered: the message may have arrived all the same."""


class Faulty(Unsure):
    """Slack answered with an error of its own; part of it may have been done."""


class PictureNotTaken(Later):
    """Slack does not get the picture; `final`: no other attempt would help."""

    def __init__(self, sentence: str, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.final = final


class PictureNotReady(Later):
    """Slack has the picture but has not looked at it yet, and takes no message that shows it."""


def seconds_asked(error: ChatError) -> float:
    """The seconds that Slack wants us to wait after an error, 0 for no wish."""
    return error.seconds if isinstance(error, Later) else 0.0
