"""One try of one delivery: find out, or send, and say how that ended. Writes nothing."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from typing import Any

from bot import metrics
from bot.channel import Channel
from bot.delivery.cards import Cards, Unreadable
from bot.delivery.moves import End, Ready
from bot.delivery.terms import Terms
from bot.errors import InDoubt, OutsideWindow, Rejected, TryLater, Unavailable, Unreachable

UNOPENED = dt.timedelta(minutes=1)
"""When to look again at a card for which no key fits; meanwhile nothing is sent and nothing lost."""


def attempt(channel: Channel, terms: Terms, row: Ready, cards: Cards, now: dt.datetime) -> End:
    """One try, with verification first where an earlier one may have arrived. Never raises; `now` is when it began."""
    end = _tried(channel, terms, row, cards, now)
    metrics.SENDS.labels(row.address.channel, end.state).inc()
    return end


def _tried(channel: Channel, terms: Terms, row: Ready, cards: Cards, now: dt.datetime) -> End:
    try:
        card = cards.of(row)
    except Unreadable as error:
        return _unknown(terms, row, now, "unreadable") if row.verify else End(row, "failed", reason=str(error)[:200])
    except Unavailable:
        return not_begun(row, now, now + UNOPENED)
    if row.verify:
        if terms.can_look_up:
            try:
                with metrics.asking(row.address.channel):
                    receipt = channel.find(row.id)
                if receipt:
                    return End(row, "sent", vendor_id=receipt.vendor_id[:200], reason="found at the vendor")
            except TryLater as error:
                return End(row, "sending", verify_at=now + dt.timedelta(seconds=error.after), reason="the look-up has to wait")
            except Unreachable:  # of this message, in this place, nobody can tell
                if end := _by_policy(terms, row):
                    return end
            except Exception as error:  # noqa: BLE001 - whatever it is, we do not know more than before
                return _unknown(terms, row, now, type(error).__name__)
        elif not terms.drops_second(row.reply_to) and (end := _by_policy(terms, row)):
            return end
    try:
        said_so: dict[str, Any] = {"unprompted": True} if terms.takes_key == "unprompted" and row.reply_to is None else {}
        if row.taken:  # only who told so is given it
            said_so["taken"] = row.taken
        with metrics.asking(row.address.channel):
            receipt = channel.send(row.address, card, row.id, **said_so)
    except TryLater as error:
        due_at = now + dt.timedelta(seconds=error.after)
        reason, wait = ("our own pace", 0.0) if error.ours else ("the channel asked to wait", error.after)
        return End(row, "waiting", due_at=due_at, reason=reason, wait=wait, taken=error.taken)
    except OutsideWindow:
        return End(row, "held", reason="until the person speaks")
    except (Unreachable, Rejected) as error:
        return End(row, "failed", reason=type(error).__name__)
    except InDoubt as error:
        return replace(_unknown(terms, row, now, "the vendor's answer was lost"), taken=error.taken)
    except Exception as error:  # noqa: BLE001 - an adapter's fault must not lose the row; its text may quote a message
        return _unknown(terms, row, now, type(error).__name__)
    return End(row, "sent", vendor_id=receipt.vendor_id[:200])


def fresh(row: Ready, terms: Terms) -> bool:
    """Whether a send that begins now surely ends before anybody verifies it."""
    return time.monotonic() - row.since < terms.settling / 2


def not_begun(row: Ready, now: dt.datetime, due_at: dt.datetime | None = None) -> End:
    """Surely not sent by this try: open again, or still to be found out; at once, or at `due_at`."""
    if row.verify:
        return End(row, "sending", verify_at=due_at or now)
    return End(row, "waiting", due_at=due_at)


def _unknown(terms: Terms, row: Ready, now: dt.datetime, reason: str) -> End:
    """It may have arrived: verified after settling where that is possible, else as the policy says."""
    if terms.can_look_up or terms.drops_second(row.reply_to):
        wait = dt.timedelta(seconds=terms.settling * 2 ** min(row.doubts, 6))
        return End(row, "sending", verify_at=now + wait, reason=reason[:200], doubt=True)
    if terms.in_doubt == "repeat" and row.doubts < terms.most_doubts:
        return End(row, "waiting", due_at=now + dt.timedelta(seconds=terms.settling), reason=reason[:200], doubt=True)
    return End(row, "in_doubt", reason=reason[:200], doubt=True)


def _by_policy(terms: Terms, row: Ready) -> End | None:
    """After a crash, where nobody can tell: None repeats."""
    if terms.in_doubt == "repeat" and row.doubts <= terms.most_doubts:
        return None
    return End(row, "in_doubt", reason="a worker ended while sending")
