"""Broadcasts by chat: curators and admins write `broadcast to …`, are shown to whom and how many, and press.

What is asked for is done before the message's transaction begins, since it may ask vendors and has transactions of its
own; a repeat of the message finds it done. Readers' buttons are answered inside, by `broadcast_votes`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.broadcasts import segments
from bot.broadcasts.desk import Desk, Who
from bot.conversations import inbox
from bot.conversations.broadcast_words import STATES, say
from bot.conversations.choices import typed
from bot.db import reading
from bot.errors import NotAllowed, Refused
from bot.intents.normalise import language
from bot.messages import Card, Choice, Inbound, Lang
from bot.people import directory
from bot.people.roles import SPEAKS_TO_MANY
from bot.people.tables import PersonRow

_CALLED = re.compile(r"\s*(?:broadcasts?\b|群发)", re.IGNORECASE)
_HOW = re.compile(r"\s*(?:broadcasts?|群发)\s*[?？]?\s*", re.IGNORECASE)
_DRAFT = re.compile(
    r"\s*(?:broadcast\s+to|群发[给到])\s*(?P<segment>\S+)(?:[ \t]+(?:at|于)[ \t]+(?P<when>\S+))?[ \t]*\n(?P<body>.+)",
    re.IGNORECASE | re.DOTALL,
)
_DO = re.compile(
    r"\s*broadcast\s+(?P<action>test|approve|pause|resume|cancel|status|report)\s+(?P<id>[0-9a-f]{32})\s*", re.IGNORECASE
)
_BETWEEN = re.compile(r"\n[ \t]*-{3,}[ \t]*\n")
MOST_SHOWN = 4
_PRESSES = frozenset({"now", "test", "approve", "pause", "resume", "cancel", "status", "report"})


class BroadcastTalk:
    """One for the process; safe to share between threads."""

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self._engine, self._desk = engine, desk

    def before(self, inbound: Inbound) -> list[Card] | None:
        """The answer to what concerns a broadcast, all done and committed; None: it is none of this, or not theirs to do."""
        if not _may_concern(inbound):
            return None
        with reading(self._engine) as session:
            person = _speaker(session, inbound)
            if person is None:
                return None
            if inbox.answered_before(session, inbound.address, inbound.message_id):
                return []  # the coach gives that answer again
            lang, asked = _lang(person, inbound), inbound.choice or _offered(session, inbound)
        try:
            return self._done(inbound, lang, asked)
        except NotAllowed:
            return None
        except Refused as refused:
            return [_notice("refused", lang, why=str(refused).rstrip("."))]

    def _done(self, inbound: Inbound, lang: Lang, asked: str) -> list[Card] | None:
        if asked:
            kind, _, rest = asked.partition(":")
            action, _, named = rest.partition(":")
            return self._act(inbound, lang, action, named) if kind == "bc" and action in _PRESSES else None
        if found := _DO.fullmatch(inbound.text):
            return self._act(inbound, lang, found["action"].lower(), found["id"].lower())
        if _HOW.fullmatch(inbound.text):
            return [self._how(inbound, lang)]
        if found := _DRAFT.fullmatch(inbound.text):
            return [self._drafted(inbound, lang, found["segment"], found["when"] or "", found["body"])]
        return None

    def _how(self, inbound: Inbound, lang: Lang) -> Card:
        """How to write one, and the newest to look at."""
        newest = self._desk.listed(self._who(inbound))["broadcasts"][:MOST_SHOWN]
        choices = [
            Choice(id=f"bc:status:{one['id']}", title=f"{STATES[one['state']][lang]} · {one['segment']}"[:60]) for one in newest
        ]
        text = say("how", lang, kinds=segments.KINDS)
        return Card(id="broadcasts", kind="notice", lang=lang, title=say("how.title", lang), text=text, choices=choices)

    def _drafted(self, inbound: Inbound, lang: Lang, segment: str, when: str, body: str) -> Card:
        says = _both(body)
        if says is None:
            return _notice("unreadable", lang)
        wanted = f"{inbound.address}/{inbound.message_id}".encode()
        given = {**says, "segment": segment, "id": hashlib.md5(wanted, usedforsecurity=False).hexdigest()}
        made = self._desk.draft(self._who(inbound), given)["id"]
        plan = {} if not when else {"at" if re.search(r"[+-]\d\d:?\d\d$|Z$", when) else "local_time": when}
        seen = self._desk.act(self._who(inbound), made, "preview", plan)
        return _confirm(seen, plan, says, lang)

    def _act(self, inbound: Inbound, lang: Lang, action: str, named: str) -> list[Card]:
        broadcast, _, planned = named.partition("|")
        name, _, value = planned.partition("=")
        plan = {name: value} if name in ("at", "local_time") else {}
        doing = "start" if action == "now" else action
        told = self._desk.act(self._who(inbound), broadcast, doing, plan)
        return [_notice("tested", lang)] if action == "test" else [_state(told, lang)]

    @staticmethod
    def _who(inbound: Inbound) -> Who:
        def speaker(session: Session) -> PersonRow | None:
            return directory.known(session, inbound.address)

        return speaker


def _may_concern(inbound: Inbound) -> bool:
    """Cheaply, for this is asked of every message: a press, a command, or a number that may be a press."""
    if inbound.outsider or inbound.quoted:
        return False
    return inbound.choice.startswith("bc:") or (
        not inbound.choice and bool(_CALLED.match(inbound.text) or len(inbound.text.strip()) <= 3)
    )


def _speaker(session: Session, inbound: Inbound) -> PersonRow | None:
    try:
        person = directory.known(session, inbound.address)
    except NotAllowed:
        return None
    return person if person.role in SPEAKS_TO_MANY else None


def _offered(session: Session, inbound: Inbound) -> str:
    """The choice that a typed number means, where it is one of a broadcast's."""
    state = inbox.state_in(session, inbound.address, inbound.room, inbound.received_at)
    found = typed(state, inbound.text.strip()) if state and len(inbound.text) <= 80 else None
    return found if found and found.startswith("bc:") else ""


def _lang(person: PersonRow, inbound: Inbound) -> Lang:
    found = person.lang or inbound.lang or (language(inbound.text) if inbound.text else None) or inbound.usual_lang
    return "zh" if found == "zh" else "en"


def _both(body: str) -> dict[str, str] | None:
    """The two texts, whichever comes first."""
    parts = [part.strip() for part in _BETWEEN.split(body)]
    if len(parts) != 2 or not all(parts):
        return None
    first_chinese = len(re.findall(r"[\u4e00-\u9fff]", parts[0])) > len(re.findall(r"[\u4e00-\u9fff]", parts[1]))
    zh, en = parts if first_chinese else (parts[1], parts[0])
    return {"en": en, "zh": zh}


def _confirm(seen: Mapping[str, Any], plan: Mapping[str, str], says: Mapping[str, str], lang: Lang) -> Card:
    number = seen["audience"]
    if seen["problems"]:
        return _notice("problems", lang, problems="\n".join(seen["problems"]))
    names = ("opted_out", "off", "late", "unreachable", "later")
    left = [say(f"left.{name}", lang, number=seen[name]) for name in names if seen[name]]
    channels = ", ".join(f"{one['channel']} {one['recipients']}" for one in seen["channels"] if one["recipients"])
    at = next(iter(plan.values()), "")
    when = say("when.local" if "local_time" in plan else "when.at" if plan else "when.now", lang, at=at.replace("T", " "))
    suffix = "".join(f"|{name}={value}" for name, value in plan.items())
    joined = "; ".join(left) if lang == "en" else "，".join(left)
    told = {"segment": seen["segment"], "number": number, "channels": channels, "when": when}
    text = say("confirm", lang, **told, **says, left=say("left", lang, left=joined) if left else "")
    pressed = [
        (f"bc:now:{seen['id']}{suffix}", say("go", lang, number=number)),
        (f"bc:test:{seen['id']}", say("test", lang)),
        (f"bc:cancel:{seen['id']}", say("discard", lang)),
    ]
    choices = [Choice(id=key, title=title) for key, title in pressed]
    title = say("confirm.title", lang, number=number)
    return Card(id="broadcast-confirm", kind="choices", lang=lang, title=title, text=text, choices=choices)


def _state(told: Mapping[str, Any], lang: Lang) -> Card:
    numbers = cast("dict[str, Any]", {**told, "state": STATES[told["state"]][lang]})
    text = say("state", lang, **numbers)
    if "useful" in told:
        text += say("more", lang, **numbers)
    text += "".join(f"\n{number} × {reason}" for reason, number in told.get("reasons", {}).items())
    ways = {
        "running": ("pause", "cancel"),
        "scheduled": ("pause", "cancel"),
        "paused": ("resume", "cancel"),
        "stopped": ("resume", "cancel"),
    }
    names = [*ways.get(told["state"], ()), "report" if told["state"] in ("done", "cancelled") else "status"]
    titles = {"status": "show"}
    choices = [Choice(id=f"bc:{name}:{told['id']}", title=say(titles.get(name, name), lang)) for name in names]
    return Card(id="broadcast-state", kind="notice", lang=lang, text=text, choices=choices)


def _notice(name: str, lang: Lang, **values: object) -> Card:
    return Card(id=f"broadcast-{name}", kind="notice", lang=lang, text=say(name, lang, **values))
