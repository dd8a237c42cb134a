"""What can go wrong, in the words of whoever must act on it."""

from __future__ import annotations

from collections.abc import Sequence


class CaucusError(Exception):
    """Base of all errors of ours; its text is fit to show."""


class Refused(CaucusError):
    """The request is understood and not granted; the text says why. Exit code 1, HTTP 4xx."""


class NotThere(Refused):
    """What was named does not exist, for this person at least. HTTP 404."""


class NotAllowed(Refused):
    """Who asks has not the role for it. HTTP 403."""


class Conflict(Refused):
    """What it is now does not allow this change. HTTP 409."""


class WrongSettings(Refused):
    """Settings are missing or wrong; carries all of them, not only the first."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("wrong settings:\n" + "\n".join(f"  {problem}" for problem in self.problems))


class Unavailable(CaucusError):
    """The database is away or locked: nothing was done, the same request may be repeated. HTTP 503."""


class SendError(CaucusError):
    """A channel could not send; exactly one of the four below is raised."""

    taken: int = 0
    """So many messages of this delivery the vendor had taken before: the next try leaves them out."""


class TryLater(SendError):
    """The vendor asked us to wait `after` seconds; surely not sent.

    `ours`: a pace or a share of our own asks, for this delivery alone; the vendor wants nobody else to wait.
    """

    def __init__(self, after: float, reason: str = "", *, ours: bool = False) -> None:
        self.after, self.ours = after, ours
        super().__init__(reason or f"try again in {after:g} s")


class Unreachable(SendError):
    """This address cannot be reached now or ever (left, blocked, outside the window); surely not sent."""


class OutsideWindow(Unreachable):
    """The platform lets us speak to this address only after the person has spoken; surely not sent, kept until then."""


class Rejected(SendError):
    """The vendor refuses this content; repeating the same is useless; surely not sent."""


class InDoubt(SendError):
    """The answer was lost: the message may have arrived."""
