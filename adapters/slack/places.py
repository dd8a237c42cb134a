"""Where in Slack is something said? `Address.place` in our own few words. Pure.

""            the direct message with the person
D1 or D1/TS   the same, its room known; in the thread of TS
C1/TS         the thread of TS in a room
C1/~          in a room, seen by the person alone
C1            a room, for all, because the person shares something
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A place, read."""

    room: str = ""
    thread: str = ""
    private: bool = False

    @property
    def direct(self) -> bool:
        """Whether it is the direct message with the person."""
        return not self.private and (not self.room or self.room.startswith("D"))

    @property
    def shared(self) -> bool:
        """Whether it is a room as such."""
        return bool(self.room) and not (self.thread or self.private or self.direct)

    @property
    def talk(self) -> str:
        """Which conversation it belongs to: all direct messages are one, every thread its own."""
        return "" if self.direct else str(self)

    @classmethod
    def read(cls, text: str) -> Place:
        """From `Address.place`."""
        room, _, rest = text.partition("/")
        return cls(room, "" if rest == "~" else rest, rest == "~")

    def __str__(self) -> str:
        """As `Address.place`."""
        return f"{self.room}/~" if self.private else f"{self.room}/{self.thread}" if self.thread else self.room
