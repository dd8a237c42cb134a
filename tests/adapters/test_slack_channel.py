"""A card gets to Slack once: faults become the four errors, and a message whose answer was lost is found again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from adapters.slack import lookup
from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.engine import Worker
from bot.delivery.tables import DeliveryRow
from bot.errors import InDoubt, TryLater, Unreachable
from bot.intents.match import Matcher
from bot.messages import Address, Card
from bot.people import directory
from bot.wiring import App
from knowledge.load import KnowledgeBase
from tests.adapters.slack_site import Site, on_sqlite, seen
from tests.fakes import slack_says as say
from tests.fakes.slack import FakeSlack

CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")
ANNA = Address(channel="slack", external_id="T1/U1", workspace="T1")


@pytest.fixture
def app(slack: FakeSlack, sqlite_template: Path, tmp_path: Path, kb: KnowledgeBase, matcher: Matcher) -> App:
    return on_sqlite(sqlite_template, tmp_path / "var", slack, kb, matcher)


def at(seconds: float = 0.0) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def nudge(app: App, *, address: Address = ANNA, room: str = "") -> str:
    """The id of a delivery that is due."""
    with writing(app.engine) as session:
        _, row = directory.at_address(session, address, at())
        return outbox.put(session, row, CARD, at(-1), "nudge", at(), room=room).id


def state(app: App, key: str) -> tuple[str, str | None]:
    with reading(app.engine) as session:
        row = session.get_one(DeliveryRow, key)
        return row.state, row.reason


def work(app: App, seconds: float = 0.0) -> None:
    Worker(app.engine, app.channels, app.now, app.terms).once(at(seconds))


@pytest.mark.parametrize(
    ("fault", "error"),
    [("500", InDoubt), ("html", InDoubt), ("vanish", InDoubt), ("error:fatal_error", InDoubt), ("error:ratelimited", TryLater),
     ("error:token_revoked", Unreachable), ("error:user_disabled", Unreachable), ("error:something_new", Exception)],
)  # fmt: skip
def test_each_fault_becomes_its_error_and_nothing_is_repeated_by_the_library(
    app: App, slack: FakeSlack, fault: str, error: type[Exception]
) -> None:
    slack.faults["chat.postMessage"] = [fault]
    with pytest.raises(error):
        app.slack.channel.send(ANNA, CARD, "k1")
    assert [method for method, _ in slack.calls].count("chat.postMessage") <= 1
    assert len(slack.posts) == (1 if fault == "html" else 0)


def test_retry_after_is_honoured_to_the_second(app: App, slack: FakeSlack) -> None:
    slack.faults["chat.postMessage"], slack.wait = ["later"], 17
    with pytest.raises(TryLater) as caught:
        app.slack.channel.send(ANNA, CARD, "k1")
    assert caught.value.after == 17


def test_when_slack_cannot_be_reached_nothing_was_sent(app: App, slack: FakeSlack) -> None:
    app.slack.channel.send(ANNA, CARD, "k1")
    slack.close()
    with pytest.raises(TryLater):
        app.slack.channel.send(ANNA, CARD, "k2")


@pytest.mark.parametrize("fault", ["drop", "vanish"])
@pytest.mark.parametrize("room", ["", "C1/1790000000.000001", "DT1U1/1790000000.000002"])
def test_a_lost_answer_is_looked_up_and_arrives_once(app: App, slack: FakeSlack, fault: str, room: str) -> None:
    key = nudge(app, room=room)
    slack.faults["chat.postMessage"] = [fault]
    work(app)
    assert state(app, key)[0] == "sending"
    for _ in range(40):  # others speak meanwhile: the look-up turns pages
        slack.posts.append(
            {"team": "T1", "channel": room.split("/")[0] or "DT1U1", "ts": slack.ts(), "thread_ts": room.partition("/")[2]}
        )
    work(app, 6)
    assert state(app, key)[0] == "sent"
    assert slack.arrived() == {key: 1}


def test_where_we_may_not_read_the_room_a_doubt_stays_and_is_told(app: App, slack: FakeSlack) -> None:
    slack.teams["xoxb-one"].scopes = "chat:write,im:history,im:write"
    key = nudge(app, room="C1/1790000000.000001")
    slack.faults["chat.postMessage"] = ["drop"]
    work(app)
    work(app, 6)
    assert state(app, key) == ("in_doubt", "a worker ended while sending")
    assert slack.arrived() == {key: 1}


def test_a_look_up_that_has_to_wait_waits_as_long_as_slack_says(app: App, slack: FakeSlack) -> None:
    key = nudge(app)
    slack.faults["chat.postMessage"], slack.faults["conversations.history"], slack.wait = ["vanish"], ["later"], 60
    work(app)
    work(app, 6)
    assert state(app, key) == ("sending", "the look-up has to wait")
    work(app, 30)
    assert slack.arrived() == {}
    work(app, 67)
    assert (state(app, key)[0], slack.arrived()) == ("sent", {key: 1})


def test_a_private_answer_whose_word_was_lost_is_in_doubt_and_never_doubled(app: App, slack: FakeSlack) -> None:
    site = Site(app, slack)
    slack.faults["respond"] = ["drop"]
    site.form(say.command("They asked for exclusivity, what do I say?", response_url=f"{slack.host}/respond/1"))
    work(app, 60)
    work(app, 600)
    with reading(app.engine) as session:
        (row,) = session.query(DeliveryRow).all()
        assert (row.state, row.doubts) == ("in_doubt", 1)
    assert len(slack.responses) == 1
    assert slack.posts == []


def test_whoever_left_gets_nothing_and_is_not_tried_again_until_they_are_back(app: App, slack: FakeSlack) -> None:
    site = Site(app, slack)
    site.event(say.direct("thanks"))
    slack.person("U1", deleted=True)
    keys = [nudge(app), nudge(app)]
    work(app)
    work(app, 2)
    work(app, 4)
    assert {state(app, key) for key in keys} == {("failed", "Unreachable")}
    assert [method for method, _ in slack.calls].count("conversations.open") == 1
    slack.person("U1")
    site.event(say.direct("thanks"))
    key = nudge(app)
    work(app, 6)
    assert state(app, key)[0] == "sent"


def test_a_room_gets_about_one_message_a_second_and_its_threads_share_the_pace(app: App, slack: FakeSlack) -> None:
    keys = [nudge(app, room=f"C1/1790000000.00000{number}") for number in range(4)]
    work(app)
    assert len(slack.arrived()) == 1
    work(app, 1.1)
    assert len(slack.arrived()) == 2
    work(app, 30)
    work(app, 60)
    assert slack.arrived() == dict.fromkeys(keys, 1)


def test_what_goes_out_carries_an_opaque_id_and_unfurls_nothing(app: App, slack: FakeSlack) -> None:
    app.slack.channel.send(ANNA, CARD.model_copy(update={"text": "<!channel> <@U2> https://a.example *x*"}), "k1")
    (post,) = slack.posts
    assert post["metadata"] == {"event_type": "caucus_delivery", "event_payload": {"delivery": "k1"}}
    assert post["text"] == "&lt;!channel&gt; &lt;@U2&gt; https://a.example *x*"
    assert "<!channel> <@U2> https://a.example *x*" in seen(post)
    assert {block["type"] for block in post["blocks"]} == {"rich_text"}


def shifted(app: App, slack: FakeSlack, key: str, seconds: float) -> None:
    """So much time passes for a delivery and for the message that Slack has of it."""
    with writing(app.engine) as session:
        row = session.get_one(DeliveryRow, key)
        assert row.verify_at
        row.moved_at -= dt.timedelta(seconds=seconds)
        row.verify_at -= dt.timedelta(seconds=seconds)
    for post in slack.posts:
        post["ts"] = f"{float(post['ts']) - seconds:.6f}"


def test_a_message_is_found_however_late_its_look_up_comes(app: App, slack: FakeSlack) -> None:
    key = nudge(app)
    slack.faults["chat.postMessage"] = ["drop"]
    work(app)
    assert (state(app, key)[0], slack.arrived()) == ("sending", {key: 1})
    for fails in (True, True, False):  # each time as late as that no margin would reach back to the send
        shifted(app, slack, key, 150)
        slack.faults["conversations.history"] = ["500"] if fails else []
        work(app)
        assert state(app, key)[0] == ("sending" if fails else "sent")
    assert slack.arrived() == {key: 1}


def others_speak(slack: FakeSlack, number: int) -> None:
    slack.posts += [{"team": "T1", "channel": "DT1U1", "ts": slack.ts(), "thread_ts": ""} for _ in range(number)]


def test_a_look_up_goes_on_where_slack_let_it_stop(app: App, slack: FakeSlack) -> None:
    key = nudge(app)
    slack.faults["chat.postMessage"] = ["drop"]
    work(app)
    others_speak(slack, 40)
    slack.faults["conversations.history"] = ["", "later"] * 10  # one page a call, as apps outside the Marketplace get
    for seconds in (6, 12, 18):
        work(app, seconds)
    assert (state(app, key)[0], slack.arrived()) == ("sent", {key: 1})


def test_a_message_that_another_process_sent_meanwhile_is_found_by_a_look_up_that_goes_on(app: App, slack: FakeSlack) -> None:
    key, channel = nudge(app), app.slack.channel
    others_speak(slack, 20)
    slack.faults["conversations.history"] = ["", "later"]
    with pytest.raises(TryLater):
        channel.find(key)
    slack.posts.append({"team": "T1", "channel": "DT1U1", "ts": slack.ts(), "metadata": {"event_payload": {"delivery": key}}})
    found = channel.find(key)
    assert found
    assert found.vendor_id == f"DT1U1:{slack.posts[-1]['ts']}"


def test_a_look_up_ends_where_too_much_was_said_however_often_it_was_interrupted(app: App, slack: FakeSlack) -> None:
    key = nudge(app)
    slack.faults["chat.postMessage"] = ["drop"]
    work(app)
    others_speak(slack, 400)
    slack.faults["conversations.history"] = ["", "later"] * 19
    for seconds in range(6, 6 + 25 * 6, 6):
        work(app, seconds)
    assert state(app, key)[0] == "in_doubt"
    assert [method for method, _ in slack.calls].count("conversations.history") == 20
    assert slack.arrived() == {key: 1}


def test_a_look_up_that_never_gets_an_answer_is_given_up_after_a_day_and_told(
    app: App, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = nudge(app)
    slack.faults["chat.postMessage"], slack.faults["conversations.history"] = ["drop"], ["500"] * 3
    work(app)
    work(app, 6)
    assert state(app, key)[0] == "sending"
    monkeypatch.setattr(lookup, "LONGEST", 0.0)
    work(app, 20)
    assert (state(app, key)[0], slack.arrived()) == ("in_doubt", {key: 1})
