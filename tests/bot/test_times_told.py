"""What else a message tells, with times of its own, never changes the time of the reminder: it is the same or asked."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from bot.followups.times import read

NOW = dt.datetime.fromisoformat("2026-12-09T10:20:00+01:00")
"""A Wednesday."""
MINE, THEIRS = "Europe/Berlin", "Asia/Shanghai"
REMINDERS = {
    "en": [
        "remind me tomorrow", "remind me Friday at 3pm", "remind me on Thursday morning", "remind me on the 18th", "remind me in two hours", "remind me at 4",
        "remind me in 3 days", "remind me tonight", "remind me Monday afternoon to call her", "remind me in 3 working days", "ping me at 15:45",
    ],
    "zh": ["明天提醒我", "周五下午三点提醒我", "18号提醒我催款", "两小时后提醒我", "四点提醒我", "今晚提醒我回邮件", "下周二十一点半叫我"],
}  # fmt: skip
TOLD = {
    "en": [
        "the auditor left at noon", "he called me at 9 this morning", "we met on Monday at 2pm", "they sent it yesterday evening", "I missed his call at 8:40",
        "the factory closed at 5", "the quote came in at 10:05", "prices rose 5% in October", "the samples arrived Monday", "she texted at midnight",
        "he said at 9 that he would check", "the line stopped at half past eight", "they asked for it 20 minutes ago", "the truck broke down Sunday night",
        "lunch is at 12:30", "the lead time is 45 days", "my train leaves at 5:15", "he is out on Fridays", "production takes six to eight weeks",
        "their audit is on Monday at 9", "the fair opens on 11 January", "the meeting is at 1pm", "warranty is 24 months", "the vessel leaves on Sunday",
    ],
    "zh": ["他上午九点打过电话", "昨天下午两点开了会", "样品12月2号寄出的", "周一见过面了", "他早上八点就到了", "他们六点下班", "船周日开", "会议下午一点开始", "保修期24个月"],
}  # fmt: skip
FORMS = {
    "en": ["{told}, {said}", "{told}. {said}", "{said}. {told}.", "{said} because {told}", "{told}\n{said}", "{said} ({told})"],
    "zh": ["{told}，{said}", "{told}。{said}", "{said}，{told}", "{said}（{told}）"],
}
STEP = {"en": 7, "zh": 1}
"""Of all combinations so many-th is tried: a few hundred, every line of every list among them."""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_another_clause_tells_never_changes_the_time(lang: str) -> None:
    wrong, asked = list[str](), 0
    tried = list(product(REMINDERS[lang], TOLD[lang], FORMS[lang]))[:: STEP[lang]]
    for said, told, form in tried:
        alone, found = read(said, NOW, MINE, THEIRS).at, read(form.format(said=said, told=told), NOW, MINE, THEIRS).at
        assert alone, said
        asked += found is None
        if found not in (None, alone):
            wrong.append(f"{form.format(said=said, told=told)}: {found}")
    assert not wrong
    assert asked <= len(tried) * 0.4
