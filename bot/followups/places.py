"""Where is somebody, and in which hours do they want to be left alone? Read from a message. Pure."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from bot.followups.times_cities import AMBIGUOUS, CITIES
from bot.followups.times_fold import fold
from bot.followups.times_zones import find_zone_phrase
from bot.followups.worktime import find_zone

_WORDS_EN = [(key, re.compile(rf"(?<![a-z])(?:{en})(?![a-z])")) for key, (en, _) in CITIES.items()]
_WORDS_ZH = [(key, re.compile(zh)) for key, (_, zh) in CITIES.items() if zh]
_CODES = re.compile(r"(?<![a-z])(" + "|".join(sorted(AMBIGUOUS, key=len, reverse=True)) + r")(?![a-z])")
_OFF = re.compile(
    r"\b(?:off|none|never|disable|no (?:more )?quiet|without|any ?time|24/7|around the clock|switch(?:ed)? off|turn(?:ed)? off|remove)\b|关(?:闭|掉)|取消|不(?:用|要|需要|设)|随时|全天(?:都)?可以|没有"
)
_CLOCK = re.compile(
    r"(?P<part>凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚间|晚|夜里|夜间|半夜)?(?:的)?\s*"
    r"(?:(?P<hour>\d{1,2})\s*(?::(?P<minute>[0-5]\d)|(?P<cn>[点时]|o'?clock|h(?![a-z]))(?P<half>半|(?P<mins>[0-5]?\d)分?)?)?\s*(?P<ampm>[ap]\.?m\.?)?(?:\s*(?:in the|at)\s*(?P<in>morning|evening|night|afternoon))?"
    r"|(?P<noon>midnight|noon|午夜|正午|零点))(?!\d|%|:)"
)
_NUMERAL = re.compile(r"[零一二两三四五六七八九十]{1,3}(?=[点时分])")
_AFTER = re.compile(r"\b(?:after|from|since|past)\b|以后|之后|过后|后(?:就)?(?:不|别)|开始|起")
_BEFORE = re.compile(r"\b(?:before|until|till|by)\b|以前|之前|前(?:不|别)|(?:不到|没到)")

PLACE_EN = "|".join(sorted("|".join(en for en, _ in CITIES.values()).split("|"), key=len, reverse=True))
PLACE_ZH = "|".join(sorted("|".join(zh for _, zh in CITIES.values()).split("|"), key=len, reverse=True))
"""The places people name, as alternatives of a pattern; the English ones in small letters."""
_ROLE_EN = r"(?:buyer|client|customer|supplier|vendor|factory|agent|partner|seller|contact|counterpart|forwarder|office|distributor|manufacturer|team)s?"
_ROLE_ZH = r"(?:客户|买家|买方|卖家|卖方|供应商|工厂|厂家|厂商|代理商?|经销商|采购|客人|合作方|合作伙伴|办事处|货代)"
_BRIEFLY = r"(?! ?(?:until|till|til|this|next|for|on|today|tomorrow|tonight|time|airport|fair))"
_THEY_ARE_EN = re.compile(
    rf"(?<![a-z])(?:(?:he|she|they|{_ROLE_EN}|(?:mr|mrs|ms|miss|dr)\.? [a-z]+)(?:'s|'re| is| are| sits?| lives?| works?)?(?: now| currently| based| located| sitting)*"
    rf"|(?:call|ask|tell|e-?mail|write|chase|ping|ring|contact|message|with|to|e-?mailed|mailed|sent|texted|called|messaged|told|asked|chased|met|from|for)"
    rf" (?:the |our |my )?(?!(?:it|this|that|them|us|me)(?![a-z]))[a-z][a-z'.-]*(?: [a-z][a-z'.-]*)?) (?:in|from|out of) (?P<at>{PLACE_EN})(?![a-z]){_BRIEFLY}"
    rf"|(?<![a-z])(?:our|the|my|a|an) (?P<of>{PLACE_EN}) {_ROLE_EN}(?![a-z])"
)
_THEY_ARE_ZH = re.compile(
    rf"(?:他|她|对方|{_ROLE_ZH}|总|经理|先生|女士|小姐)们?(?:人|公司|现在|目前|就|都|是)*在(?P<at>{PLACE_ZH})(?!时间|出差|开会|参展|机场|待|玩)"
    rf"|(?P<of>{PLACE_ZH})(?:那边|那里)?的?(?:那个|这个|一个|一家)?{_ROLE_ZH}"
    rf"|(?:给|跟|和|向|对|等|找|催|问|联系)(?P<to>{PLACE_ZH})(?:那边)?的?[\u4e00-\u9fff]{{1,3}}(?:总|经理|先生|女士|小姐|部长|社长|课长|科长|主任|工|桑|老板|老师)"
)


def counterpart_zone(text: str) -> str:
    """The zone of the place where a text says the counterpart is: "he is in Tokyo", 越南的客户; empty when it does not say.

    A stay for some days is none, nor is a country of several zones.
    """
    folded = fold(text).text
    for pattern, tables in ((_THEY_ARE_EN, _WORDS_EN), (_THEY_ARE_ZH, _WORDS_ZH)):
        if found := pattern.search(folded):
            word = next(group for group in found.groups() if group)
            return next((key for key, known in tables if known.fullmatch(word)), "")
    return ""


def places_in(text: str) -> tuple[ZoneInfo, ...]:
    """The zones that a text names, each once; several when its word means several; none when it names none."""
    folded = fold(text).text
    phrase = find_zone_phrase(folded, find_zone("UTC"), find_zone("UTC"))
    if phrase and phrase.whose == "named" and phrase.zones:
        return phrase.zones
    found = {key: hit.start() for key, pattern in (*_WORDS_EN, *_WORDS_ZH) if (hit := pattern.search(folded))}
    if found:
        return (find_zone(min(found, key=lambda key: found[key])),)
    if code := _CODES.search(folded):
        return tuple(find_zone(key) for key in AMBIGUOUS[code.group(1)])
    return ()


def quiet_in(text: str, now: str) -> str | None:
    """`22:00-07:00` or `off` as a text wants it; `now` completes what names one end only. None: it names no hours."""
    folded = _NUMERAL.sub(lambda found: str(_number(found.group())), fold(text).text)
    clocks = [clock for found in _CLOCK.finditer(folded) if (clock := _minutes(found)) is not None]
    if not clocks:
        return "off" if _OFF.search(folded) else None
    start, end = ("22:00", "07:00") if now == "off" else tuple(now.split("-"))
    if len(clocks) == 1:
        if _AFTER.search(folded):
            start = _told(clocks[0][0], evening=not clocks[0][1])
        elif _BEFORE.search(folded):
            end = _told(clocks[0][0], evening=False)
        else:
            return None
        return f"{start}-{end}"
    (first, first_sure), (last, last_sure) = clocks[0], clocks[1]
    return (
        f"{_told(first, evening=not first_sure and (last_sure or last <= first or first >= 7 * 60))}-{_told(last, evening=False)}"
    )


def _number(zh: str) -> int:
    """A Chinese number below a hundred."""
    tens, ten, ones = zh.partition("十")
    digits = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
    if not ten:
        return digits[tens[-1]]
    return 10 * (digits[tens] if tens else 1) + (digits[ones] if ones else 0)


def _told(minutes: int, *, evening: bool) -> str:
    """A time of day; an unsure hour before noon is meant in the evening."""
    if evening and minutes < 12 * 60:
        minutes += 12 * 60
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _minutes(found: re.Match[str]) -> tuple[int, bool] | None:
    """(minutes after midnight, whether morning or evening was said); None for a number that is no time."""
    if found["noon"]:
        return (12 * 60, True) if found["noon"] in ("noon", "正午") else (0, True)
    hour, part = int(found["hour"]), found["part"] or found["in"] or ""
    if hour > 24 or not (found["minute"] or found["cn"] or found["ampm"] or part or _bare(found)):
        return None
    minute = 30 if found["half"] == "半" else int(found["minute"] or found["mins"] or 0)
    late = part in ("下午", "傍晚", "晚上", "晚间", "晚", "夜里", "夜间", "半夜", "evening", "night", "afternoon") or (
        found["ampm"] or ""
    ).startswith("p")
    early = part in ("凌晨", "清晨", "早上", "早晨", "早", "上午", "morning") or (found["ampm"] or "").startswith("a")
    if late and hour == 12 and not (found["ampm"] or part in ("下午", "afternoon")):
        hour = 0
    elif late and (4 if part in ("夜里", "夜间", "半夜") else 0) < hour < 12:
        hour += 12
    elif early and hour == 12:
        hour = 0
    return hour % 24 * 60 + minute, bool(
        late or early or (found["minute"] and (hour > 12 or found["hour"].startswith("0"))) or hour > 12 or hour == 0
    )


def _bare(found: re.Match[str]) -> bool:
    """A number alone counts where the words around it are about hours: "22 to 7", "between 10 and 7"."""
    around = found.string[max(0, found.start() - 12) : found.end() + 6]
    return (
        re.search(r"\d\s*(?:to|-|–|until|till|and|到|至)|(?:to|-|until|till|and|between|from|after|before|到|至)\s*\d", around)
        is not None
    )
