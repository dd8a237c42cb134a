"""Which tip, and when: in turn and without repeats, the fitting first; at 9:30 on a working day, outside quiet hours."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts import tips
from bot.broadcasts.tip_cards import card
from bot.broadcasts.tip_times import HOUR, LATEST, Reader, next_at, polite
from bot.broadcasts.tip_words import WORDS
from bot.broadcasts.tips import Known, Shown, Waiting
from bot.broadcasts.topics import CHECKING, GREETING, TOPICS, WAITING, cards_about
from bot.followups.countries import country_of
from bot.followups.worktime import Block, Quiet
from knowledge.load import KnowledgeBase
from tests.conftest import NOW

DAY = dt.timedelta(days=1)
SPRING = Block("Chinese New Year", "春节", dt.date(2027, 2, 5), dt.date(2027, 2, 11), provisional=False)


def who(zone: str, quiet: Quiet | None = None) -> Reader:
    return Reader(ZoneInfo(zone), country_of(zone), quiet)


def seen(*ids: str, vote: str | None = None, ago: int = 1, why: str = "turn") -> list[Shown]:
    return [Shown(tip, NOW - ago * DAY, vote, why) for tip in ids]


# which


def test_every_card_gives_its_tips_to_the_stock(kb: KnowledgeBase) -> None:
    stock = tips.stock(kb)
    assert len(stock) == sum(len(card.tips) for card in kb.cards.values())
    assert stock["casual-yes/1"].text == kb.cards["casual-yes"].tips[0]


@pytest.mark.parametrize("person", ["a", "b"])
def test_no_tip_comes_again_before_all_were_shown_and_then_all_come_again(kb: KnowledgeBase, person: str) -> None:
    stock = tips.stock(kb)
    shown: list[Shown] = []
    for number in range(2 * len(stock)):
        at = NOW + number * DAY
        asked = ["exclusivity-request"] if number % 3 == 0 else []
        chosen = tips.choose(kb, stock, Known(person, shown=tuple(shown), asked=asked), at)
        shown.append(Shown(chosen.tip.id, at, why=chosen.why))
    first, second = shown[: len(stock)], shown[len(stock) :]
    assert {one.tip for one in first} == set(stock)
    assert {one.tip for one in second} == set(stock)


def test_two_people_get_them_in_different_orders_and_one_always_in_the_same(kb: KnowledgeBase) -> None:
    stock = tips.stock(kb)
    chosen = {tips.choose(kb, stock, Known(f"p{n}"), NOW).tip.id for n in range(30)}
    assert len(chosen) > 15
    assert tips.choose(kb, stock, Known("p1"), NOW) == tips.choose(kb, stock, Known("p1"), NOW + DAY)


def test_neighbouring_tips_are_not_of_one_card_nor_mostly_of_one_theme(kb: KnowledgeBase) -> None:
    stock = tips.stock(kb)
    shown: list[Shown] = []
    for number in range(24):
        chosen = tips.choose(kb, stock, Known("p", shown=tuple(shown)), NOW)
        shown.append(Shown(chosen.tip.id, NOW + number * DAY))
    cards = [stock[one.tip].card for one in shown]
    themes = [stock[one.tip].theme for one in shown]
    assert all(a != b for a, b in itertools.pairwise(cards))
    assert all(a != b for a, b in itertools.pairwise(themes))


def test_what_was_asked_lately_brings_its_neighbours_and_says_so(kb: KnowledgeBase) -> None:
    chosen = tips.choose(kb, tips.stock(kb), Known("p", asked=["exclusivity-request", "help"]), NOW)
    assert chosen.why == "asked"
    assert chosen.about == "exclusivity-request"
    near = {"exclusivity-request", *kb.cards["exclusivity-request"].near}
    assert chosen.tip.card in near


def test_an_open_matter_counts_more_than_what_was_asked_and_a_holiday_more_than_both(kb: KnowledgeBase) -> None:
    stock = tips.stock(kb)
    asked, matter = ["technology-transfer"], [Waiting("Mr Li", (*cards_about("NDA for the mould"), *WAITING))]
    chosen = tips.choose(kb, stock, Known("p", asked=asked, waiting=matter), NOW)
    assert (chosen.why, chosen.about, chosen.tip.card) == ("followup", "Mr Li", "ip-protection-early")
    chosen = tips.choose(kb, stock, Known("p", asked=asked, waiting=matter, holiday=SPRING), NOW)
    assert chosen.why == "holiday"
    assert chosen.tip.card in GREETING


def test_what_was_wished_in_words_counts_most(kb: KnowledgeBase) -> None:
    wished = cards_about("a tip about dinners please")
    chosen = tips.choose(kb, tips.stock(kb), Known("p", holiday=SPRING, wished=wished), NOW)
    assert (chosen.why, chosen.tip.card) == ("wished", "social-due-diligence")


def test_not_now_puts_a_tip_and_its_theme_aside_for_four_weeks_and_then_it_comes_first(kb: KnowledgeBase) -> None:
    stock = tips.stock(kb)
    theme = stock["casual-yes/1"].theme
    fresh = Known("p", shown=seen("casual-yes/1", vote="not_now"), asked=["exclusivity-request"])
    assert tips.choose(kb, stock, fresh, NOW).tip.theme != theme
    others = [name for name in stock if name != "casual-yes/1"]
    late = Known("p", shown=[*seen("casual-yes/1", vote="not_now", ago=29), *seen(*others, ago=2)])
    assert tips.choose(kb, stock, late, NOW).tip.id == "casual-yes/1"


def test_tips_that_are_no_longer_in_the_cards_are_forgotten_and_new_ones_come_first(kb: KnowledgeBase) -> None:
    stock = dict(tips.stock(kb))
    known = Known("p", shown=seen("gone/1", *(name for name in stock if name != "casual-yes/2")))
    assert tips.choose(kb, stock, known, NOW).tip.id == "casual-yes/2"


def test_every_topic_names_cards_that_are_there(kb: KnowledgeBase) -> None:
    named = {card for _, cards in TOPICS for card in cards} | {*WAITING, *CHECKING, *GREETING}
    assert named <= set(kb.cards)


@pytest.mark.parametrize(
    ("words", "card"),
    [
        ("one tip on working with headquarters", "convince-boss"),
        ("来条关于邮件的小贴士", "email-unreliable"),
        ("修改后的报价单", "internal-negotiation"),
        ("invoice 77", "phishing-and-spoofing"),
        ("独家代理协议", "exclusivity-request"),
        ("the weather", None),
    ],
)
def test_a_subject_in_a_few_words_finds_its_card(words: str, card: str | None) -> None:
    assert next(iter(cards_about(words)), None) == card


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_tip_is_a_card_that_ends_in_the_card_it_is_from(kb: KnowledgeBase, lang) -> None:
    for tip in tips.stock(kb).values():
        for rhythm, on, ways in (("weekly", True, 4), ("", True, 5), ("", False, 5)):
            shown = card(kb, tips.Choice(tip, "turn"), "0" * 32, lang, None, rhythm=rhythm, on=on)
            assert shown.verdict == getattr(tip.text, lang)
            assert shown.choices[0].id == f"card:{tip.card}"
            assert len(shown.choices) == ways
            assert ("tip:fewer:" + "0" * 32 in [way.id for way in shown.choices]) == on


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_reason_is_told_in_words(kb: KnowledgeBase, lang) -> None:
    tip = tips.stock(kb)["guanxi-relationship/1"]
    told = card(kb, tips.Choice(tip, "holiday"), "x", lang, SPRING, rhythm="weekly").text
    assert ("5 February" in told) if lang == "en" else ("2月5日开始放春节假" in told)
    told = card(kb, tips.Choice(tip, "followup", "Mr Li"), "x", lang, None, rhythm="weekly").text
    assert "Mr Li" in told
    told = card(kb, tips.Choice(tip, "asked", "casual-yes"), "x", lang, None).text
    assert kb.title("casual-yes", lang) in told


def test_the_words_stand_in_both_languages() -> None:
    assert all(set(said) == {"en", "zh"} and all(said.values()) for said in WORDS.values())


# when


@pytest.mark.parametrize(
    ("zone", "after", "wanted"),
    [
        ("Europe/Berlin", "2026-11-22T12:00+01:00", "2026-11-23T09:30+01:00"),
        ("Europe/Berlin", "2026-11-23T09:00+01:00", "2026-11-23T09:30+01:00"),
        ("Europe/Berlin", "2026-11-23T09:30+01:00", "2026-11-30T09:30+01:00"),
        ("America/New_York", "2026-03-04T12:00-05:00", "2026-03-09T09:30-04:00"),
        ("Asia/Shanghai", "2026-09-23T12:00+08:00", "2026-09-28T09:30+08:00"),
        ("Asia/Shanghai", "2026-09-29T12:00+08:00", "2026-10-08T09:30+08:00"),
        ("Europe/Berlin", "2026-04-01T12:00+02:00", "2026-04-07T09:30+02:00"),
        ("Pacific/Kiritimati", "2026-11-22T12:00+00:00", "2026-11-23T09:30+14:00"),
    ],
)
def test_the_tip_comes_at_half_past_nine_there_on_the_first_working_day_of_the_week(zone: str, after: str, wanted: str) -> None:
    at = next_at(dt.datetime.fromisoformat(after), who(zone), 0)
    assert at == dt.datetime.fromisoformat(wanted)


def test_a_week_without_a_working_day_is_passed_over() -> None:
    at = next_at(dt.datetime.fromisoformat("2027-02-05T12:00+08:00"), who("Asia/Shanghai"), 0)
    week = [dt.date(2027, 2, 8) + n * DAY for n in range(7)]
    working = [day for day in week if who("Asia/Shanghai").works(day)]
    assert at.date() == (working[0] if working else dt.date(2027, 2, 15))


def test_rhythm_and_weekday_are_kept_over_holidays() -> None:
    reader = who("Europe/Berlin")
    at = dt.datetime.fromisoformat("2026-12-15T09:30+01:00")
    days = []
    for _ in range(4):
        at = next_at(at, reader, 1, 2)
        days.append(f"{at:%m-%d %a}")
    assert days == ["12-29 Tue", "01-12 Tue", "01-26 Tue", "02-09 Tue"]
    assert f"{next_at(dt.datetime.fromisoformat('2026-12-21T12:00+01:00'), reader, 4):%m-%d}" == "01-08", (
        "both Fridays are holidays"
    )


def test_quiet_hours_are_kept_and_who_works_at_night_is_written_to_after_them() -> None:
    late = who("Europe/Berlin", Quiet(ZoneInfo("Europe/Berlin"), dt.time(21), dt.time(10)))
    assert f"{next_at(NOW, late, 2):%a %H:%M}" == "Wed 10:00"
    night = who("Europe/Berlin", Quiet(ZoneInfo("Europe/Berlin"), dt.time(8), dt.time(15)))
    assert f"{next_at(NOW, night, 2):%a %H:%M}" == "Wed 15:00"
    turned = who("Europe/Berlin", Quiet(ZoneInfo("Europe/Berlin"), dt.time(6), dt.time(2)))
    assert polite(next_at(NOW, turned, 2), turned) == next_at(NOW, turned, 2)


@given(
    at=st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 1), timezones=st.just(dt.UTC)),
    zone=st.sampled_from(
        ["Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]
    ),
    weekday=st.integers(0, 4),
    weeks=st.integers(0, 4),
    quiet=st.sampled_from([None, (22, 7), (20, 10), (0, 0)]),
)
def test_whenever_it_is_planned_it_comes_later_on_a_working_day_in_the_daytime(at, zone, weekday, weeks, quiet) -> None:
    hours = Quiet(ZoneInfo(zone), dt.time(quiet[0]), dt.time(quiet[1])) if quiet else None
    reader = who(zone, hours)
    planned = next_at(at, reader, weekday, weeks)
    here = planned.astimezone(reader.zone)
    assert planned > at
    assert reader.works(here.date())
    assert HOUR <= here.time() < LATEST
    assert reader.asleep(planned) is None
    assert polite(planned, reader) == planned, "it is still welcome when it is due"
    assert planned - at < (weeks + 4) * 7 * DAY
