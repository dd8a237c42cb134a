"""The tips' part of the composition root: the sweep over weekly tips, with what conversations know. Beside bot/wiring."""

from __future__ import annotations

from sqlalchemy import Engine, select

from bot.broadcasts import consent, tip_cards
from bot.broadcasts.tips_due import Due
from bot.conversations.asked import asked_lately
from bot.db import reading
from bot.followups.rules import Rules, zone_of
from bot.followups.worktime import find_zone
from bot.messages import Address, Lang
from bot.people.tables import AddressRow, PersonRow
from knowledge.load import KnowledgeBase


def due_tips(kb: KnowledgeBase, rules: Rules) -> Due:
    """The sweep over everybody's weekly tips."""
    return Due(kb, rules, asked_lately)


def status(engine: Engine, address: Address, lang: Lang) -> tuple[str, list[tuple[str, str]]]:
    """How tips come to whoever is at an address, in one line, and (choice, title) of what can be changed; makes nobody."""
    with reading(engine) as session:
        owner = select(PersonRow).join(AddressRow, AddressRow.person_id == PersonRow.id)
        mine = owner.where(AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
        person = session.scalar(mine)
        row = consent.subscription(session, person.id) if person else None
        zone = zone_of(person, lang) if person else "UTC"
        line, ways = tip_cards.status(row, find_zone(zone), lang)
        return line, [(way.id, way.title) for way in ways]
