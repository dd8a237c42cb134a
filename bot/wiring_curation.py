"""How is the team's own layer wired to the console? Each port in one transaction; what a change says, as lines to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from adapters.console.ports import Change, CurationPorts, Moved, Proposal
from adapters.site.guard import Visitor
from bot.conversations import unanswered
from bot.curation import review
from bot.curation.change import AddPhrasings, Import, PutCard, PutText
from bot.curation.layer import WHOLE
from bot.curation.review import Curation, Told
from bot.db import reading, writing
from bot.errors import NotAllowed, NotThere
from bot.intents.compare import NOTHING
from bot.intents.live import Live
from bot.messages import Lang
from bot.people import audit, sight
from bot.people.audit import Actor
from bot.people.tables import PersonRow
from bot.wiring_ground import Clock
from knowledge.schema import LANGS

MOST_LINES, MOST_MOVED = 60, 20
"""Shown of one change, and of the questions that it moves."""


@dataclass(frozen=True)
class Curators:
    """The layer as curators change it."""

    engine: Engine
    curation: Curation
    live: Live
    now: Clock
    hurry: Callable[[], None] = lambda: None
    """Something was accepted: learn it at once."""

    def ports(self) -> CurationPorts:
        """By the names of the pages."""
        return CurationPorts(
            changes=self.changes,
            change=self.change,
            propose=self.propose,
            decide=self.decide,
            submit=self.submit,
            undo=self.undo,
            export=self.export,
            import_=self.import_,
            card=self.card,
            shelves=self.shelves,
            version=self.version,
        )

    def changes(self, me: Visitor, lang: Lang) -> list[Change]:
        """The newest changes, titles in a language."""
        with reading(self.engine) as session:
            _of_the_house(session, me)
            return [self._seen(told, lang) for told in review.changes(session)]

    def change(self, me: Visitor, number: int, lang: Lang) -> Change:
        """One of them, titles in a language. Raises NotThere."""
        with reading(self.engine) as session:
            _of_the_house(session, me)
            found = next(iter(review.changes(session, only=number)), None)
        if found is None:
            raise NotThere("there is no such change")
        return self._seen(found, lang)

    def propose(self, me: Visitor, change: Mapping[str, Any], how: Proposal) -> int:
        """Propose, and accept at once where that is wished; the questions it answers are settled with it. Commits."""
        with writing(self.engine) as session:
            person, now = _of_the_house(session, me), self.now()
            row = self.curation.propose(session, person, change, now, seen=how.seen, draft=how.draft)
            audit.note(session, Actor.of(person), "layer.propose", now, target=str(row.id))
            if how.live:
                self._decide(session, person, row.id, accept=True, despite=False)
            if not how.draft:
                unanswered.settle(session, None, how.settles, now)
            number = row.id
        if how.live:
            self.hurry()
        return number

    def decide(self, me: Visitor, number: int, accept: bool, despite: bool) -> None:  # noqa: FBT001 - yes or no is what is decided
        """Accept or decline. Commits."""
        with writing(self.engine) as session:
            self._decide(session, _of_the_house(session, me), number, accept=accept, despite=despite)
        if accept:
            self.hurry()

    def submit(self, me: Visitor, number: int) -> None:
        """Hand in a draft. Commits."""
        with writing(self.engine) as session:
            self.curation.submit(session, number, _of_the_house(session, me))

    def undo(self, me: Visitor, number: int) -> int:
        """Propose to take a live change back. Commits. Raises NotThere."""
        version = self.change(me, number, "en").version
        if version is None:
            raise NotThere("this change was never live")
        with writing(self.engine) as session:
            return self.curation.undo(session, version, _of_the_house(session, me), self.now()).id

    def export(self, me: Visitor) -> str:
        """The live layer as YAML."""
        with reading(self.engine) as session:
            _of_the_house(session, me)
            return self.curation.export(session)

    def import_(self, me: Visitor, yaml: str) -> int:
        """Propose a whole layer. Commits. Raises Broken with every problem."""
        with writing(self.engine) as session:
            return self.curation.import_(session, yaml, _of_the_house(session, me), self.now()).id

    def card(self, me: Visitor, name: str) -> tuple[Mapping[str, Any], bool] | None:  # noqa: ARG002 - as `changes`
        """A card as it is live, and whether it is the team's own."""
        card = self.live.now.kb.cards.get(name)
        return (
            None if card is None else (card.model_dump(mode="json", exclude_none=True), name not in self.curation.shipped.cards)
        )

    def shelves(self, lang: Lang) -> Mapping[str, list[tuple[str, str]]]:
        """Themes and kinds of verdict."""
        kb = self.live.now.kb
        return {
            "themes": [(theme.id, getattr(theme.title, lang)) for theme in kb.themes.values()],
            "verdicts": [(kind.id, getattr(kind.label, lang)) for kind in kb.verdicts.values()],
        }

    def version(self) -> int:
        """The version that is live."""
        with reading(self.engine) as session:
            return review.live(session)[0]

    def _seen(self, told: Told, lang: Lang) -> Change:
        """A change for its page; what is live but not served here yet is still on its way."""
        report, served, name = told.report or {}, self.live.now, told.part.partition(":")[2]
        on_its_way = told.state == "live" and (told.version or 0) > served.version
        homes = {**served.kb.commands, **served.kb.cards}

        def title(of: str) -> str:
            return getattr(homes[of].title, lang) if of in homes else of

        def moved(*names: str) -> list[Moved]:
            found = [each for part in names for each in report.get(part) or []][:MOST_MOVED]
            taken = [" / ".join(map(title, each["now"].split(", "))) if each["now"] != NOTHING else "" for each in found]
            return [
                Moved(
                    each["text"], each["lang"], title(each["wanted"]), now, each.get("after", ""), worse=each.get("worse", True)
                )
                for each, now in zip(found, taken, strict=True)
            ]

        return Change(
            id=told.id,
            part=told.part,
            kind=told.change.kind,
            state="accepted" if on_its_way else told.state,
            step="serving" if on_its_way else told.step or "",
            by=told.proposed_by or "",
            at=told.proposed_at,
            version=told.version,
            reason=str(report.get("reason") or ""),
            worse=moved("questions", "wrong", "elsewhere"),
            moved=moved("moved"),
            lines=list(_lines(told))[:MOST_LINES],
            title=title(name) if name in homes else "",
            card=name if name in served.kb.cards else "",
            since=told.decided_at,
            better=report.get("better", 0),
            less=report.get("less", 0),
            question=_question(told),
            despite=bool(report.get("elsewhere")) and not any(report.get(part) for part in ("questions", "wrong", "lost")),
        )

    def _decide(self, session: Session, person: PersonRow, number: int, *, accept: bool, despite: bool) -> None:
        self.curation.decide(session, number, person, accept, self.now(), despite=despite)
        what = "layer.accept" if accept else "layer.decline"
        audit.note(session, Actor.of(person), what, self.now(), target=str(number))


def _of_the_house(session: Session, me: Visitor) -> PersonRow:
    """Who acts; raises NotAllowed for a curator of one workspace among several, whom the layer of all is none of."""
    if sight.scope_of(session, me.person) is not None:
        raise NotAllowed("the layer is read by every workspace here; only curators of the whole house change it")
    return session.get_one(PersonRow, me.person)


def _question(told: Told) -> str:
    """One question that the change teaches."""
    change = told.change
    if isinstance(change, AddPhrasings):
        return next(iter((*change.phrasings.en, *change.phrasings.zh)), "")
    if isinstance(change, PutCard):
        asked = change.card.get("phrasings") or {}
        return next(iter((*asked.get("en", []), *asked.get("zh", []))), "")
    return ""


def _lines(told: Told) -> Iterator[tuple[str, str, str]]:
    """What a change says, field by field."""
    data = told.change.model_dump(mode="json", exclude_none=True)
    if isinstance(told.change, Import):
        data = data["layer"]
    elif isinstance(told.change, PutCard):
        data = data["card"]
    elif isinstance(told.change, PutText):
        data = data["fields"]
    unsaid = ("kind", "reviewed", "intent") if told.part != WHOLE else ("kind",)
    return _flat({key: value for key, value in data.items() if key not in unsaid}, "", "")


def _flat(value: Any, name: str, lang: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _flat(inside, *((name, str(key)) if key in LANGS else (f"{name}.{key}" if name else str(key), lang)))
    elif isinstance(value, list):
        for inside in value:
            yield from _flat(inside, name, lang)
    elif value not in ("", None):
        yield name, lang, str(value)
