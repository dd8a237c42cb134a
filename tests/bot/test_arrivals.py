"""What came in is kept before the vendor's 200 and taken up once, by whoever lives; time is an argument."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update

from bot.conversations import arrivals
from bot.conversations.arrivals import LEASE, MOST_TRIES, Arrivals, claim, unanswered
from bot.conversations.tables import ArrivalRow
from bot.db import open_engine, reading, writing
from bot.errors import Unavailable
from bot.people import retention
from tests.conftest import KEYS, NOW


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> dt.datetime:
        return self.at


def collecting(engine: Engine, clock: Clock | None = None) -> tuple[Arrivals, list[Any]]:
    seen: list[Any] = []
    return Arrivals(engine, {"slack": seen.append}, clock or Clock()), seen


def left(engine: Engine) -> int:
    with reading(engine) as session:
        return unanswered(session)


def row(engine: Engine) -> ArrivalRow:
    with reading(engine) as session:
        return session.scalars(select(ArrivalRow)).one()


def test_what_is_stored_is_taken_up_once_and_its_words_are_then_gone(engine: Engine) -> None:
    desk, seen = collecting(engine)
    assert desk.store("slack", "Ev1", "T1/U1", {"text": "zebrafish"})
    with engine.connect() as connection:
        assert b"zebrafish" not in bytes(connection.execute(text("SELECT payload FROM arrivals")).scalar_one())
    assert desk.once() == 1
    assert seen == [{"text": "zebrafish"}]
    assert desk.once() == 0
    assert row(engine).payload is None
    assert left(engine) == 0


def test_the_same_key_again_changes_nothing_also_after_it_is_done(engine: Engine) -> None:
    desk, seen = collecting(engine)
    assert desk.store("slack", "Ev1", "T1/U1", 1)
    assert not desk.store("slack", "Ev1", "T1/U1", 2)
    desk.once()
    assert not desk.store("slack", "Ev1", "T1/U1", 3)
    assert desk.store("wechat", "Ev1", "T1/U1", 4)
    assert desk.once() == 0
    assert seen == [1]


def test_one_of_several_keys_known_is_no_news(engine: Engine) -> None:
    desk, _ = collecting(engine)
    assert desk.store("slack", "press:7", "T1/U1", 1, unless=["press:6"])
    assert not desk.store("slack", "press:8", "T1/U1", 2, unless=["press:7"])
    assert desk.store("slack", "press:9", "T1/U1", 3, unless=["press:8"])


def test_a_line_keeps_its_order_and_does_not_hold_up_others(engine: Engine) -> None:
    desk, _ = collecting(engine)
    for key, line in (("1", "anna"), ("2", "anna"), ("3", "bert"), ("4", ""), ("5", "")):
        desk.store("slack", key, line, key)
    assert [taken.payload for taken in claim(engine, ["slack"], "w", NOW, 9)] == ["1", "3", "4", "5"]
    assert claim(engine, ["slack"], "w", NOW, 9) == []
    with writing(engine) as session:
        session.execute(update(ArrivalRow).where(ArrivalRow.key == "1").values(open_at=None))
    assert [taken.payload for taken in claim(engine, ["slack"], "w", NOW, 9)] == ["2"]


def test_what_a_dead_process_had_taken_up_is_taken_up_by_another(engine: Engine) -> None:
    clock = Clock()
    desk, seen = collecting(engine, clock)
    desk.store("slack", "Ev1", "T1/U1", "words")
    assert len(claim(engine, ["slack"], "dead", NOW, 9)) == 1
    clock.at = later(LEASE - 0.1)
    assert desk.once() == 0
    clock.at = later(LEASE)
    assert desk.once() == 1
    assert seen == ["words"]


def test_arrivals_of_a_channel_that_is_not_assembled_here_are_left_alone(engine: Engine) -> None:
    desk, _ = collecting(engine)
    desk.store("wechat", "1", "", 1)
    assert desk.once() == 0
    assert left(engine) == 1


def test_what_fails_is_tried_again_ever_later_and_given_up_in_the_end(engine: Engine) -> None:
    clock = Clock()

    def fail(_: Any) -> None:
        raise ValueError("zebrafish")

    desk = Arrivals(engine, {"slack": fail}, clock)
    desk.store("slack", "Ev1", "T1/U1", "words")
    for number in range(1, MOST_TRIES + 1):
        assert row(engine).open_at is not None
        desk.once()
        assert (row(engine).tries, row(engine).reason) == (number, "ValueError")
        clock.at += dt.timedelta(seconds=2.0**number)
    assert (row(engine).open_at, row(engine).payload) == (None, None)


def test_a_database_that_goes_away_meanwhile_leaves_the_arrival_to_others(engine: Engine) -> None:
    clock = Clock()

    def fail(_: Any) -> None:
        raise Unavailable("away")

    Arrivals(engine, {"slack": fail}, clock).store("slack", "Ev1", "T1/U1", "words")
    Arrivals(engine, {"slack": fail}, clock).once()
    clock.at = later(LEASE)
    desk, seen = collecting(engine, clock)
    assert desk.once() == 1
    assert seen == ["words"]


def test_one_that_no_key_opens_keeps_no_other_waiting_and_is_answered_when_its_key_is_back(engine: Engine) -> None:
    clock = Clock()
    lost = open_engine(engine.url.render_as_string(hide_password=False), ["another key of thirty-two characters or more"])
    Arrivals(lost, {}, clock).store("slack", "Ev1", "T1/U1", "first")
    desk, seen = collecting(engine, clock)
    desk.store("slack", "Ev2", "T1/U2", "second")
    desk.once()
    assert seen == ["second"]
    clock.at = later(61)
    again: list[Any] = []
    Arrivals(lost, {"slack": again.append}, clock).once()
    assert again == ["first"]
    lost.dispose()


def test_without_the_database_nothing_is_acknowledged() -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:9/none", KEYS)
    with pytest.raises(Unavailable):
        Arrivals(engine, {}, Clock()).store("slack", "Ev1", "", 1)


def test_keys_are_forgotten_after_days_and_only_of_what_is_done(engine: Engine) -> None:
    desk, _ = collecting(engine)
    desk.store("slack", "done", "", 1)
    desk.once()
    desk.store("slack", "open", "", 2)
    retention.sweep(engine, NOW + dt.timedelta(days=3, seconds=1))
    assert row(engine).key == "open"


def test_threads_take_up_what_comes_at_once_and_stop_when_it_is_done(engine: Engine) -> None:
    gate, done = threading.Event(), threading.Event()

    def take(payload: Any) -> None:
        gate.wait(10)
        if payload == 19:
            done.set()

    desk = Arrivals(engine, {"slack": take}, lambda: dt.datetime.now(dt.UTC), threads=4)
    desk.start()
    try:
        for number in range(20):
            desk.store("slack", str(number), "one line" if number % 2 else "", number)
        gate.set()
        assert done.wait(20)
    finally:
        assert desk.stop(20)
    assert left(engine) == 0


def test_a_living_process_keeps_what_takes_long(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "BEAT", 0.02)
    clock, begun, gate = Clock(), threading.Event(), threading.Event()

    def take(_: Any) -> None:
        begun.set()
        gate.wait(10)

    desk = Arrivals(engine, {"slack": take}, clock)
    desk.store("slack", "1", "", 1)
    desk.start()
    try:
        assert begun.wait(10)
        clock.at = later(LEASE - 1)
        wanted = later(LEASE - 1 + LEASE)
        for _ in range(500):
            if row(engine).open_at == wanted:
                break
            threading.Event().wait(0.02)
        assert row(engine).open_at == wanted
        assert claim(engine, ["slack"], "other", later(LEASE), 1) == []
    finally:
        gate.set()
        desk.stop(10)
