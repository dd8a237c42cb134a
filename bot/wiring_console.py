"""How is the console wired? Each port in one transaction, and never past what the one who asks may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Engine, func, select

from adapters.console.ports import CardSeen, ConsolePorts, Likely, Trouble
from adapters.site.guard import Visitor
from bot import wiring_broadcasts
from bot.broadcasts.desk import Desk as Broadcasts
from bot.channel import Channel
from bot.conversations import figures, unanswered, why
from bot.conversations.answer import advice
from bot.conversations.gaps import grouped
from bot.curation import review
from bot.db import reading, writing
from bot.delivery import troubles
from bot.followups import ledger
from bot.intents.match import Matcher
from bot.messages import Lang
from bot.people import audit, sight
from bot.people.tables import AddressRow, PersonRow, Workspace
from bot.settings import Settings
from bot.vendors import quotas
from bot.wiring_curation import Curators
from bot.wiring_ground import Clock
from bot.wiring_layer import Knowing
from bot.wiring_looks import looks
from bot.wiring_people import Crowd, acting
from knowledge.load import KnowledgeBase

MOST_LIKELY = 3
MOST_QUESTIONS = 500
"""Kept questions that are looked at for the groups, the newest."""


class House(Protocol):
    """What the console stands on: the assembled app."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102 - as bot.wiring.App has them
    @property
    def engine(self) -> Engine: ...  # noqa: D102 - as above
    @property
    def kb(self) -> KnowledgeBase: ...  # noqa: D102 - as above
    @property
    def matcher(self) -> Matcher: ...  # noqa: D102 - as above
    @property
    def channels(self) -> Mapping[str, Channel]: ...  # noqa: D102 - as above
    @property
    def now(self) -> Clock: ...  # noqa: D102 - as above
    @property
    def knowing(self) -> Knowing: ...  # noqa: D102 - as above
    @property
    def broadcasts(self) -> Broadcasts: ...  # noqa: D102 - as above
    @property
    def ready(self) -> Callable[[], dict[str, str]]: ...  # noqa: D102 - as above


@dataclass(frozen=True)
class Console:
    """The house as curators and admins see it."""

    house: House

    def ports(self) -> ConsolePorts:
        """By the names of the pages."""
        knowing = self.house.knowing
        crowd = Crowd(self.house.engine, self.house.settings, self.house.now)
        return ConsolePorts(
            figures=self.figures,
            todo=self.todo,
            gaps=self.gaps,
            settle=self.settle,
            explain=self.explain,
            closest=self.closest,
            cards=self.cards,
            card=self.card,
            intents=self.intents,
            followups=self.followups,
            followup_counts=self.followup_counts,
            troubles=self.troubles,
            mend=self.mend,
            house=self.state,
            people=crowd.people,
            role=crowd.role,
            add=crowd.add,
            invite=crowd.invite,
            sign_out=crowd.sign_out,
            now=self.house.now,
            trail=crowd.trail,
            curation=Curators(self.house.engine, knowing.curation, knowing.live, self.house.now, knowing.learner.hurry).ports(),
            broadcasts=wiring_broadcasts.console_ports(self.house.broadcasts),
        )

    def figures(self, me: Visitor, lang: Lang) -> figures.Figures:
        """Numbers by week, themes by their titles."""
        kb = self.house.kb
        with reading(self.house.engine) as session:
            found = figures.figures(session, kb, sight.scope_of(session, me.person), self.house.now())
        found.themes[:] = [(getattr(kb.themes[theme].title, lang), number) for theme, number in found.themes]
        return found

    def todo(self, me: Visitor) -> Mapping[str, int]:
        """How much waits."""
        with reading(self.house.engine) as session:
            decide = len(review.changes(session, "review"))
        waiting = {"questions": len(self.gaps(me)), "changes": decide}
        return waiting | ({"deliveries": self.troubles(me, 0, 0)[1]} if me.role == "admin" else {})

    def gaps(self, me: Visitor) -> list[Mapping[str, Any]]:
        """Questions without a good answer, alike ones together."""
        with reading(self.house.engine) as session:
            return [*grouped(unanswered.waiting(session, sight.scope_of(session, me.person))[:MOST_QUESTIONS])]

    def settle(self, me: Visitor, ids: Sequence[int]) -> int:
        """Set questions aside. Commits."""
        with writing(self.house.engine) as session:
            return unanswered.settle(session, sight.scope_of(session, me.person), ids, self.house.now())

    def explain(self, text: str, lang: Lang) -> why.Explained:
        """One question and its candidates; nothing is kept."""
        return why.explain(self.house.kb, self.house.matcher.understand(text), text, lang)

    def closest(self, texts: Sequence[str], lang: Lang) -> list[list[Likely]]:
        """What each question most likely means, best first."""
        kb = self.house.kb
        homes = {**kb.commands, **kb.cards}

        def told(name: str) -> Likely:
            return Likely(name, getattr(homes[name].title, lang), why.gist(kb, name, lang))

        likely = ([c.intent for c in self.house.matcher.understand(text).candidates if c.intent in homes] for text in texts)
        return [[told(name) for name in names[:MOST_LIKELY]] for names in likely]

    def cards(self, me: Visitor, lang: Lang) -> list[Mapping[str, Any]]:
        """All cards by theme, with what people said of them."""
        kb = self.house.kb
        with reading(self.house.engine) as session:
            said = figures.votes(session, sight.scope_of(session, me.person))
        return [
            {
                "id": theme.id,
                "title": getattr(theme.title, lang),
                "cards": [
                    {
                        "id": card.id,
                        "title": getattr(card.title, lang),
                        "phrasings": len(card.phrasings.en) + len(card.phrasings.zh),
                        "votes": said.get(card.id, (0, 0)),
                    }
                    for card in kb.by_theme.get(theme.id, ())
                ],
            }
            for theme in kb.themes.values()
        ]

    def card(self, me: Visitor, card_id: str, lang: Lang) -> CardSeen | None:
        """One card as every channel shows it."""
        kb = self.house.kb
        if card_id not in kb.cards:
            return None
        shown, known = advice(kb, card_id, lang), kb.cards[card_id]
        with reading(self.house.engine) as session:
            yes, no = figures.votes(session, sight.scope_of(session, me.person)).get(card_id, (0, 0))
        return CardSeen(shown, looks(shown), {"en": known.phrasings.en, "zh": known.phrasings.zh}, yes, no)

    def intents(self, lang: Lang) -> list[tuple[str, str]]:
        """All cards and commands, by title."""
        kb = self.house.kb
        found = [(home.id, getattr(home.title, lang)) for home in (*kb.cards.values(), *kb.commands.values())]
        return sorted(found, key=lambda each: each[1])

    def followups(self, me: Visitor) -> list[Mapping[str, Any]]:
        """One's own."""
        with reading(self.house.engine) as session:
            return [*ledger.told(session, ledger.open_ones(session, session.get_one(PersonRow, me.person)))]

    def followup_counts(self, me: Visitor) -> Mapping[str, int]:
        """Everybody's, in numbers."""
        with reading(self.house.engine) as session:
            return figures.followups(session, sight.scope_of(session, me.person))

    def troubles(self, me: Visitor, first: int, most: int) -> tuple[list[Trouble], int]:
        """What failed or is in doubt, from the `first` on, and how many there are in all."""
        with reading(self.house.engine) as session:
            scope, now = sight.scope_of(session, me.person), self.house.now()
            some = [
                Trouble(row.id, row.channel, to.person_id[:8], row.kind, row.state, row.reason or "", row.moved_at, row.tries)
                for row, to in (troubles.listed(session, scope, now, first, most) if most else ())
            ]
            return some, troubles.number(session, scope, now)

    def mend(self, me: Visitor, delivery: str, how: str) -> bool:
        """Decide about one. Commits."""
        with writing(self.house.engine) as session:
            now, scope = self.house.now(), sight.scope_of(session, me.person)
            done = troubles.mend(session, scope, delivery, how, now)  # pyright: ignore[reportArgumentType] - one of MENDS
            if done:
                audit.note(session, acting(session, me), f"delivery.{how}", now, target=delivery)
            return done

    def state(self, me: Visitor) -> Mapping[str, Any]:
        """Health, channels, workspaces with their people, calls counted today."""
        engine = self.house.engine
        with reading(engine) as session:
            scope = sight.scope_of(session, me.person)
            rows = select(Workspace, func.count(AddressRow.id)).outerjoin(AddressRow, AddressRow.workspace_id == Workspace.id)
            rows = rows.group_by(Workspace.id).order_by(Workspace.channel, Workspace.created_at)
            found = session.execute(rows if scope is None else rows.where(Workspace.id.in_(scope))).all()
            spaces = [{"channel": each.channel, "name": each.external_id, "people": number} for each, number in found]
        counted = {name: n for prefix in ("wechat", "wecom", "slack") for name, n in self._counted(prefix, scope).items()}
        return {
            "health": self.house.ready(),
            "channels": {name: channel.limits.may_speak_first for name, channel in sorted(self.house.channels.items())},
            "workspaces": spaces,
            "quotas": counted,
        }

    def _counted(self, prefix: str, scope: sight.Scope) -> dict[str, int]:
        return {} if scope is not None else quotas.today(self.house.engine, prefix, self.house.now())
