"""To whom? Segments as people write them, and the statement that finds their people.

Several, joined by commas, are everybody in any of them; each person once. Parts joined by `+` narrow one another:
`workspace+lang:zh` are the Chinese readers of the workspace.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from bot.broadcasts import consent
from bot.broadcasts.broadcast_tables import SegmentMemberRow
from bot.broadcasts.ports import Ports
from bot.errors import Refused
from bot.people.directory import ROLES
from bot.people.tables import AddressRow, PersonRow

LATELY = dt.timedelta(days=90)
"""Who asked about a theme within that time is one of its people."""
LONGEST = 500
ROOM = "room"
"""The role of a room's row among people: it is spoken to, and is nobody."""
_ID = re.compile(r"[\w.@/-]{1,64}")
_There = aliased(AddressRow)
"""Any of a person's addresses: what is asked of people must not become a condition on the address they are reached at."""
KINDS = (
    "workspace, subscribed, wecom:department:ID, wecom:tag:ID, slack:room:ID, wechat:all, wechat:tag:ID, lang:zh, "
    "theme:THEME, role:ROLE"
)
ALOUD = frozenset({"slack:room", "wechat:all", "wechat:tag"})
"""Spoken to as a whole: one message, and who hears it is the vendor's business."""


@dataclass(frozen=True)
class Segment:
    """One part: a kind and what it names."""

    kind: str
    value: str = ""

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.kind}:{self.value}" if self.value else self.kind


Union = tuple[tuple[Segment, ...], ...]
"""Any of these; of each, all."""


def parse(text: str, ports: Ports) -> Union:
    """Read segments. Raises Refused for an unknown one, in words fit to show."""
    text = text.strip()
    if not text:
        raise Refused(f"say to whom: {KINDS}; several joined by commas")
    if len(text) > LONGEST:
        raise Refused(f"that are too many segments: at most {LONGEST} characters")
    found = tuple(tuple(_one(part.strip(), ports) for part in several.split("+")) for several in text.split(","))
    for several in found:
        if len(several) > 1 and any(segment.kind in ALOUD for segment in several):
            raise Refused("a room or all followers cannot be narrowed: everybody there reads it")
    return found


def written(segments: Union) -> str:
    """As `parse` reads it."""
    return ",".join("+".join(map(str, several)) for several in segments)


def each(segments: Union) -> list[Segment]:
    """Every part once."""
    return list(dict.fromkeys(segment for several in segments for segment in several))


def _one(text: str, ports: Ports) -> Segment:
    if text in ("workspace", "subscribed"):
        return Segment(text)
    kind, _, value = text.rpartition(":")
    if text == "wechat:all" or kind == "wechat:tag":
        if ports.mass_left() is None:
            raise Refused("mass messages need a certified official account, which is not set up here")
        if text == "wechat:all":
            return Segment(text)
        if value.isdecimal() and value.isascii() and len(value) < 10:
            return Segment(kind, value)
        raise Refused("a tag of the official account is a number")
    if kind in ("wecom:department", "wecom:tag"):
        if kind not in ports.members:
            raise Refused("WeCom is not set up here, so its departments and tags are not known")
        if value.isdecimal() and value.isascii() and len(value) < 12:
            return Segment(kind, value)
        raise Refused(f"a {kind.partition(':')[2]} of WeCom is a number")
    if kind == "slack:room":
        if "slack" not in ports.limits:
            raise Refused("Slack is not set up here, so its rooms are not known")
        if _ID.fullmatch(value):
            return Segment(kind, value)
        raise Refused("a room of Slack is named by its id, such as slack:room:C0123456789")
    known: dict[str, Sequence[str]] = {"lang": ("en", "zh"), "role": ROLES, "theme": sorted(ports.kept)}
    if kind in known:
        if value in known[kind]:
            return Segment(kind, value)
        raise Refused(f"there is no such {kind}; there are {', '.join(known[kind])}")
    raise Refused(f"there is no such segment; there are {KINDS}")


def everybody_in(
    session: Session, segments: Union, author: PersonRow | None, scope: list[str] | None, ports: Ports, now: dt.datetime
) -> ColumnElement[bool]:
    """The condition on PersonRow that holds for the people (and rooms) of these segments."""
    found: list[ColumnElement[bool]] = []
    for several in segments:
        parts = [_is_in(session, segment, author, ports, now) for segment in several]
        if several[0].kind not in ALOUD:
            parts.append(PersonRow.role != ROOM)
        found.append(and_(*parts))
    anybody = or_(*found)
    return anybody if scope is None else and_(anybody, PersonRow.id.in_(_people_of(scope)))


def _is_in(session: Session, segment: Segment, author: PersonRow | None, ports: Ports, now: dt.datetime) -> ColumnElement[bool]:
    if segment.kind == "subscribed":
        return consent.subscribed(PersonRow.id)
    if segment.kind == "role":
        return PersonRow.role == segment.value
    if segment.kind == "lang":
        return reads(segment.value)
    if segment.kind == "theme":
        return PersonRow.id.in_(ports.asked_about(segment.value, now - LATELY))
    if segment.kind == "workspace":
        ids = select(AddressRow.workspace_id).where(AddressRow.person_id == (author.id if author else ""))
        of_author = list(filter(None, session.scalars(ids)))
        return PersonRow.id.in_(_people_of(of_author)) if of_author else PersonRow.id.is_not(None)
    member = exists().where(_There.person_id == PersonRow.id, SegmentMemberRow.address_id == _There.id)
    return member.where(SegmentMemberRow.segment == str(segment))


def reads(lang: str) -> ColumnElement[bool]:
    """Who reads this language: they chose it, or chose none and all that is known of their addresses says so.

    Members of WeCom and WeChat are taken to read Chinese, everybody else English unless their profile says Chinese.
    """
    chinese = exists().where(
        _There.person_id == PersonRow.id,
        or_(_There.channel.in_(("wecom", "wechat")), _There.locale.startswith("zh")),
    )
    return or_(PersonRow.lang == lang, and_(PersonRow.lang.is_(None), chinese if lang == "zh" else ~chinese))


def _people_of(workspaces: Sequence[str]) -> Select[Any]:
    return select(_There.person_id).where(_There.workspace_id.in_(workspaces))
