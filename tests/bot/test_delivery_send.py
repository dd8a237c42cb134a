"""What leaves is sent once, whatever the vendor does; doubts are cleared or told; time is an argument."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text, update

from bot.channel import Channel
from bot.db import open_engine, reading, writing
from bot.delivery import answers, moves, outbox, reap, send, sweep
from bot.delivery.engine import Worker
from bot.delivery.tables import ChunkRow, DeliveryRow
from bot.delivery.terms import Terms
from bot.messages import Address, Answer, Card, Inbound
from bot.people import directory
from tests.conftest import NOW
from tests.fakes.vendor import FakeChannel, Vendor

CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")
KINDS = ("lookup", "keyed", "neither")


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def channels(vendor: Vendor) -> dict[str, FakeChannel]:
    return {kind: FakeChannel(kind, vendor.port) for kind in KINDS}


def nudge(engine: Engine, channel: str = "lookup", to: str = "anna", due: dt.datetime = NOW, kind: str = "nudge") -> str:
    """The id of a new delivery to an address of its own person."""
    with writing(engine) as session:
        _, address = directory.at_address(session, Address(channel=channel, external_id=f"T1/{to}", workspace="T1"), NOW)
        return outbox.put(session, address, CARD, due, kind, NOW).id


def row_of(engine: Engine, key: str) -> DeliveryRow:
    with reading(engine) as session:
        return session.get_one(DeliveryRow, key)


def worker(engine: Engine, channels: dict[str, FakeChannel], **terms: object) -> Worker:
    given = Terms(**{"hard_timeout": 10.0, "settling": 2.0, **terms})  # type: ignore[arg-type]
    return Worker(engine, channels, lambda: NOW, dict.fromkeys(channels, given))


def taken_and_begun(engine: Engine, channels: dict[str, Channel], key: str) -> tuple[send.Hands, moves.Ready]:
    """A delivery whose intent another worker has committed, and that worker's hands."""
    other = worker(engine, channels)
    queued: list[tuple[str, str]] = []
    sweep.sweep(engine, other._terms, NOW, lambda _, chunk, channel, __: queued.append((chunk, channel)))
    for chunk, channel in queued:
        with writing(engine) as session:
            moves.begin(session, chunk, "other", NOW)
            rows = moves.claim(session, chunk, other._terms[channel], NOW, 100)
        for row in rows:
            if row.id == key:
                return other._hands, row
    raise AssertionError(key)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_due_is_sent_and_nothing_else(engine: Engine, channels, vendor: Vendor, kind: str) -> None:
    due, not_yet = nudge(engine, kind), nudge(engine, kind, "bert", later(1))
    assert worker(engine, channels).once(NOW) == 1
    assert vendor.arrived == {due: 1}
    assert (row_of(engine, due).state, row_of(engine, due).vendor_id) == ("sent", f"v-{due}")
    assert row_of(engine, not_yet).state == "waiting"
    assert worker(engine, channels).once(NOW) == 0
    assert worker(engine, channels).once(later(1)) == 1
    with reading(engine) as session:
        assert session.scalars(select(ChunkRow)).all() == []


def test_try_later_waits_as_long_as_the_vendor_said(engine: Engine, channels, vendor: Vendor) -> None:
    key = nudge(engine)
    vendor.fail[key], vendor.wait = ["later"], 7.5
    worker(engine, channels).once(NOW)
    assert (row_of(engine, key).state, row_of(engine, key).due_at) == ("waiting", later(7.5))
    worker(engine, channels).once(later(7))
    assert vendor.asked[key] == 1
    worker(engine, channels).once(later(7.5))
    assert (row_of(engine, key).state, vendor.arrived[key]) == ("sent", 1)


def test_a_vendor_that_keeps_asking_is_left_alone_for_the_rest_of_the_workspace(engine: Engine, channels, vendor: Vendor) -> None:
    keys = [nudge(engine, "neither", f"p{number}") for number in range(40)]
    vendor.fail, vendor.wait = {key: ["later"] for key in keys}, 30.0
    worker(engine, channels, threads=2).once(NOW)
    assert sum(vendor.asked.values()) < 12
    assert vendor.arrived == {}
    worker(engine, channels, threads=2).once(later(29))
    assert sum(vendor.asked.values()) < 12
    for step in range(31, 31 * 40, 31):
        worker(engine, channels, threads=2).once(later(step))
    assert vendor.arrived == dict.fromkeys(keys, 1)


@pytest.mark.parametrize(("fault", "reason"), [("refuse", "Rejected"), ("gone", "Unreachable")])
def test_what_can_never_arrive_has_failed_with_a_reason(
    engine: Engine, channels, vendor: Vendor, fault: str, reason: str
) -> None:
    key = nudge(engine)
    vendor.fail[key] = [fault]
    worker(engine, channels).once(NOW)
    worker(engine, channels).once(later(9_999))
    assert (row_of(engine, key).state, row_of(engine, key).reason, vendor.asked[key]) == ("failed", reason, 1)


@pytest.mark.parametrize("kind", ["lookup", "keyed"])
@pytest.mark.parametrize("fault", ["drop", "vanish"])
def test_a_lost_answer_is_cleared_up_after_settling(engine: Engine, channels, vendor: Vendor, kind: str, fault: str) -> None:
    key = nudge(engine, kind)
    vendor.fail[key] = [fault]
    worker(engine, channels).once(NOW)
    row = row_of(engine, key)
    assert (row.state, row.verify_at, row.doubts) == ("sending", later(2), 1)
    worker(engine, channels).once(later(1.9))
    assert row_of(engine, key).state == "sending"
    worker(engine, channels).once(later(2))
    assert (row_of(engine, key).state, vendor.arrived[key]) == ("sent", 1)
    assert vendor.asked[key] == (1 if (kind, fault) == ("lookup", "drop") else 2)


@pytest.mark.parametrize("policy", ["drop", "hold", "repeat"])
def test_where_nobody_can_tell_the_policy_decides_and_the_doubt_is_kept(
    engine: Engine, channels, vendor: Vendor, policy: str
) -> None:
    key = nudge(engine, "neither")
    vendor.fail[key] = ["drop"]
    for second in (0, 2, 4, 60):
        worker(engine, channels, in_doubt=policy).once(later(second))
    row = row_of(engine, key)
    assert row.doubts == 1
    assert (row.state, vendor.arrived[key]) == (("sent", 2) if policy == "repeat" else ("in_doubt", 1))


def test_repeating_in_doubt_has_an_end(engine: Engine, channels, vendor: Vendor) -> None:
    key = nudge(engine, "neither")
    vendor.fail[key] = ["drop"] * 50
    for second in range(0, 100, 2):
        worker(engine, channels, in_doubt="repeat").once(later(second))
    assert (row_of(engine, key).state, vendor.asked[key]) == ("in_doubt", 4)


def test_a_doubt_is_settled_by_hand(engine: Engine, channels, vendor: Vendor) -> None:
    arrived, lost = nudge(engine, "neither", "a"), nudge(engine, "neither", "b")
    vendor.fail = {arrived: ["drop"], lost: ["vanish"]}
    worker(engine, channels).once(NOW)
    with writing(engine) as session:
        assert outbox.settle(session, arrived, NOW, arrived=True)
        assert outbox.settle(session, lost, NOW, arrived=False)
        assert not outbox.settle(session, lost, NOW, arrived=False)
    worker(engine, channels).once(NOW)
    assert [row_of(engine, key).state for key in (arrived, lost)] == ["sent", "sent"]
    assert vendor.arrived == {arrived: 1, lost: 1}


# after a crash


@pytest.mark.parametrize("kind", ["lookup", "keyed"])
@pytest.mark.parametrize("had_arrived", [True, False])
def test_after_a_crash_in_the_middle_it_arrives_once(
    engine: Engine, channels, vendor: Vendor, kind: str, had_arrived: bool
) -> None:
    key = nudge(engine, kind)
    _, row = taken_and_begun(engine, channels, key)
    if had_arrived:
        channels[kind].send(row.address, CARD, key)
    worker(engine, channels).once(later(11.9))  # hard timeout and settling are 12 seconds
    assert row_of(engine, key).state == "sending"
    worker(engine, channels).once(later(12))
    assert (row_of(engine, key).state, vendor.arrived[key]) == ("sent", 1)


def test_after_a_crash_where_nobody_can_tell_it_is_in_doubt_and_said_so(engine: Engine, channels, vendor: Vendor) -> None:
    key = nudge(engine, "neither")
    taken_and_begun(engine, channels, key)
    worker(engine, channels).once(later(12))
    row = row_of(engine, key)
    assert (row.state, row.reason, row.doubts) == ("in_doubt", "a worker ended while sending", 1)
    assert vendor.asked == {}


def test_rows_a_dead_worker_had_not_begun_are_taken_over_within_ten_seconds(engine: Engine, channels, vendor: Vendor) -> None:
    key = nudge(engine)
    sweep.sweep(engine, worker(engine, channels)._terms, NOW, lambda *_: None)
    assert row_of(engine, key).chunk
    worker(engine, channels).once(later(4))
    assert row_of(engine, key).state == "waiting"
    worker(engine, channels).once(later(6))
    assert (row_of(engine, key).state, vendor.arrived[key]) == ("sent", 1)


def test_a_worker_that_wakes_up_late_changes_and_sends_nothing(engine: Engine, channels, vendor: Vendor) -> None:
    key = nudge(engine)
    hands, row = taken_and_begun(engine, channels, key)
    worker(engine, channels).once(later(12))
    assert not moves.renew(engine, row, hands.terms["lookup"], later(13))
    with writing(engine) as session:
        assert moves.finish(session, [moves.End(row, "failed", reason="late")], "x", later(13)) == [key]
    assert (row_of(engine, key).state, vendor.arrived[key]) == ("sent", 1)


def test_a_chunk_is_run_once(engine: Engine, channels, vendor: Vendor) -> None:
    nudge(engine)
    queued: list[str] = []
    hands = worker(engine, channels)._hands
    sweep.sweep(engine, hands.terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    assert [send.run_chunk(hands, queued[0], "lookup") for _ in range(3)] == [1, 0, 0]


def test_beats_keep_a_chunk(engine: Engine, channels) -> None:
    key = nudge(engine)
    queued: list[str] = []
    terms = worker(engine, channels)._terms
    sweep.sweep(engine, terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    for second in range(0, 30, 3):
        reap.beat(engine, queued, later(second))
        assert not reap.reap(engine, terms, later(second), lambda *_: None)
    assert row_of(engine, key).chunk == queued[0]


def test_stopping_gives_back_what_was_not_begun(engine: Engine, channels, vendor: Vendor) -> None:
    keys = [nudge(engine, "lookup", f"p{number}") for number in range(30)]
    stopped = worker(engine, channels)
    stopped._hands.stopping.set()
    queued: list[str] = []
    sweep.sweep(engine, stopped._terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    send.run_chunk(stopped._hands, queued[0], "lookup")
    assert {row_of(engine, key).state for key in keys} == {"waiting"}
    assert {row_of(engine, key).chunk for key in keys} == {None}
    worker(engine, channels).once(NOW)
    assert vendor.arrived == dict.fromkeys(keys, 1)


# changes while it waits


def test_a_taken_delivery_can_still_be_moved_and_cancelled(engine: Engine, channels, vendor: Vendor) -> None:
    moved, gone, plain = (nudge(engine, "lookup", name) for name in "abc")
    queued: list[str] = []
    hands = worker(engine, channels)._hands
    sweep.sweep(engine, hands.terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    with writing(engine) as session:
        assert outbox.reschedule(session, moved, later(3_600), NOW)
        assert outbox.cancel(session, gone, NOW)
        assert not outbox.cancel(session, gone, NOW)
    send.run_chunk(hands, queued[0], "lookup")
    assert vendor.arrived == {plain: 1}
    with writing(engine) as session:
        assert not outbox.reschedule(session, plain, later(60), NOW)
        assert not outbox.cancel(session, plain, NOW)
    worker(engine, channels).once(later(3_600))
    assert vendor.arrived == {plain: 1, moved: 1}


def test_an_adapter_that_breaks_loses_nothing(engine: Engine, channels, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    key = nudge(engine)
    monkeypatch.setattr(channels["lookup"], "send", lambda *_: 1 / 0)
    worker(engine, channels).once(NOW)
    assert (row_of(engine, key).state, row_of(engine, key).reason) == ("sending", "ZeroDivisionError")
    monkeypatch.undo()
    worker(engine, channels).once(later(60))
    assert vendor.arrived == {key: 1}


def test_a_card_for_which_no_key_fits_waits_for_its_key(engine: Engine, channels, vendor: Vendor) -> None:
    key = nudge(engine)
    stranger = open_engine(engine.url.render_as_string(hide_password=False), ["another-key-of-thirty-two-characters-or-more"])
    worker(stranger, channels).once(NOW)
    stranger.dispose()
    assert (row_of(engine, key).state, row_of(engine, key).due_at, vendor.asked) == ("waiting", later(60), {})
    worker(engine, channels).once(later(60))
    assert vendor.arrived == {key: 1}


@pytest.mark.parametrize(("kind", "on_their_way"), [("lookup", 5), ("keyed", 5), ("neither", 2)])
def test_intents_are_committed_only_for_what_is_sent_soon(
    engine: Engine, channels, vendor: Vendor, kind: str, on_their_way: int
) -> None:
    for number in range(20):
        nudge(engine, kind, f"p{number}", kind="tip")
    slow = worker(engine, channels, threads=2)
    slow._hands.speed[kind, False] = 10.0  # sends a second, so half a second sends 5
    queued: list[str] = []
    sweep.sweep(engine, slow._terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    with writing(engine) as session:
        assert moves.begin(session, queued[0], "slow", NOW) is False  # ours, and not urgent
        rows = slow._hands.claim(session, send.Job(queued[0], kind, urgent=False))
    assert len(rows) == on_their_way
    with reading(engine) as session:
        assert len(session.scalars(select(DeliveryRow).where(DeliveryRow.state == "sending")).all()) == on_their_way


# answers


def answer(engine: Engine, cards: int, channel: str = "lookup", message: str = "m1") -> tuple[Address, list[str]]:
    address = Address(channel=channel, external_id="T1/anna", workspace="T1")
    shown = [CARD.model_copy(update={"text": str(number)}) for number in range(cards)]
    with writing(engine) as session:
        _, row = directory.at_address(session, address, NOW)
        rows = answers.put_answer(session, row, message, Answer(conversation="c", decision="sure", cards=shown), NOW)
        return address, [row.id for row in rows]


def test_an_answer_goes_out_at_once_in_order_and_once(engine: Engine, channels, vendor: Vendor) -> None:
    address, keys = answer(engine, 3)
    assert answers.send_answer(engine, channels["lookup"], address, "m1", lambda: NOW) == ["sent"] * 3
    assert answers.send_answer(engine, channels["lookup"], address, "m1", lambda: NOW) == []
    assert [key for _, _, key in vendor.order] == keys
    assert {row_of(engine, key).state for key in keys} == {"sent"}
    assert worker(engine, channels).once(later(9_999)) == 0


@pytest.mark.parametrize("arrived", [0, 1])
def test_an_answer_whose_request_died_is_finished_by_the_reaper(engine: Engine, channels, vendor: Vendor, arrived: int) -> None:
    address, keys = answer(engine, 3)
    if arrived:
        channels["lookup"].send(address, CARD, keys[0])
    worker(engine, channels).once(later(9))  # the later cards were only kept for the request
    assert vendor.arrived == dict.fromkeys(keys[1 - arrived :], 1)
    worker(engine, channels).once(later(36))
    assert vendor.arrived == dict.fromkeys(keys, 1)
    assert answers.send_answer(engine, channels["lookup"], address, "m1", lambda: later(36)) == []
    assert vendor.arrived == dict.fromkeys(keys, 1)


def test_cards_after_one_that_must_wait_come_after_it(engine: Engine, channels, vendor: Vendor) -> None:
    address, keys = answer(engine, 3)
    vendor.fail[keys[1]], vendor.wait = ["later"], 5.0
    assert answers.send_answer(engine, channels["lookup"], address, "m1", lambda: NOW) == ["sent", "waiting"]
    worker(engine, channels).once(later(4))
    assert [key for _, _, key in vendor.order] == keys[:1]
    worker(engine, channels).once(later(5))
    assert [key for _, _, key in vendor.order] == keys


def test_an_answer_that_was_taken_over_is_not_sent_by_its_late_request(engine: Engine, channels, vendor: Vendor) -> None:
    address, keys = answer(engine, 2)
    with writing(engine) as session:  # the request slept, somebody took the first card over
        session.execute(update(DeliveryRow).where(DeliveryRow.id == keys[0]).values(tries=2, state="sent"))
    answers.send_answer(engine, channels["lookup"], address, "m1", lambda: NOW)
    assert vendor.arrived[keys[0]] == 0


def test_a_last_word_to_the_erased_leaves_no_row_whoever_sends_it(engine: Engine, channels, vendor: Vendor) -> None:
    anna = Address(channel="keyed", external_id="T1/anna", workspace="T1")
    words = Answer(conversation="c", decision="sure", cards=[CARD, CARD, CARD])
    for message in ("sent by its request", "left by its request"):
        with writing(engine) as session:
            rows = answers.put_last_words(session, Inbound(address=anna, message_id=message, received_at=NOW), words, NOW)
            keys = [row.id for row in rows]
            assert {row.address_id for row in rows} == {None}
        with engine.connect() as connection:
            assert "anna" not in repr(connection.execute(text("SELECT * FROM deliveries")).all())
        if message.startswith("sent"):
            assert answers.send_answer(engine, channels["keyed"], anna, message, lambda: NOW) == ["sent"] * 3
        worker(engine, channels).once(later(9))
        worker(engine, channels).once(later(36))
        assert vendor.arrived == dict.fromkeys(keys, 1)
        assert {to for _, to, _ in vendor.order} == {"T1/anna"}
        with reading(engine) as session:
            assert session.scalars(select(DeliveryRow)).all() == []
        vendor.arrived.clear()
