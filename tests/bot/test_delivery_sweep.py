"""The sweep takes what is due, urgent first, at the pace of rooms, addresses, workspaces and channels; holds are kept."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text

from bot.channel import Limits, Receipt
from bot.db import reading, writing
from bot.delivery import holds, outbox, send, sweep
from bot.delivery.engine import Worker
from bot.delivery.pace import Rate, room_for, slot, taken
from bot.delivery.progress import Progress, progress, reasons, recount
from bot.delivery.tables import DeliveryRow, PaceRow
from bot.delivery.terms import Terms
from bot.errors import InDoubt, Refused, Rejected, TryLater
from bot.messages import Address, Card
from bot.people import directory, retention
from bot.people.tables import AddressRow
from tests.conftest import NOW

CARD = Card(id="tip", kind="notice", lang="en", text="Words.")


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


class Recorder:
    """A channel that keeps what it was given."""

    limits = Limits(longest_text=1_000, text_unit="characters", most_buttons=0)

    def __init__(self, name: str = "slack") -> None:
        self.name = name
        self.sent: list[str] = []
        self.faults: dict[str, Exception] = {}

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        self.sent.append(key)
        if fault := self.faults.get(address.external_id):
            raise fault
        return Receipt(vendor_id=key)

    def find(self, key: str) -> Receipt | None:
        raise NotImplementedError


def people(engine: Engine, number: int, workspace: str = "T1", channel: str = "slack") -> list[AddressRow]:
    with writing(engine) as session:
        return [
            directory.at_address(session, Address(channel=channel, external_id=f"{workspace}/U{n}", workspace=workspace), NOW)[1]
            for n in range(number)
        ]


def put(engine: Engine, address: AddressRow, kind: str = "nudge", due: dt.datetime = NOW, room: str = "") -> str:
    with writing(engine) as session:
        return outbox.put(session, address, CARD, due, kind, NOW, room=room).id


def broadcast(engine: Engine, addresses: list[AddressRow], name: str = "b1", due: dt.datetime = NOW) -> int:
    with writing(engine) as session:
        return outbox.put_many(session, name, [(address, CARD) for address in addresses], due, NOW)


def worker(engine: Engine, *channels: Recorder, **terms: object) -> Worker:
    given = Terms(**{"hard_timeout": 10.0, "settling": 2.0, **terms})  # type: ignore[arg-type]
    return Worker(engine, {c.name: c for c in channels}, lambda: NOW, {c.name: given for c in channels})


def test_answers_and_nudges_go_before_tips_and_broadcasts(engine: Engine) -> None:
    everybody, slack = people(engine, 9), Recorder()
    broadcast(engine, everybody, due=later(-60))
    tip, nudge = put(engine, everybody[0], "tip", later(-30)), put(engine, everybody[1], "nudge")
    worker(engine, slack, threads=1).once(NOW)
    assert slack.sent[:2] == [nudge, tip]
    assert len(slack.sent) == 11


def test_a_chunk_holds_at_most_two_hundred_rows_of_one_channel(engine: Engine) -> None:
    for channel in ("slack", "wecom"):
        broadcast(engine, people(engine, 230, channel=channel), f"b-{channel}")
    queued: list[tuple[str, str]] = []
    terms = worker(engine, Recorder("slack"), Recorder("wecom"))._terms
    for _ in range(4):
        sweep.sweep(engine, terms, NOW, lambda _, chunk, channel, __: queued.append((chunk, channel)))
    with reading(engine) as session:
        held = dict(session.execute(select(DeliveryRow.chunk, func.count()).group_by(DeliveryRow.chunk)).all())
        mixed = session.execute(
            select(DeliveryRow.chunk).group_by(DeliveryRow.chunk).having(func.count(DeliveryRow.channel.distinct()) > 1)
        )
        assert mixed.all() == []
    assert sorted(held.values()) == [30, 30, 200, 200]
    assert set(held) == {chunk for chunk, _ in queued}


@pytest.mark.parametrize(("speed", "sizes"), [(100.0, [30, 200]), (110.0, [10, 220]), (9_000.0, [230])])
def test_where_a_chunk_is_over_in_no_time_it_takes_more(engine: Engine, speed: float, sizes: list[int]) -> None:
    broadcast(engine, people(engine, 230))
    terms = worker(engine, Recorder())._terms
    sweep.sweep(engine, terms, NOW, lambda *_: None, {("slack", False): speed})
    with reading(engine) as session:
        assert sorted(session.scalars(select(func.count()).select_from(DeliveryRow).group_by(DeliveryRow.chunk))) == sizes
    assert terms["slack"].rows(9_000.0) == 1_000


def test_a_vendor_that_asks_one_workspace_to_wait_keeps_no_other_quiet(engine: Engine) -> None:
    slack, busy, other = Recorder(), people(engine, 5, "T1"), people(engine, 1, "T2")[0]
    slack.faults = {f"T1/U{n}": TryLater(600) for n in range(5)}
    for address in busy:
        put(engine, address)
    put(engine, other, due=later(-1))
    worker(engine, slack).once(NOW)
    key = put(engine, other, due=later(1))
    worker(engine, slack).once(later(2))
    with reading(engine) as session:
        assert session.get_one(DeliveryRow, key).state == "sent"
        states = select(DeliveryRow.state).where(DeliveryRow.address_id.in_([address.id for address in busy]))
        assert set(session.scalars(states)) == {"waiting"}


def test_a_vendors_wait_neither_ends_a_workspaces_silence_nor_shortens_a_longer_wait(engine: Engine) -> None:
    slack, there = Recorder(), people(engine, 3)
    for address in there:
        put(engine, address)

    def uninstalled(address: Address, card: Card, key: str) -> Receipt:
        with writing(engine) as session:
            holds.silence(session, "slack", there[0].workspace_id or "", NOW)
        raise TryLater(30)

    slack.send = uninstalled  # type: ignore[method-assign]
    worker(engine, slack, threads=1).once(NOW)
    slack = Recorder()
    worker(engine, slack).once(later(60))
    assert slack.sent == []


def test_a_silence_reaches_rows_that_a_chunk_has_taken(engine: Engine) -> None:
    slack, there, other = Recorder(), people(engine, 20), people(engine, 1, "T2")[0]
    broadcast(engine, [*there, other])
    hands, queued = worker(engine, slack)._hands, list[str]()
    sweep.sweep(engine, hands.terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    with writing(engine) as session:
        holds.silence(session, "slack", there[0].workspace_id or "", NOW)
    for chunk in queued:
        send.run_chunk(hands, chunk, "slack")
    assert len(slack.sent) == 1, "the other workspace's"
    with writing(engine) as session:
        holds.speak_again(session, "slack", there[0].workspace_id or "")
    worker(engine, slack).once(NOW)
    assert len(slack.sent) == 21


def test_our_own_pace_for_one_person_keeps_no_other_waiting(engine: Engine) -> None:
    wecom, everybody = Recorder("wecom"), people(engine, 12, "corp", channel="wecom")
    wecom.faults = {f"corp/U{n}": TryLater(600, ours=True) for n in range(5)}
    keys = [put(engine, address) for address in everybody]
    worker(engine, wecom, threads=1).once(NOW)
    with reading(engine) as session:
        rows = [session.get_one(DeliveryRow, key) for key in keys]
        assert [row.state for row in rows] == ["waiting"] * 5 + ["sent"] * 7
        assert {(row.due_at, row.reason) for row in rows[:5]} == {(later(600), "our own pace")}
    key = put(engine, everybody[7])
    worker(engine, wecom).once(later(1))
    with reading(engine) as session:
        assert session.get_one(DeliveryRow, key).state == "sent"


def test_small_lanes_share_a_chunk(engine: Engine) -> None:
    for number in range(30):
        put(engine, people(engine, 1, f"T{number}")[0])
    queued: list[str] = []
    sweep.sweep(engine, worker(engine, Recorder())._terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    assert len(queued) == 1


def test_when_queueing_fails_nothing_is_taken(engine: Engine) -> None:
    key = put(engine, people(engine, 1)[0])

    def fails(*_: object) -> None:
        raise RuntimeError("no queue")

    with pytest.raises(RuntimeError):
        sweep.sweep(engine, worker(engine, Recorder())._terms, NOW, fails)
    with reading(engine) as session:
        assert session.get_one(DeliveryRow, key).chunk is None
        assert session.execute(text("SELECT count(*) FROM chunks")).scalar() == 0


def test_other_processes_channels_are_left_to_them(engine: Engine) -> None:
    put(engine, people(engine, 1, channel="wechat")[0])
    assert worker(engine, Recorder()).once(NOW) == 0


# pace


def seconds_of(engine: Engine, slack: Recorder, until: int, step: float = 0.1, **terms: object) -> list[float]:
    """When each send happened, working every so often."""
    times: list[float] = []
    for tick in range(int(until / step)):
        before = len(slack.sent)
        worker(engine, slack, **terms).once(later(tick * step))
        times += [tick * step] * (len(slack.sent) - before)
    return times


def worst_second(times: list[float]) -> int:
    return max((sum(1 for other in times if at <= other < at + 0.999) for at in times), default=0)


def test_a_workspace_gets_no_more_than_its_pace_and_nobody_else_waits_for_it(engine: Engine) -> None:
    slack = Recorder()
    broadcast(engine, people(engine, 60, "T1"), "b1")
    broadcast(engine, people(engine, 5, "T2"), "b2")
    times = seconds_of(engine, slack, 4, step=0.25, per_workspace=Rate(10, burst=3))
    assert worst_second(times[5:]) <= 13
    assert 36 <= len(times) - 5 <= 43
    assert times[:8] == [0.0] * 8 or times[:6] == [0.0] * 6  # both workspaces begin at once


def test_a_room_gets_one_a_second_while_others_go_on(engine: Engine) -> None:
    slack, (one, two) = Recorder(), people(engine, 2)
    in_room = [put(engine, one, room="C1") for _ in range(3)]
    other = put(engine, two, room="C2")
    at: dict[str, float] = {}
    for tick in range(30):
        worker(engine, slack, per_room=Rate(1)).once(later(tick / 10))
        for key in slack.sent:
            at.setdefault(key, tick / 10)
    assert at[other] == 0.0
    assert sorted(at[key] for key in in_room) == [0.0, 1.0, 2.0]
    assert Counter(slack.sent).most_common(1)[0][1] == 1


def test_an_address_and_a_channel_have_their_pace_too(engine: Engine) -> None:
    slack, everybody = Recorder(), people(engine, 10)
    for address in everybody:
        put(engine, address)
        put(engine, address)
    times = seconds_of(engine, slack, 8, step=0.5, per_address=Rate(0.5), per_channel=Rate(4, burst=2))
    assert len(slack.sent) == 20
    assert worst_second(times) <= 6


def test_a_snoozed_delivery_needs_a_new_slot(engine: Engine) -> None:
    slack, (one,) = Recorder(), people(engine, 1)
    first, second = put(engine, one), put(engine, one)
    worker(engine, slack, per_room=Rate(0.1)).once(NOW)
    waiting = ({first, second} - set(slack.sent)).pop()
    with writing(engine) as session:
        assert session.get_one(DeliveryRow, waiting).slot == later(10)
        assert outbox.reschedule(session, waiting, later(12), NOW)
    worker(engine, slack, per_room=Rate(0.1)).once(later(12))
    assert len(slack.sent) == 1
    worker(engine, slack, per_room=Rate(0.1)).once(later(20))
    assert len(slack.sent) == 2


def test_old_buckets_are_forgotten(engine: Engine) -> None:
    put(engine, people(engine, 1)[0])
    worker(engine, Recorder(), per_room=Rate(1)).once(NOW)
    retention.sweep(engine, NOW)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(PaceRow)) == 1
    retention.sweep(engine, later(60))
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(PaceRow)) == 0


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0.2, 50), st.integers(1, 5))
def test_no_span_of_time_ever_sees_more_than_rate_and_burst(gaps: list[float], per_second: float, burst: int) -> None:
    rate, free_at, now, went = Rate(per_second, burst), None, NOW, []
    for gap in gaps:
        now += dt.timedelta(seconds=gap)
        while room_for(free_at, now, rate):
            assert slot(free_at, now, rate) <= now + dt.timedelta(milliseconds=1)
            free_at = taken(free_at, now, rate)
            went.append(now)
    for first, begin in enumerate(went):
        for last in range(first, len(went)):
            span = (went[last] - begin).total_seconds()
            assert last - first + 1 <= span * per_second + burst + 1e-3


@given(st.integers(1, 40), st.floats(0.2, 50), st.integers(1, 5))
def test_promised_slots_are_as_far_apart_as_the_pace_says(number: int, per_second: float, burst: int) -> None:
    rate, free_at, slots = Rate(per_second, burst), None, []
    for _ in range(number):
        slots.append((slot(free_at, NOW, rate) - NOW).total_seconds())
        free_at = taken(free_at, NOW, rate)
    for place, at in enumerate(slots):
        assert at == pytest.approx(max(0, place - burst + 1) / per_second, abs=1e-3)


# broadcasts


def test_a_fan_out_that_is_done_again_doubles_nothing(engine: Engine) -> None:
    everybody = people(engine, 5)
    assert (broadcast(engine, everybody[:3]), broadcast(engine, everybody), broadcast(engine, everybody)) == (3, 2, 0)
    with reading(engine) as session:
        assert progress(session, "b1") == recount(session, "b1") == Progress(waiting=5)


def test_a_paused_broadcast_stands_still_and_others_go_on(engine: Engine) -> None:
    slack, everybody = Recorder(), people(engine, 20)
    broadcast(engine, everybody, "b1")
    broadcast(engine, everybody, "b2")
    for _ in range(2):
        with writing(engine) as session:
            holds.pause(session, "b1", NOW)
    worker(engine, slack).once(NOW)
    assert len(slack.sent) == 20
    with reading(engine) as session:
        assert (progress(session, "b1"), progress(session, "b2")) == (Progress(waiting=20), Progress(sent=20))
    with writing(engine) as session:
        holds.resume(session, "b1")
        holds.resume(session, "b1")
    worker(engine, slack).once(NOW)
    assert len(slack.sent) == 40


def test_a_pause_reaches_rows_that_a_chunk_has_taken(engine: Engine) -> None:
    slack = Recorder()
    broadcast(engine, people(engine, 20))
    hands, queued = worker(engine, slack)._hands, []
    sweep.sweep(engine, hands.terms, NOW, lambda _, chunk, *__: queued.append(chunk))
    with writing(engine) as session:
        holds.pause(session, "b1", NOW)
    send.run_chunk(hands, queued[0], "slack")
    assert slack.sent == []
    with writing(engine) as session:
        holds.resume(session, "b1")
    worker(engine, slack).once(NOW)
    assert len(slack.sent) == 20


def test_a_cancelled_broadcast_is_closed_for_good(engine: Engine) -> None:
    slack, everybody = Recorder(), people(engine, 20)
    broadcast(engine, everybody[:5], due=NOW)
    broadcast(engine, everybody[5:], due=later(60))
    worker(engine, slack).once(NOW)
    for _ in range(2):
        with writing(engine) as session:
            holds.cancel(session, "b1", NOW)
    worker(engine, slack).once(later(60))
    assert len(slack.sent) == 5
    with reading(engine) as session:
        assert progress(session, "b1") == recount(session, "b1") == Progress(sent=5, cancelled=15)
    for forbidden in (lambda session: holds.resume(session, "b1"), lambda session: holds.pause(session, "b1", NOW)):
        with pytest.raises(Refused), writing(engine) as session:
            forbidden(session)


def test_progress_equals_a_recount_whatever_happens(engine: Engine) -> None:
    slack, everybody = Recorder(), people(engine, 40)
    slack.faults = {"T1/U1": Rejected(), "T1/U2": InDoubt(), "T1/U3": InDoubt(), "T1/U4": RuntimeError("x")}
    broadcast(engine, everybody[:30])
    broadcast(engine, everybody[30:], due=later(60))
    with writing(engine) as session:
        for late in session.scalars(select(DeliveryRow.id).where(DeliveryRow.due_at > NOW).limit(3)).all():
            assert outbox.cancel(session, late, NOW)
    worker(engine, slack).once(NOW)
    with reading(engine) as session:
        assert progress(session, "b1") == recount(session, "b1") == Progress(7, 26, 1, 3, 3)
        assert reasons(session, "b1") == {
            ("failed", "Rejected"): 1,
            ("in_doubt", "the vendor's answer was lost"): 2,
            ("in_doubt", "RuntimeError"): 1,
        }
        doubted = session.scalars(select(DeliveryRow.id).where(DeliveryRow.state == "in_doubt")).all()
    with writing(engine) as session:
        outbox.settle(session, doubted[0], NOW, arrived=True)
        outbox.settle(session, doubted[1], NOW, arrived=False)
    with reading(engine) as session:
        assert progress(session, "b1") == recount(session, "b1") == Progress(8, 27, 1, 1, 3)


def test_an_erased_person_is_sent_nothing_more(engine: Engine) -> None:
    slack, (one, two) = Recorder(), people(engine, 2)
    put(engine, one)
    kept = put(engine, two)
    with writing(engine) as session:
        directory.erase(session, directory.find(session, f"slack:{one.external_id}"))
    worker(engine, slack).once(NOW)
    assert slack.sent == [kept]
