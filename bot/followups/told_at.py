"""Where is a person told what is due? On the addresses that may be spoken to first, the best of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.followups.tables import FollowupRow
from bot.people.tables import AddressRow


def addresses_of(session: Session, people: Iterable[str], channels: Collection[str]) -> dict[str, list[AddressRow]]:
    """Person id → where they can be told on these channels; an address whose workspace they have left is none."""
    found: dict[str, list[AddressRow]] = {person_id: [] for person_id in people}
    reachable = (AddressRow.person_id.in_(list(found)), AddressRow.channel.in_(channels), AddressRow.left_at.is_(None))
    for address in session.scalars(select(AddressRow).where(*reachable)):
        found[address.person_id].append(address)
    return found


def best(addresses: Sequence[AddressRow], rows: Sequence[FollowupRow]) -> AddressRow | None:
    """Where they asked to be told, else where a matter was set up, else where they were heard last."""
    preferred = [address for address in addresses if address.preferred]
    set_up = [row.address_id for row in rows if row.address_id]
    by_matter = [address for address in addresses if address.id in set_up]
    newest = sorted(addresses, key=lambda address: address.heard_at or address.created_at, reverse=True)
    return next(iter([*preferred, *sorted(by_matter, key=lambda address: set_up.index(address.id)), *newest]), None)
