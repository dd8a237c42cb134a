"""Accepted changes become live, one after another, and every process serves what is live.

One `Learner` for a process. What is learnt takes seconds in a process of its own; people are answered meanwhile, and the
swap is one assignment. The highest row of `layer_versions` is what all processes look at.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import threading
from collections.abc import Callable
from typing import Any, cast

import structlog
from sqlalchemy import Engine, case, func, select

from bot.curation.change import change_from
from bot.curation.review import CURATORS, Broken, Curation, live, refuse_overtaken
from bot.curation.tables import LayerChange, LayerVersion
from bot.curation.understanding import Understanding
from bot.db import reading, writing
from bot.errors import Conflict, Unavailable
from bot.intents.live import Live
from bot.people.tables import PersonRow, WebSession

log = structlog.get_logger()
LOOK = 1.0
"""Seconds between looks for accepted changes and new versions."""
LEASE = dt.timedelta(minutes=3)
"""A process that learns says so again with every step; the longest, preparing, takes about a minute. Taken over too early,
a change is learnt twice and goes live once."""
RETRY = dt.timedelta(seconds=30)
"""After learning failed (a full disk, no memory), how long until it is tried again."""


class Learner:
    """Learns accepted changes and keeps `served` at the live version."""

    def __init__(self, engine: Engine, understanding: Understanding, served: Live, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._understanding, self._served, self._now = engine, understanding, served, now
        self._curation = Curation(understanding.shipped)
        self._stop, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="learner", daemon=True)
        self._failed: int | None = None
        self._ready, self._preparing = False, cast("subprocess.Popen[str] | None", None)

    @property
    def trouble(self) -> str:
        """Why the live version is not served here; empty when it is."""
        return f"version {self._failed} of the team's layer could not be learnt" if self._failed is not None else ""

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new. What is being learnt is left to its process: another takes the change over after its lease."""
        self._stop.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(5)
        if self._preparing:
            self._preparing.kill()
            self._preparing.wait()

    def hurry(self) -> None:
        """Look now: something was accepted."""
        self._woken.set()

    def prepare(self) -> bool:
        """Begin to solve what every change stands on, once a curator is signed in; True when that begins now.

        It takes 45 s of CPU after an installation or update, and nobody waits for it then. Where nobody curates, it never begins.
        """
        if self._ready or not self._curated():
            return False
        self._ready = True
        if self._understanding.prepared:
            return False
        self._preparing = self._understanding.prepare()
        return True

    def follow(self) -> bool:
        """Serve the live version; True when it is another than before. A version that cannot be learnt is left aside."""
        with reading(self._engine) as session:
            newest = session.scalar(select(func.max(LayerVersion.number))) or 0
            if newest in (self._served.now.version, self._failed):
                return False
            version, layer, _ = live(session)
        try:
            known = self._understanding.known(version, layer)
        except (RuntimeError, OSError) as error:
            self._failed = version
            log.exception("the team's layer could not be learnt", version=version, error=type(error).__name__)
            return False
        self._failed = None
        self._served.swap(known)
        log.info("the team's layer is served", version=version)
        return True

    def once(self) -> int | None:
        """Learn the oldest accepted change, if nobody does; returns its id. Commits. One that failed lets the others go first.

        It goes live, or is refused with the reasons. Raises what kept it from being learnt (RuntimeError, OSError as a rule):
        it is tried again.
        """
        with writing(self._engine) as session:
            failed = LayerChange.step == "failed"
            turn = (case((failed, 1), else_=0), case((failed, LayerChange.leased_until)), LayerChange.id)  # they take turns
            waiting = select(LayerChange).where(LayerChange.state == "accepted").order_by(*turn).limit(1)
            row = session.scalar(waiting.with_for_update())
            if row is None or (row.leased_until and row.leased_until > self._now()):
                return None
            row.leased_until, row.step = self._now() + LEASE, "checking"
            version, layer, touched = live(session)
            change_id, despite, wish = row.id, row.despite, change_from(row.change)
        try:
            refuse_overtaken(row, wish, touched)
            after, _ = self._curation.after(layer, wish)
        except (Broken, Conflict) as error:
            with writing(self._engine) as session:
                _refuse(session.get_one(LayerChange, change_id), {"reason": str(error)})
            return change_id
        found: dict[str, Any] = {}
        if after.learnt_from != layer.learnt_from or after.questions != layer.questions:
            try:
                found = self._understanding.learn(layer, after, lambda step: self._tell(change_id, step))
            except Exception:  # whatever it was, the others must not wait for it
                self._tell(change_id, "failed", lease=RETRY)
                raise
        with writing(self._engine) as session:
            row = session.get(LayerChange, change_id, with_for_update=True)
            if row is None or row.state != "accepted" or live(session)[0] != version:
                return change_id  # somebody else took it over meanwhile
            if reason := _harm(found, despite=despite):
                _refuse(row, {"reason": reason, **found})
                return change_id
            number = version + 1
            touched |= dict.fromkeys(layer.differing(after), number)
            row.state, row.step, row.leased_until, row.version, row.report = "live", None, None, number, found
            session.add(LayerVersion(number=number, layer=after.dump(), touched=touched, made_at=self._now()))
        return change_id

    def _go_on(self) -> None:
        while not self._stop.is_set():
            self._woken.wait(LOOK)
            self._woken.clear()
            if self._stop.is_set():
                return
            try:
                self.once()
                self.follow()
                self.prepare()
            except Unavailable:
                self._stop.wait(2.0)
            except Exception as error:  # its text may quote a phrasing
                log.exception("the team's layer could not be looked after", error=type(error).__name__)
                self._stop.wait(30.0)

    def _curated(self) -> bool:
        with reading(self._engine) as session:
            signed = select(WebSession.id).join(PersonRow, PersonRow.id == WebSession.person_id)
            mine = signed.where(PersonRow.role.in_(CURATORS), WebSession.expires_at > self._now())
            return session.scalar(mine.limit(1)) is not None

    def _tell(self, change_id: int, step: str, lease: dt.timedelta = LEASE) -> None:
        with writing(self._engine) as session:
            if row := session.get(LayerChange, change_id):
                row.step, row.leased_until = step, self._now() + lease


def _refuse(row: LayerChange, report: dict[str, Any]) -> None:
    row.state, row.step, row.leased_until, row.report = "refused", None, None, report


def _harm(found: dict[str, Any], *, despite: bool) -> str:
    """Why what was found forbids the change; empty when it does not."""
    if found.get("questions"):
        return "known questions would be understood worse"
    if found.get("wrong"):
        return "the question to be known is not understood so"
    if found.get("lost"):
        return "more phrasings of other cards would be lost than this change wins"
    if found.get("elsewhere") and not despite:
        return "the coach is sure that it means something else; accept it despite that, or choose the other card"
    return ""
