"""Does what a curator wishes become what people are told, without a pause, and is what would harm refused?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.curation.learn import Learner
from bot.curation.review import changes
from bot.curation.understanding import Understanding
from bot.db import reading, writing
from bot.intents.build import build
from bot.intents.live import Known, Live
from bot.intents.match import Matcher, head_file, training_rows
from bot.intents.sentences import Sentences
from bot.messages import Address, Inbound
from bot.people import directory, signin
from bot.people.tables import PersonRow
from bot.wiring import App
from knowledge.load import KnowledgeBase
from tests.conftest import NOW

SURE_OF = "They want to be our exclusive distributor for Vietnam, do we agree?"
"""The coach is sure that it means exclusivity-request."""
ASKED = "our boss wants the incoterms fixed before we ping them on dingtalk"


@pytest.fixture
def curator(engine: Engine) -> PersonRow:
    """Somebody who may change what the coach knows."""
    with writing(engine) as session:
        return directory.add_person(session, NOW, name="Lin", role="curator")


def accepted(app: App, curator: PersonRow, change: dict[str, Any], **how: Any) -> int:
    """The id of a change that was proposed and accepted, not learnt yet."""
    with writing(app.engine) as session:
        row = app.knowing.curation.propose(session, curator, change, NOW)
        app.knowing.curation.decide(session, row.id, curator, True, NOW, **how)
        return row.id


def ended(app: App, change_id: int) -> Any:
    """The change after it was learnt and followed."""
    assert app.knowing.learner.once() == change_id
    app.knowing.learner.follow()
    with reading(app.engine) as session:
        return next(told for told in changes(session) if told.id == change_id)


def asked(app: App, text: str, number: int = 1) -> Any:
    """What somebody is answered."""
    return app.receive(
        Inbound(address=Address(channel="web", external_id="anna"), message_id=f"m{number}", text=text, received_at=NOW)
    )


def test_an_added_phrasing_is_understood_by_the_running_coach_and_undone_again(app: App, curator: PersonRow) -> None:
    before = asked(app, ASKED)
    change = {"kind": "add-phrasings", "intent": "confirm-by-text-or-phone", "phrasings": {"en": [ASKED]}}
    told = ended(app, accepted(app, curator, change))
    assert (told.state, told.version, told.decided_by) == ("live", 1, "Lin")
    assert before.decision != "sure"
    assert asked(app, ASKED, 2).intent == "confirm-by-text-or-phone"
    with writing(app.engine) as session:
        undone = app.knowing.curation.undo(session, 1, curator, NOW)
        app.knowing.curation.decide(session, undone.id, curator, True, NOW)
    assert ended(app, undone.id).state == "live"
    assert asked(app, ASKED, 3).decision == before.decision


def test_a_second_process_serves_what_another_made_live(app: App, build_app: Callable[..., App], curator: PersonRow) -> None:
    other = build_app()
    before = asked(other, ASKED)
    change = {"kind": "add-phrasings", "intent": "confirm-by-text-or-phone", "phrasings": {"en": [ASKED]}}
    accepted(app, curator, change)
    assert other.knowing.learner.follow() is False, "nothing is live yet"
    app.knowing.learner.once()
    assert before.decision != "sure"
    assert asked(other, ASKED, 2).decision == before.decision, "as before until it looks"
    assert other.knowing.learner.follow() is True
    assert asked(other, ASKED, 3).intent == "confirm-by-text-or-phone"
    assert other.knowing.learner.follow() is False
    assert other.knowing.learner.once() is None, "and has nothing to learn itself"


def test_what_makes_a_known_question_worse_is_refused_with_the_list_and_may_not_be_forced(app: App, curator: PersonRow) -> None:
    question = {"text": SURE_OF, "lang": "en", "labels": ["exclusivity-request"]}
    assert ended(app, accepted(app, curator, {"kind": "question", "question": question})).state == "live"
    hide = {"kind": "hide", "card": "exclusivity-request"}
    with writing(app.engine) as session:
        row = app.knowing.curation.propose(session, curator, {"kind": "question", "question": question, "forget": True}, NOW)
        app.knowing.curation.decide(session, row.id, curator, False, NOW)
    misleading = {"kind": "add-phrasings", "intent": "casual-yes", "phrasings": {"en": [SURE_OF]}}
    for despite in (False, True):
        told = ended(app, accepted(app, curator, misleading, despite=despite))
        assert told.state == "refused"
        assert told.report["reason"] == "known questions would be understood worse"
        (worse,) = told.report["questions"]
        assert (worse["text"], worse["wanted"], worse["before"]) == (SURE_OF, "exclusivity-request", "right at once")
    assert asked(app, SURE_OF).intent == "exclusivity-request"
    with writing(app.engine) as session, pytest.raises(Exception, match="no card or command exclusivity-request"):
        app.knowing.curation.propose(session, curator, hide, NOW)


def test_what_the_coach_is_sure_of_otherwise_is_refused_and_accepted_despite_it(app: App, curator: PersonRow) -> None:
    wish = {"kind": "add-phrasings", "intent": "casual-yes", "phrasings": {"en": [SURE_OF]}}
    number = accepted(app, curator, wish)
    told = ended(app, number)
    assert told.state == "refused"
    assert told.report["elsewhere"] == [{"text": SURE_OF, "lang": "en", "wanted": "casual-yes", "now": "exclusivity-request"}]
    assert asked(app, SURE_OF).intent == "exclusivity-request"
    with writing(app.engine) as session:
        app.knowing.curation.decide(session, number, curator, True, NOW, despite=True)
    assert ended(app, number).state == "live"
    assert SURE_OF in app.kb.cards["casual-yes"].phrasings.en


def test_what_cannot_be_learnt_whatever_the_reason_blocks_nobody_and_they_take_turns(
    app: App, curator: PersonRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = {"kind": "add-phrasings", "intent": "casual-yes"}
    bad = [accepted(app, curator, {**add, "phrasings": {"en": [f"zzz {n}"]}}) for n in range(2)]
    good = accepted(app, curator, {"kind": "text", "card": "casual-yes", "fields": {"title": {"en": "Yes?", "zh": "行吗？"}}})
    clock, tried = [NOW], list[str]()
    learner = app.knowing.learner
    monkeypatch.setattr(learner, "_now", lambda: clock[0])

    def broken(before: Any, after: Any, tell: Any) -> dict[str, Any]:
        tried.append(after.phrasings["casual-yes"].en[-1])
        raise ValueError("half a line")

    monkeypatch.setattr(Understanding, "learn", lambda _, *given: broken(*given))
    for _ in range(2):
        with pytest.raises(ValueError, match="half"):
            learner.once()
    assert learner.once() == good, "the others go first"
    for _ in range(2):
        clock[0] += dt.timedelta(seconds=31)
        with pytest.raises(ValueError, match="half"):
            learner.once()
    assert tried == ["zzz 0", "zzz 1", "zzz 0", "zzz 1"]
    with writing(app.engine) as session:
        app.knowing.curation.decide(session, bad[0], curator, False, NOW)


def test_the_slow_part_is_done_beforehand_once_a_curator_is_signed_in(
    app: App, kb: KnowledgeBase, curator: PersonRow, tmp_path: Path
) -> None:
    """On a small knowledge without encoders, for which it takes a second."""
    some = dict(list(kb.cards.items())[:3])
    small = replace(kb, cards=some, commands={}, out_of_scope={})
    rows, sentences = training_rows(small), Sentences(None)
    head = build(rows, sentences)
    head.save(head_file(small, tmp_path, sentences.kind))
    understanding = Understanding(small, lambda: Matcher(head, sentences), tmp_path, "full")
    learner = Learner(app.engine, understanding, Live(Known(small, understanding.opened())), lambda: NOW)
    assert learner.prepare() is False, "nobody curates here"
    with writing(app.engine) as session:
        link = signin.new_link(session, session.merge(curator, load=True), "chat", NOW)
        signin.use(session, link or "", NOW)
    assert not understanding.prepared
    assert learner.prepare() is True
    assert learner.prepare() is False, "it has begun"
    assert learner._preparing is not None
    assert learner._preparing.wait(60) == 0
    assert understanding.prepared
    learner.stop()
