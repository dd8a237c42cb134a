"""Did a message arrive? A room's history is turned page by page, newest first, back to the moment of the send.

A look-up that must stop (Slack asks to wait, which it does after every page of an app outside its Marketplace; an answer
is lost; too long for one go) goes on behind the last page it has read. Meanwhile another process may have sent the
message, so a stretch that was begun earlier never says "not there" alone: what came since is read too.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.errors import TryLater, Unreachable

MARGIN = 120.0
"""Seconds before and after the time of a send in which its message is looked for: clocks differ."""
ENOUGH = 20.0
"""Seconds of turning pages at once; the rest of a look-up's time belongs to the last page and to the send that may follow."""
PAGE, MOST_PAGES = 15, 20
"""Messages a page: more are not given to apps distributed outside the Marketplace (conversations.history, read 2026-11).
Pages in all, however often it was interrupted."""
LONGEST = 24 * 3_600.0
"""Seconds after which a look-up that still has to wait is given up: the doubt is then somebody's to settle."""
MOST_KEPT = 10_000
Read = Callable[[dict[str, Any]], Any]
"""One page: the bounds and the cursor → what Slack tells."""


@dataclass
class Look:
    """How far one look-up is; seconds of the real clock."""

    since: float = 0.0
    until: float = 0.0
    """Of the stretch that is being read; its pages are asked for with the same bounds."""
    cursor: str = ""
    """The next page of the stretch; empty: the next stretch begins."""
    pages: int = 0
    begun: float = field(default_factory=time.monotonic)

    def through(self, key: str, read: Read) -> str | None:
        """The `ts` of the message that carries this key; None when it surely is not there.

        Raises TryLater when it has to go on later, Unreachable when nobody can tell, and what `read` raises.
        """
        now, whole = time.monotonic(), False
        while self.pages < MOST_PAGES:
            if time.monotonic() - now > ENOUGH:  # a second one must not begin while this one may still send
                raise TryLater(10)
            if not self.cursor:
                self.until, whole = time.time(), True
            bounds = {"oldest": str(self.since), "latest": str(self.until + MARGIN), "inclusive": True, "limit": PAGE}
            told = read(bounds | ({"cursor": self.cursor} if self.cursor else {}))
            self.pages += 1
            for message in told.get("messages", []):
                if (message.get("metadata") or {}).get("event_payload", {}).get("delivery") == key:
                    return str(message["ts"])
            self.cursor = (told.get("response_metadata") or {}).get("next_cursor") or ""
            if not self.cursor:
                if whole:
                    return None
                self.since = max(self.since, self.until - MARGIN)
        raise Unreachable("too much was said since")


class Looks:
    """The look-ups of this process that go on later. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Look] = OrderedDict()
        self._lock = threading.Lock()

    def through(self, key: str, age: float, read: Read) -> str | None:
        """See Look.through; `age`: seconds since the first send of this delivery. Goes on where an earlier call had to stop."""
        with self._lock:
            look = self._kept.pop(key, None) or Look()
        if not look.pages:
            look.since = time.time() - age - MARGIN
        try:
            return look.through(key, read)
        except Unreachable:
            raise
        except Exception:
            if time.monotonic() - look.begun > LONGEST:
                raise Unreachable("looked for it long enough") from None
            with self._lock:
                self._kept[key] = look
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            raise
