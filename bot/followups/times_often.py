"""Is a time said to come again and again: "every Monday at 9", 每月5号, "weekly on Tuesdays"?

A reminder comes once, so that is asked back with the first time it would be, never set silently as a single one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.followups.times_atoms import ORD, WD_EN, words
from bot.followups.times_dates import Note

ONCE: Note = (
    "a reminder comes once and does not repeat; it can be set for the first of these times",
    "提醒只会来一次，不会重复，可以先定最近的这一次",
)
_UNIT = r"(?:hours?|minutes?|days?|weeks?|fortnights?|months?|quarters?|years?|weekends?|weekdays?|(?:working|business|work) ?days?|mornings?|afternoons?|evenings?|nights?|noon|lunchtime|hr|hrs|wk|wks)"
_FEW = r"(?:single|other|second|third|fourth|alternate|couple of|few|\d{1,2}|one|two|three|four|five|six|ten|last|first)"
_MONTHS = words(
    ["january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december"]
)
_OFTEN_EN = (
    rf"(?<![a-z])(?:every|each|ea\.?)\s(?:{_FEW}\s)*(?:{_UNIT}|(?:{WD_EN})|(?:{_MONTHS})|(?:{ORD})|\d{{1,2}}(?:st|nd|rd|th))(?![a-z])"
    r"|(?<![a-z])(?:once|twice|(?:\d|two|three|four) times|1x|2x|3x) (?:a|an|per|every|each|in a) (?:day|week|month|quarter|year|hour)(?![a-z])"
    r"|(?<![a-z])(?:hourly|daily|nightly|weekly|bi-?weekly|fortnightly|monthly|quarterly|yearly|annually)(?=$|[\s,.;!?:]*(?:$|\n|[,.;!?:]|(?:on|at|in|from|starting|until|till|for|please|pls|to|about|mon|tue|wed|thu|fri|sat|sun|the \d|\d)))"
    r"|(?<![a-z])(?:mon|tues|wednes|thurs|fri|satur|sun)days(?![a-z'])|(?:(?<=on )|(?<=me )|(?<![^\n])|(?<=, ))weekdays(?![a-z])|(?<![a-z])repeating(?![a-z])"
)
_UNIT_ZH = r"(?:周|星期|礼拜|月|天|日|年|季度?|小时|钟头|分钟|工作日|早|晚|夜|上午|下午|中午|凌晨)"
_OFTEN_ZH = (
    rf"每\s?(?:逢|到|隔|过)?\s?(?:[一两二三四五六七八九十半几\d]+)?个?{_UNIT_ZH}|逢(?=周|星期|礼拜|\d{{1,2}}[号日]|[一二三四五六七八九十])"
    r"|天天|日日|月月|年年(?![初底末中])|周周|[一两二三\d]个?(?:周|天|月|年|星期|礼拜|日)(?:提醒)?[一两二三四\d][次回遍]|隔周|隔月|双周|单周"
)
_OFTEN = re.compile(f"{_OFTEN_EN}|{_OFTEN_ZH}")
_GLUE = re.compile(
    r"(?:[\s,，、:：的]|(?<![a-z])(?:on|at|the|in|of|by|from|starting|beginning|around|about|and|up|until|till|through|to|sharp|only|just|it|this|me|again)(?![a-z])|都|就|在|再|里|起|开始|从|到|直到)*"
)
_POLITE = re.compile(
    r"(?<![a-z])(?:please|pls|thanks|thx|can you|could you|just|me|about it|again"
    r"|(?:until|till|unless) (?:they|he|she|there is|there's|i get|we get|we hear|i hear)(?: an?| back| from them)* ?(?:answers?|repl(?:y|ies)|responds?|writes?|do(?:es)?)?)(?![a-z])"
    r"|(?:直到|到)(?:对方|他们?|她们?|客户)?(?:有)?(?:回复|答复|回信|回音|消息)(?:为止|了)?|[\s,.!?，。！？请吧我一次]"
)
_EVERY_EN = re.compile(
    rf"(?:every|each) (?:(?P<n>other|second|third|couple of|few|\d{{1,2}}|one|two|three|four|five|six|ten) )?(?P<unit>{_UNIT})"
)
_EVERY_ZH = re.compile(r"每\s?(?P<gap>隔)?(?P<n>[一两二三四五六七八九十\d]+)?(?P<unit>个?(?:周|星期|礼拜|月|天|日|小时|工作日))")
_COUNT = {"other": "2", "second": "2", "third": "3", "couple of": "2", "few": "3"}
_ALONE = {"hourly": "hour", "daily": "day", "weekly": "week", "fortnightly": "fortnight", "monthly": "month"}
_CUED = re.compile(r"(?:(?:remind|nudge|ping|alert|poke|wake|buzz|notify)(?: me| us)?|提醒我?|叫我|通知我)\s?$")
_CUE = re.compile(r"\s?(?:都|就|来|请|要|帮我|再|,)*(?:提醒|叫我|通知我|喊我|(?:please |pls )?(?:remind|nudge|ping|alert) me)")


def repeated(text: str, used: Sequence[tuple[int, int]]) -> bool:
    """Whether what a folded text says in the `used` places, or right beside its cue, is to come again and again."""
    if not used:
        return False
    for found in _OFTEN.finditer(text):
        start, end = found.span()
        if _CUED.search(text[max(0, start - 20) : start]) or _CUE.match(text[end : end + 30]):
            return True
        for first, last in used:
            gap = text[end:first] if end <= first else text[last:start] if last <= start else ""
            if len(gap) <= 20 and _GLUE.fullmatch(gap):
                return True
    return False


def only_repeats(text: str) -> tuple[int, int] | None:
    """The place of what is to come again and again in a folded text that says no more than that: "remind me every other week"."""
    for found in _OFTEN.finditer(text):
        before, after = _CUED.sub("", text[: found.start()]), text[found.end() :]
        if cue := _CUE.match(after):
            after = after[cue.end() :]
        if not _POLITE.sub("", before) and not _POLITE.sub("", after):
            return found.span()
    return None


def first_of(said: str) -> str:
    """How the first of such times is said for itself: "every 3 days" is "in 3 days"; empty where it has no length."""
    if found := _EVERY_EN.fullmatch(said):
        return f"in {_COUNT.get(found['n'] or '1', found['n'] or '1')} {found['unit']}"
    if said in _ALONE:
        return f"in 1 {_ALONE[said]}"
    if (found := _EVERY_ZH.fullmatch(said)) and not found["gap"]:  # 每隔两天 is every second or every third day
        unit = {"月": "个月", "日": "天", "小时": "个小时"}.get(found["unit"], found["unit"])
        return f"{found['n'] or '一'}{unit}后"
    return ""
