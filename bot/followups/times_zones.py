"""Whose clock does an expression name: the user's, the counterpart's, or that of a city?

Data and the search for it. `TIME` words after a name make it a zone; a bare city counts only right behind a clock time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from bot.errors import Refused
from bot.followups.times_cities import AMBIGUOUS, CITIES, NAMES
from bot.followups.worktime import find_zone

Whose = Literal["mine", "theirs", "named"]

_CODES = "utc|gmt|cet|cest|mez|jst|kst|hkt|sgt|ict|wib|gst|bst|et|est|edt|ct|cdt|mdt|pt|pst|pdt|aest|aedt|awst|nzst|nzdt|msk|cst|ist|mst"
_EN = "|".join(sorted("|".join(en for en, _ in CITIES.values()).split("|"), key=len, reverse=True))
_ZH = "|".join(sorted("|".join(zh for _, zh in CITIES.values()).split("|"), key=len, reverse=True))
_BEHIND = r"(?:(?<=\d)|(?<=\d[ap]m)|(?<=\d [ap]m)|(?<=[ap]\.m\.)|(?<=clock)|(?<=noon)|(?<=morning)|(?<=evening)|(?<=midnight)|(?<=ing time)|(?<=first thing)|(?<=afternoon)|(?<=business)|(?<=[ce]o[bd])|(?<=lunch))"
_PERSON_EN = r"(?:their|his|her|(?:the )?(?:client|customer|counterpart|supplier|buyer|factory|other side|vendor|partner|recipient|seller)(?:'?s)?'?|(?:mr|mrs|ms|miss|dr)\.? [a-z]+'?s)"
_PERSON_ZH = r"(?:对方|他们|她们|他|她|客户|供应商|工厂|买家|卖家|买方|卖方|厂家|厂里|客人|那边|人家)"
_DAY_ZH = r"今天|明天|后天|明早|今早|今晚|明晚|下?下?个?(?:周|星期|礼拜)[一二三四五六日天]|\d{1,2}[号日]"
_AT_WORK = r"(?:is |are )?(?:back )?(?:open|up(?![a-z])|start|wake|get|come|arrive|close|leave|log|go home|finish|in the office|online|awake)"
THEIRS = re.compile(
    rf"(?=(?<![a-z])(?:when|once|as soon as|before|after|until|till) (?:they|he|she|their (?:office|people|team|side|shop)s?|the (?:client|customer|supplier|buyer|factory|other side|vendor)s?)(?:'re|'s)? {_AT_WORK})|"
    rf"(?:(?<![a-z])(?:at|in|on|by) )?(?<![a-z]){_PERSON_EN} (?:own )?(?:local )?(?:time ?zone|times?|clock)(?![a-z])|(?<![a-z])over there(?![a-z])|(?<![a-z0-9])(?:on )?their (?:end|side)(?![a-z])"
    rf"|(?<![a-z0-9])(?:the )?local time(?: there)?(?![a-z])|(?<![a-z])(?:his|her|(?:mr|mrs|ms|miss|dr)\.? [a-z]+'s)(?= (?:morning|afternoon|evening|noon|(?:mon|tues|wednes|thurs|fri)day (?:morning|afternoon|evening)))|(?<![a-z])their(?= (?:\d|noon|(?:early |late |mid[- ]?)?(?:morning|afternoon|evening|noon|lunch|tomorrow|today|office|working|business|opening|eod|end of|mon|tue|wed|thu|fri|sat|sun)))"
    rf"|{_PERSON_ZH}(?:那边|那里|那儿|所在地|当地|本地)?的?(?:当地)?(?:时间|时区)(?:的|是)?|当地时间的?|当地(?=[早上下中晚])|{_PERSON_ZH}(?:那边|那里|那儿|当地)(?:的)?(?=[早上下中晚周星礼明后今\d一二两三四五六七八九十])"
    rf"|{_BEHIND},? (?:over )?there(?! (?:is|are|was|will))|对方的?(?=[早上下中晚]|\d{{1,2}}点|(?:明|后|今|周|下周|星期)[^，,。]{{0,2}}(?:早|上午|下午|晚|中午|上班|\d+点))|他们的?(?=早上|上午|下午|中午|晚上|工作时间)|{_PERSON_ZH}(?:那边|那里|那儿)?的?(?=(?:{_DAY_ZH})?(?:一|刚|快|临|准备)?(?:上班|下班|开工|开门|收工|午饭|午休|午餐|吃[完午]))|(?<=[天日一二三四五六])那边的?(?=早|上午|下午|中午)"
)
MINE = re.compile(
    r"(?:(?<![a-z])(?:at|in|by) )?(?<![a-z0-9])(?:my|our) (?:own )?(?:local )?(?:time ?zone|time|clock)(?![a-z])|(?<![a-z])my(?= (?:morning|afternoon|evening))|(?<![a-z])time (?:here|where i am)(?![a-z])"
    r"|(?:我|我们|咱们|咱|本人|自己)(?:这边|这里|这儿|当地|本地|所在地)?的?(?:当地)?时间的?|本地时间的?|(?:我|我们)(?:这边|这里|这儿)的?(?=[早上下中晚周星明后今\d])"
)
_OUR_SIDE = re.compile(r"(?:(?<![a-z])(?:at|on) )?(?<![a-z0-9])(?:my|our) (?:end|side)(?![a-z])")
_IN_OUR_EVENING = re.compile(r"晚上?\s?[\d:一二两三四五六七八九十]{1,5}[点半]?钟?[，,]?$")
"""今晚九点他们刚上班: at nine that evening work begins over there."""
_HOUR = re.compile(r"\d ?[ap]\.?m|\d:\d\d|[\d一二两三四五六七八九十]点")
_PART = re.compile(r"(?<![a-z])(?:morning|afternoon|evening|noon|eod|cob|end of day|close of business|first thing)(?![a-z])")
_OFFSET = re.compile(r"(?<![a-z0-9])(?:utc|gmt)\s?([+-])\s?(\d{1,2})(?::?([0-5]\d))?(?![a-z])")
_IANA = re.compile(r"(?<![a-z0-9])(?:africa|america|asia|atlantic|australia|europe|indian|pacific|etc|us)/[a-z_+\-0-9/]{2,40}")
_NAMED_TIME = re.compile(
    rf"(?:(?<![a-z])(?:at|in|by) )?(?<![a-z])(?:the )?(?P<en>{_EN}|cst|ist|mst|american|u\.s\.|usa)(?:'s)?(?: local| standard| daylight| summer| winter)? (?:time ?zone|time|clock)(?![a-z])"
    rf"|(?P<zh>{_ZH}|美国)(?:那边|那里|当地|本地)?的?(?:当地|标准|夏令)?(?:时间|时区)(?:的|是)?|(?P<there>{_ZH}|美国)(?:(?:那边|当地|的)(?=[早上下中晚周星礼明后今\d一二两三四五六七八九十])|(?=(?:{_DAY_ZH})?的?(?:早上|上午|中午|下午|傍晚|晚上|凌晨|一?上班|下班)))"
    rf"|(?=(?<![a-z])(?:when|once|as soon as|before|after) (?:the |our )?(?P<opens>{_EN})(?:'s)? (?:(?:office|team|side|people|factory|market|colleague)s? )?(?:{_AT_WORK}))"
)
_AFTER_CLOCK = re.compile(
    rf"{_BEHIND}(?:(?:,? (?:in|at) |,? ?\()(?P<in>{_EN})\)?(?![a-z])|\s?(?P<code>{_CODES})(?![a-z])| (?P<bare>{_EN})(?=\s*(?:$|[,.;!?)]|on(?![a-z])|tomorrow|remind)))|(?:(?<=\d)|(?<=[ap]m)|(?<=hrs)|(?<=day)|(?<=tomorrow)|(?<=morning)|(?<=noon)),\s?(?P<last>{_EN})\s*[.!]?$|(?:(?<=day)|(?<=tomorrow)) (?P<tail>{_EN})\s*[.!]?$"
)
_STRANGER = re.compile(rf"{_BEHIND} (?P<who>[a-z]{{2,20}})(?:'s)? time(?![a-z])")
_STRANGER_ZH = re.compile(
    r"(?:^|[,。;\s]|在|按|提醒我|给我)(?P<who>(?![^,。]{0,5}[交发到货会议约见面谈开收付款工作上下班营业办公休息提醒时段同样具体最后大概预计划跟进回复这那什么啥有没抽空花多少改换定截止航起飞登机出抵送试培训活动展生产验厂装柜船期吃饭用餐午我你他她它对方当本客户]时间)"
    r"[\u4e00-\u9fff]{2,6}?)时间(?=[早上下中晚周星礼明后今\d一二两三四五六七八九十])"
)
"""亚特兰蒂斯时间周五: a place we do not know; 交货时间周五 is none."""
_NOT_PLACES = frozenset(
    [
        "at",
        "to",
        "my",
        "no",
        "it",
        "is",
        "by",
        "be",
        "me",
        "us",
        "am",
        "pm",
        "so",
        "or",
        "this",
        "that",
        "the",
        "any",
        "some",
        "same",
        "next",
        "last",
        "first",
        "second",
        "lunch",
        "break",
        "work",
        "office",
        "opening",
        "closing",
        "full",
        "part",
        "long",
        "spare",
        "about",
        "sometime",
        "due",
        "dinner",
        "down",
        "real",
        "run",
        "over",
        "good",
        "one",
        "each",
        "every",
        "more",
        "our",
        "meeting",
        "standard",
        "summer",
        "local",
        "tea",
        "play",
        "all",
        "wall",
        "half",
        "our",
        "what",
        "pick",
        "up",
        "of",
        "tax",
        "in",
        "on",
        "pickup",
        "arrival",
        "departure",
        "delivery",
        "lead",
        "cycle",
        "ship",
        "transit",
        "prime",
        "quiet",
        "travel",
        "in",
        "just",
        "sharp",
        "bed",
        "night",
        "day",
        "call",
    ]
)


@dataclass(frozen=True)
class ZonePhrase:
    """A zone named in the text: whose it is, which zones it may be (several: ask; none: nobody knows it), where it stands."""

    whose: Whose
    zones: tuple[ZoneInfo, ...]
    start: int
    end: int
    word: str = ""


def find_zone_phrase(text: str, mine: ZoneInfo, theirs: ZoneInfo) -> ZonePhrase | None:
    """The first zone phrase of a folded text; None when it names none, so that the user's own zone holds."""
    if found := _OFFSET.search(text):
        sign, hours, minutes = found.groups()
        if int(minutes or 0) == 0 and int(hours) <= 12:
            name = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}" if int(hours) else "UTC"
            return ZonePhrase("named", (find_zone(name),), *found.span(), found.group())
        near = {
            ("+", 5, 30): "Asia/Kolkata",
            ("+", 5, 45): "Asia/Kathmandu",
            ("+", 9, 30): "Australia/Darwin",
            ("+", 13, 0): "Pacific/Tongatapu",
        }
        name = near.get((sign, int(hours), int(minutes or 0)))
        return ZonePhrase("named", (find_zone(name),) if name else (), *found.span(), found.group())
    if found := _IANA.search(text):
        return ZonePhrase("named", _exact(found.group()), *found.span(), found.group())
    if found := MINE.search(text):
        return ZonePhrase("mine", (mine,), *found.span(), found.group())
    found = _NAMED_TIME.search(text)
    if found and (found.group() or not _HOUR.search(text)):
        return _named(next(word for word in found.groups() if word), found, mine, theirs)
    found, ours = THEIRS.search(text), _OUR_SIDE.search(text)
    if ours and not (found and found.start() < ours.start()):
        return ZonePhrase("mine", (mine,), *ours.span(), ours.group())
    if found and _IN_OUR_EVENING.search(text[: found.start()]) and "时" not in found.group():
        found = None
    if found and (found.group() or not _HOUR.search(text)):  # "9pm, when they start": the hour is not theirs
        return ZonePhrase("theirs", (theirs,), *found.span(), found.group())
    found = _AFTER_CLOCK.search(text)
    if found and (not found["tail"] or _HOUR.search(text) or _PART.search(text)):  # "friday china" alone may be whom to call
        return _named(next(word for word in found.groups() if word), found, mine, theirs)
    found = _STRANGER.search(text)
    if found and found["who"] not in _NOT_PLACES:
        return ZonePhrase("named", (), *found.span(), found.group())
    if found := _STRANGER_ZH.search(text):
        return ZonePhrase("named", (), found.start("who"), found.end(), found["who"])
    return None


def zone_names(zone: ZoneInfo) -> tuple[str, str]:
    """How people call a zone, in English and Chinese: by its city."""
    known = NAMES.get(zone.key)
    if known:
        return known
    if zone.key.startswith("Etc/GMT"):
        shown = "UTC" + zone.key.removeprefix("Etc/GMT").translate(str.maketrans("+-", "-+"))
        return shown, shown
    en = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    zh = re.sub(r"\(.*?\)|[?]", "", CITIES.get(zone.key, ("", ""))[1].split("|")[0])
    return en, zh or en


def _named(word: str, found: re.Match[str], mine: ZoneInfo, theirs: ZoneInfo) -> ZonePhrase:
    if word in AMBIGUOUS:
        known = [key for key in AMBIGUOUS[word] if key in (mine.key, theirs.key)]
        zones = tuple(find_zone(key) for key in known or AMBIGUOUS[word])
    else:
        zones = tuple(find_zone(key) for key, (en, zh) in CITIES.items() if re.fullmatch(en, word) or re.fullmatch(zh, word))[:1]
    return ZonePhrase("named", zones, *found.span(), found.group())


def _exact(name: str) -> tuple[ZoneInfo, ...]:
    """The zone a person wrote as area/city in any case; nothing when there is none."""
    for written in (
        name,
        "/".join(part.title() for part in name.split("/")),
        "/".join("_".join(w.title() for w in part.split("_")) for part in name.split("/")),
    ):
        try:
            return (find_zone(written),)
        except Refused:
            continue
    return ()
