"""Every way to say the day goes with every way to say the hour, whose clock it is, and the sentence around them."""

from __future__ import annotations

import datetime as dt
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from bot.followups.times import read

NOW = dt.datetime.fromisoformat("2026-12-09T10:20:00+01:00")
"""A Wednesday."""
MINE, THEIRS, LONDON = "Europe/Berlin", "Asia/Shanghai", "Europe/London"
DAYS = {
    "en": {
        "tomorrow": 10, "on Friday": 11, "this Friday": 11, "next Tuesday": 15, "Tuesday next week": 15, "on the 18th": 18, "18 December": 18,
        "December 18th": 18, "in 3 days": 12, "the day after tomorrow": 11, "Fri 18 Dec": 18, "2026-12-18": 18, "a week from Friday": 18,
        "coming Monday": 14, "in two weeks": 23, "Monday week": 21,
    },
    "zh": {
        "明天": 10, "后天": 11, "周五": 11, "这周五": 11, "礼拜五": 11, "下周一": 14, "下星期二": 15, "下礼拜三": 16, "18号": 18, "12月18号": 18,
        "十二月十八日": 18, "本月18号": 18, "三天后": 12, "大后天": 12, "两周后": 23, "下下周一": 21, "2026年12月18日": 18,
    },
}  # fmt: skip
HOURS = {
    "en": {
        "at 11": (11, 0), "11am": (11, 0), "11:30": (11, 30), "at half past eleven": (11, 30), "at 3 in the afternoon": (15, 0), "3pm": (15, 0),
        "in the afternoon": (14, 30), "around 4": (16, 0), "at a quarter to four": (15, 45), "15:45": (15, 45), "at noon": (12, 0),
        "3 o'clock": (15, 0), "by 5pm": (17, 0), "before lunch": (11, 30), "end of day": (17, 0), "at eight in the evening": (20, 0), "": (9, 0),
    },
    "zh": {
        "上午十一点": (11, 0), "早上十点": (10, 0), "11点半": (11, 30), "下午三点": (15, 0), "下午3点一刻": (15, 15), "下午": (14, 30), "中午": (12, 0),
        "15:45": (15, 45), "晚上八点": (20, 0), "晚上8点半": (20, 30), "下午四点四十": (16, 40), "三点": (15, 0), "十一点": (11, 0), "下班前": (17, 0),
        "中午十二点": (12, 0), "下午三点左右": (15, 0), "": (9, 0),
    },
}  # fmt: skip
CLOCKS = {
    "en": {
        "": MINE,
        "Beijing time": THEIRS,
        "their time": THEIRS,
        "London time": LONDON,
        "my time": MINE,
        "(China time)": THEIRS,
    },
    "zh": {"": MINE, "北京时间": THEIRS, "对方时间": THEIRS, "伦敦时间": LONDON, "我这边时间": MINE, "中国时间": THEIRS},
}
AROUND = {
    "en": [
        "{}", "remind me {} to call Mr Li", "I emailed the buyer about the quote, remind me {}", "remind me to call him {} about the 2 samples",
        "{}: chase Lily", "call the factory {} please", "Sent them version 3 of the contract yesterday. Nudge me {}.",
    ],
    "zh": [
        "{}", "{}提醒我给李总打电话", "刚给客户发了报价，{}提醒我", "提醒我{}跟进样品", "麻烦{}叫我一下", "{}给王经理打个电话", "那个2号样品的事{}再催一下",
    ],
}  # fmt: skip
STEP = 61
"""Of all combinations so many-th is tried: a few hundred in a few seconds, every word of every list among them."""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_day_and_an_hour_are_read_in_any_order_and_sentence_and_never_wrong(lang: str) -> None:
    wrong, asked, tried = list[str](), list[str](), 0
    for day, hour, clock, around in list(product(DAYS[lang], HOURS[lang], CLOCKS[lang], AROUND[lang]))[::STEP]:
        if lang == "zh":
            said = clock + day + hour
        else:
            said = " ".join(piece for piece in ((day, hour, clock) if tried % 2 else (hour, day, clock)) if piece)
        text = around.format(said)
        meant = dt.datetime.combine(
            dt.date(2026, 12, DAYS[lang][day]), dt.time(*HOURS[lang][hour]), ZoneInfo(CLOCKS[lang][clock])
        )
        found = read(text, NOW, MINE, THEIRS).at
        tried += 1
        if found is None:
            asked.append(text)
        elif found != meant:
            wrong.append(f"{text}: {found}")
    assert not wrong
    assert len(asked) <= tried * 0.04, asked
