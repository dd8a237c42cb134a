"""On what terms does a channel carry deliveries? Plain data per channel: times, pace, threads, what to do in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bot.channel import Channel
from bot.delivery.pace import Rate

MOST_ROWS, LARGEST, LENGTH = 200, 1_000, 2.0
"""Rows of one chunk; where more than that are over in LENGTH seconds it has as many as are, at most LARGEST: to queue,
begin and end a chunk costs as much as some fifty rows."""
REACH = 0.5
"""Seconds of sending that intents are committed ahead for: so few rows are on their way when a pause, a stop or a
crash comes."""
InDoubtPolicy = Literal["drop", "repeat", "hold"]


@dataclass(frozen=True)
class Terms:
    """Seconds, rates and policy of one channel."""

    hard_timeout: float = 30.0
    """No send and no look-up of the adapter lasts longer: its own HTTP timeouts add up to less."""
    settling: float = 5.0
    """How long after that a message may still turn up at the vendor; also covers clocks that differ between machines."""
    in_doubt: InDoubtPolicy = "hold"
    """Only where the vendor has neither look-up nor key. drop: it stays in doubt for good; hold: it waits for
    somebody's word (`outbox.settle`); repeat: it is sent again, at most `most_doubts` times, and may arrive twice."""
    most_doubts: int = 3
    threads: int = 16
    """Sends at the same time in one process; answers and nudges have a quarter as many on top, of their own."""
    per_room: Rate | None = None
    per_address: Rate | None = None
    per_workspace: Rate | None = None
    per_channel: Rate | None = None
    can_look_up: bool = False
    takes_key: bool | Literal["unprompted"] = False

    @property
    def verifies(self) -> bool:
        """Whether a doubt can be cleared without anybody's word."""
        return self.can_look_up or bool(self.takes_key)

    def drops_second(self, reply_to: str | None) -> bool:
        """Whether the vendor drops a second one of a delivery that answers this message (None: unprompted)."""
        return self.takes_key is True or (self.takes_key == "unprompted" and reply_to is None)

    def threads_for(self, *, urgent: bool) -> int:
        """Sends at the same time, of tips and broadcasts or of answers and nudges."""
        return max(2, self.threads // 4) if urgent else self.threads

    def rows(self, speed: float) -> int:
        """How many rows a chunk takes where so many are sent in a second."""
        return max(MOST_ROWS, min(LARGEST, int(LENGTH * speed)))

    def intents(self, speed: float, *, urgent: bool) -> int:
        """How many intents to commit at once where so many are sent in a second.

        REACH seconds of work; where a doubt cannot be cleared, only what is really on its way.
        """
        threads = self.threads_for(urgent=urgent)
        return max(threads, min(MOST_ROWS, int(REACH * speed))) if self.verifies else threads


def terms_of(channels: Mapping[str, Channel], given: Mapping[str, Terms] | None = None) -> dict[str, Terms]:
    """The terms of each channel: those given, else the usual; abilities and the pace of a room are the adapter's word."""
    found: dict[str, Terms] = {}
    for name, channel in channels.items():
        limits = channel.limits
        usual = (given or {}).get(name) or Terms()
        room = usual.per_room or (Rate(limits.per_second) if limits.per_second else None)
        found[name] = replace(usual, per_room=room, can_look_up=limits.can_look_up, takes_key=limits.takes_key)
    return found
