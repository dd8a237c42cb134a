"""Where the counterpart is said to be sets their clock, on both databases: "he is in Tokyo", 越南的客户."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from bot.conversations.followup_draft import Draft
from bot.db import reading
from bot.followups.places import counterpart_zone
from bot.followups.tables import ContactRow
from bot.wiring import App
from tests.bot.test_followup_talk import Talk


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("he is in Tokyo", "Asia/Tokyo"),
        ("they're based in Hanoi", "Asia/Ho_Chi_Minh"),
        ("our buyer in Ho Chi Minh City", "Asia/Ho_Chi_Minh"),
        ("remind me tomorrow to call Kim in Seoul", "Asia/Seoul"),
        ("our Japanese supplier is late", "Asia/Tokyo"),
        ("她在首尔", "Asia/Seoul"),
        ("越南的客户还没回", "Asia/Ho_Chi_Minh"),
        ("工厂在曼谷", "Asia/Bangkok"),
        ("Sent Sato-san in Tokyo the drawings, remind me Thursday 9am their time", "Asia/Tokyo"),
        ("Emailed Priya in Mumbai the quote; remind me Thursday 10am her time", "Asia/Kolkata"),
        ("给首尔的金部长发了样品，周四上午提醒我", "Asia/Seoul"),
        ("I sent it in Tokyo yesterday", ""),
        ("we talked to them in Shanghai for two days", ""),
        ("call me in Berlin", ""),
        ("he is in Tokyo until Friday", ""),
        ("ask about the fair in Tokyo", ""),
        ("10am Tokyo time", ""),
        ("她在首尔出差", ""),
        ("美国客户", ""),
    ],
)
def test_a_place_is_the_counterparts_only_where_it_is_said_of_them(text: str, zone: str) -> None:
    assert counterpart_zone(text) == zone


def _contacts(app: App) -> dict[str, str]:
    with reading(app.engine) as session:
        return {row.name: row.zone for row in session.scalars(select(ContactRow))}


@pytest.mark.parametrize(
    ("words", "wall"),
    [
        ("remind me tomorrow at 10am their time to call Kim about the quote, he is in Seoul", "2026-11-26T10:00+09:00"),
        ("remind me tomorrow at 3pm their time to call Mr Tanaka in Tokyo about the quote", "2026-11-26T15:00+09:00"),
        ("提醒我明天上午十点对方时间给金总打电话谈报价，他在首尔", "2026-11-26T10:00+09:00"),
    ],
)
def test_their_time_is_that_of_the_place_named_in_the_same_message(app: App, words: str, wall: str) -> None:
    talk = Talk(app)
    talk(words)
    assert talk.row.due_at.astimezone(dt.UTC) == dt.datetime.fromisoformat(wall)
    assert next(iter(_contacts(app).values())) in ("Asia/Seoul", "Asia/Tokyo")


def test_a_place_once_told_counts_for_the_next_follow_up_too(app: App) -> None:
    talk = Talk(app)
    talk("remind me tomorrow to call Kim about the quote, he is in Seoul")
    assert list(_contacts(app).values()) == ["Asia/Seoul"]
    talk("remind me on Friday at 9am their time to write to Kim about the samples")
    assert {row.due_at.astimezone(dt.UTC) for row in talk.rows()} >= {dt.datetime.fromisoformat("2026-11-27T09:00+09:00")}


def test_a_place_told_after_the_time_moves_their_hour_there() -> None:
    draft = Draft(at="2026-11-26T10:00:00+08:00", zone="Asia/Shanghai", theirs=True)
    draft.put("Asia/Tokyo")
    assert (draft.at, draft.zone) == ("2026-11-26T10:00:00+09:00", "Asia/Tokyo")
    mine = Draft(at="2026-11-26T10:00:00+01:00", zone="Europe/Berlin")
    mine.put("Asia/Tokyo")
    assert (mine.at, mine.place) == ("2026-11-26T10:00:00+01:00", "Asia/Tokyo")
