"""Which card does a delivery carry? Its own, or the one that its broadcast shares for a language, opened once."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.db import Encrypted, reading
from bot.delivery.moves import Ready
from bot.delivery.tables import SharedCardRow
from bot.messages import Card, Lang

MOST_KEPT = 200
"""Opened cards of broadcasts that one process remembers."""

_ENCRYPTED = Encrypted()


class Unreadable(Exception):
    """There is no such card, or this version cannot read it."""


def share(session: Session, broadcast_id: str, cards: dict[Lang, Card]) -> None:
    """Keep the cards of a broadcast, one a language, before its rows. Commits nothing.

    Its rows then have `card` NULL and `lang` set. Once one of them may have been sent, a card is never changed:
    every process remembers what it has opened.
    """
    for lang, card in cards.items():
        session.merge(SharedCardRow(broadcast_id=broadcast_id, lang=lang, card=stored(card)))
    session.flush()


def shared(session: Session, broadcast_id: str, lang: str) -> Card:
    """The card that a broadcast shares for a language. Raises Unreadable."""
    its = (SharedCardRow.broadcast_id == broadcast_id, SharedCardRow.lang == lang)
    return opened(session.scalar(select(SharedCardRow.card).where(*its)))


def stored(card: Card) -> Any:
    """What is encrypted of a card."""
    return card.model_dump(mode="json", exclude_defaults=True)


class Cards:
    """Opens cards for one process; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shared: dict[tuple[str, str], Card] = {}

    def of(self, row: Ready) -> Card:
        """The card of a delivery. Raises Unreadable, and Unavailable when the database is away or no key fits."""
        if row.card is not None:
            return opened(_ENCRYPTED.process_result_value(row.card, self._engine.dialect))
        key = (row.broadcast_id or "", row.lang or "")
        card = self._shared.get(key)
        if card is None:
            with reading(self._engine) as session:
                card = shared(session, *key)
            if len(self._shared) >= MOST_KEPT:
                self._shared.clear()
            self._shared[key] = card
        return card


def opened(found: Any) -> Card:
    """A card as it is stored, decrypted. Raises Unreadable."""
    if found is None:
        raise Unreadable("there is no card for it")
    try:
        return Card.model_validate(found)
    except ValidationError as error:  # its text would quote the card
        raise Unreadable(f"a card with {error.error_count()} faults") from None
