"""Nobody acts more often than allowed, nobody waits longer than needed, and strangers cannot fill the memory."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.pace import Bucket, Pace

RATES = st.floats(0.1, 100)
BURSTS = st.integers(1, 50)
GAPS = st.lists(st.floats(0, 5, allow_subnormal=False), max_size=200)
SLACK = 1e-6
"""Floating point: seconds or tokens by which a figure may be off."""


@given(rate=RATES, burst=BURSTS, gaps=GAPS)
def test_in_no_stretch_of_time_is_more_let_through_than_burst_and_rate_allow(rate: float, burst: int, gaps: list[float]) -> None:
    bucket, now, passed = Bucket(rate, burst, burst, 0.0), 0.0, []
    for gap in gaps:
        now += gap
        if bucket.wait(now) == 0.0:
            passed.append(now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + (passed[last] - passed[first]) * rate + SLACK


@given(rate=RATES, burst=BURSTS, gaps=GAPS)
def test_the_wait_that_is_told_is_enough_and_not_too_long(rate: float, burst: int, gaps: list[float]) -> None:
    bucket, now = Bucket(rate, burst, burst, 0.0), 0.0
    for gap in gaps:
        now += gap
        wait = bucket.wait(now)
        if wait:
            assert 0 < wait <= 1 / rate + SLACK
            before = Bucket(rate, burst, bucket.tokens, bucket.at)
            assert before.wait(now + wait * 0.9) > 0
            assert bucket.wait(now + wait + SLACK) == 0.0
            now += wait + SLACK


@given(rate=RATES, burst=BURSTS)
def test_a_full_burst_goes_at_once_and_the_next_one_waits(rate: float, burst: int) -> None:
    bucket = Bucket(rate, burst, burst, 0.0)
    assert [bucket.wait(0.0) for _ in range(burst)] == [0.0] * burst
    assert bucket.wait(0.0) == pytest.approx(1 / rate)


@given(rate=RATES, burst=BURSTS, pause=st.floats(0, 1e9))
def test_a_long_pause_saves_up_one_burst_and_no_more(rate: float, burst: int, pause: float) -> None:
    assume(pause * rate >= burst)
    bucket = Bucket(rate, burst, 0.0, 0.0)
    assert [bucket.wait(pause) for _ in range(burst)] == [0.0] * burst
    assert bucket.wait(pause) > 0


@given(rate=RATES, burst=BURSTS, tries=st.integers(1, 30))
def test_asking_while_one_must_wait_costs_nothing(rate: float, burst: int, tries: int) -> None:
    bucket = Bucket(rate, burst, 0.0, 0.0)
    waits = {bucket.wait(0.0) for _ in range(tries)}
    assert waits == {1 / rate}


@given(back=st.floats(0.001, 1e6))
def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing(back: float) -> None:
    bucket = Bucket(1.0, 5.0, 1.0, 1e6)
    assert bucket.wait(1e6 - back) == 0.0
    assert bucket.wait(1e6 - back) == 1.0
    assert bucket.wait(1e6) == 1.0
    assert bucket.wait(1e6 + 1) == 0.0


@given(moves=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1)), max_size=100))
def test_what_one_key_does_is_nothing_to_another(moves: list[tuple[str, float]]) -> None:
    together, now, seen, times = Pace(2.0, 3.0), 0.0, [], []
    for key, gap in moves:
        now += gap
        times.append(now)
        seen.append(together.wait(key, now))
    for one in "abc":
        alone = Pace(2.0, 3.0)
        mine = [(wait, at) for (key, _), wait, at in zip(moves, seen, times, strict=True) if key == one]
        assert [alone.wait(one, at) for _, at in mine] == [wait for wait, _ in mine]


def test_the_key_that_was_quiet_longest_is_forgotten_first() -> None:
    pace = Pace(1.0, 1.0, most_keys=2)
    assert pace.wait("old", 0.0) == 0.0
    assert pace.wait("busy", 0.0) == 0.0
    assert pace.wait("old", 0.0) > 0
    assert pace.wait("busy", 0.0) > 0  # the busier of the two now
    assert pace.wait("new", 0.0) == 0.0  # pushes the quieter one out
    assert pace.wait("busy", 0.0) > 0
    assert pace.wait("new", 0.0) > 0
    assert pace.wait("old", 0.0) == 0.0  # was forgotten


def test_a_stranger_with_many_names_cannot_fill_the_memory() -> None:
    pace = Pace(1.0, 1.0, most_keys=100)
    for number in range(10_000):
        pace.wait(f"name {number}", 0.0)
    assert len(pace._buckets) == 100
