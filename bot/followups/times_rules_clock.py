"""How are hours of the day written? The clock rules of the lexer, one a line."""

from __future__ import annotations

import re

from bot.followups import times_en as en
from bot.followups import times_zh as zh
from bot.followups.times_atoms import HN, HOUR, HOUR_WORDS, MON, NOT_NOUN, WD_EN, ZN, Atom, B, E, Match, Rule, amount, words

_AMPM = r"(?:a\.?\s?m(?![a-z])\.?|p\.?\s?m(?![a-z])\.?|(?<=\d)[ap](?![a-z.]))"
_PART = words(en.PARTS)
_HUNDRED = {word: int(n) for word, n in en.NUMBERS.items() if word.isalpha() and len(word) > 2 and 6 <= n <= 20}
_MIN = words(en.MINUTES)
_WHO = r"(?:they|he|she|we|i|their (?:office|people|team|side|shop)s?|(?:the )?(?!the )[a-z]{3,12} (?:office|team|side|people|factory|market|colleague)s?|the (?:client|customer|supplier|buyer|factory|other side|vendor|office|market)s?|china|beijing|shanghai|shenzhen|asia)(?:'s|'re|'m)?"
_OPENS = r"(?:is |are |am )?(?:back )?(?:opens?|starts?|wakes? up|gets? (?:in|to (?:the office|work|their desks?))|gets? up|comes? in(?:to the office)?|arrives?|logs? on|in the office|online|awake|up|at (?:work|their desks?))"
_CLOSES = r"(?:closes?|leaves?|goes home|go home|logs? off|finish(?:es)?|knocks? off)"
_AT = r"(?:at |@ ?|around |about |by |from |between |till |until |before |after |for )?"
_MADE = re.compile(
    r"(?<!hour)(?<!day)(?<!week)(?<!month)(?<!s)(?:^|[,.;!\n:-])\s*(?:(?:ok|okay|no|actually|please|pls|sorry|hm|then|better|so)[\s,]+)*(?:make (?:it|that)|(?<=sorry )i meant?|(?<=no )i meant?|(?<=, )i meant?) $"
)
"""No price: "he said five, I make it 4" is none."""
_DASH = r"\s?(?:-|to|and|till|until)\s?"


def _clock(m: Match, hour: str, minute: int = 0, ampm: str | None = None, *, sure: bool = False) -> Atom | None:
    """A clock time as an atom; nothing when there is no such time."""
    h = int(hour) if hour.isdigit() else int(amount(hour) or 0)
    half = (ampm or "")[:1]
    if minute > 59 or h > 24 or (h == 24 and minute) or (half and h == 0):
        return None
    name = "" if half and h > 12 else {"a": "am", "p": "pm"}.get(half, "")
    return Atom("clock", *m.span(), h % 24, minute, name=name or ("24" if sure or h > 12 or h == 0 else ""))


def _beside(m: Match) -> Atom | None:
    """Ten past four, a quarter to nine."""
    minutes = en.MINUTES.get(m["min"], 0)
    digits = m["min"].isdigit() and m["hour"].isdigit() and m["way"] == "to" and " minutes" not in m.group()
    if digits and not (minutes == 5 and int(m["hour"]) <= 5):  # "5 to 4" goes down, so it is no stretch of time
        return _clock(m, m["min"]) if minutes <= 12 else None  # "10 to 12" in digits is from ten on
    hour = {"noon": 12.0, "midnight": 0.0}.get(m["hour"], amount(m["hour"]) or 0)
    total = int(hour) * 60 + (minutes if m["way"] in ("past", "after") else -minutes)
    made = _clock(m, str(total // 60 % 24 or 12), total % 60, m["ampm"])
    if made and m["hour"] in ("noon", "midnight"):
        return Atom("clock", *m.span(), total // 60 % 24, total % 60, name="24")
    return made


def _zh_clock(m: Match) -> Atom | None:
    hour = zh.number(m["h"])
    if hour is None or "." in m["h"]:
        return None
    quarter = {"一": 15, "1": 15, "二": 30, "2": 30, "三": 45, "3": 45}.get(m["quarter"] or "", 0)
    minute = 30 if m["half"] else quarter or int(zh.number((m["min"] or m["bare"] or "零").lstrip("零过")) or 0)
    made = _clock(m, str(int(hour)), minute)
    if made is None:
        return None
    weak = not (m["half"] or m["quarter"] or m["min"] or m["bare"] or m["whole"]) and not m["h"].isdigit()
    side = "weak" if weak else "digit" if m["h"].isdigit() and not (m["half"] or m["quarter"] or m["min"] or m["bare"]) else ""
    return Atom("clock", *m.span(), made.a, made.b, name=made.name, side=side)


def _zh_before(m: Match) -> Atom | None:
    less = 15 if m["less"] == "一刻" else int(zh.number(m["less"]) or 0)
    total = int(zh.number(m["h"]) or 0) * 60 - less
    return _clock(m, str(total // 60), total % 60) if total > 0 else None


RULES: list[Rule] = [
    Rule(rf"{B}{_AT}({HOUR})(?:[:.h]([0-5]\d))?\s?({_AMPM}){E}", lambda m: _clock(m, m[1], int(m[2] or 0), m[3])),
    Rule(rf"{B}{_AT}(1[0-2]|0?[1-9])([0-5]\d)\s?({_AMPM}){E}", lambda m: _clock(m, m[1], int(m[2]), m[3])),
    Rule(  # "wed 4 30"
        rf"(?:(?<=day )|(?<=[a-z]{{3}} )|(?<=at ))(?:at )?(1[0-2]|[1-9]) (00|15|30|45)(?![\w.,/:%-])(?= ?(?:$|[.,;!?]|{WD_EN}{E}|tomorrow|[ap]\.?m))",
        lambda m: Atom("clock", *m.span(), int(m[1]), int(m[2]), side="beside"),
    ),
    Rule(
        rf"{B}{_AT}(?:oh )?({words(_HUNDRED)}) hundred(?: hours)?{E}(?! (?:units|pieces|pcs|sets|usd|eur|rmb|kilos?|tons?|people|workers))",
        lambda m: Atom("clock", *m.span(), _HUNDRED[m[1]], name="24", side="beside" if "hours" not in m.group() else ""),
    ),
    Rule(
        rf"{B}{_AT}({HOUR_WORDS})[ -](fifteen|thirty|forty[- ]five|twenty[- ]five|twenty|ten|forty|fifty|oh five)(?:\s?({_AMPM}))?{E}(?! (?:minutes|hours|days|percent|units|people|pieces))",
        lambda m: _clock(m, m[1], en.MINUTES.get(m[2], 0), m[3]),
    ),
    Rule(
        rf"{B}{_AT}(2[0-4]|1\d|0?\d):([0-5]\d)(?::[0-5]\d)?(?:h|\s?(?:hrs?|uhr))?{E}(?!:\d)",
        lambda m: _clock(m, m[1], int(m[2]), sure=m[1].startswith("0")),
    ),
    Rule(
        rf"{B}(0\d)([0-5]\d)(?=,? (?:on )?(?:today|tomorrow|(?:next |this )?(?:{WD_EN})){E})",
        lambda m: _clock(m, m[1], int(m[2]), sure=True),
    ),
    Rule(
        rf"{B}(?:at |@ ?)([01]\d|2[0-3])([0-5]\d)\s?(?:h|hrs?|hours)?{E}(?!\s?(?:%|usd|eur|dollars|units|pcs))|{B}([01]\d|2[0-3])([0-5]\d)\s?(?:h|hrs|hours){E}",
        lambda m: _clock(m, m[1] or m[3], int(m[2] or m[4]), sure=True),
    ),
    Rule(
        rf"{B}at (2[0-3]|1\d|0?\d)\.([0-5]\d){E}(?!\s?%){NOT_NOUN}",
        lambda m: _clock(m, m[1], int(m[2]), sure=m[1].startswith("0")),
    ),
    Rule(rf"{B}{_AT}(2[0-3]|1\d|0?[7-9])h([0-5]\d){E}", lambda m: _clock(m, m[1], int(m[2]), sure=True)),
    Rule(rf"{B}{_AT}(2[0-3]|1?\d) ?uhr{E}|{B}at (2[0-3]|1?\d)h{E}", lambda m: _clock(m, m[1] or m[2], sure=True)),
    Rule(
        rf"(?:(?<=day )|(?<=tomorrow )|(?<=\d )|(?<=\. )|(?<=, ))(2[0-3]|1\d|0?\d) ?h{E}",
        lambda m: Atom("clock", *m.span(), int(m[1]), name="24", side="beside"),
    ),
    Rule(  # "10 Beijing time on Friday", the zone cut out
        rf"{B}(2[0-3]|1\d|0?[1-9])(?= {{6,}}(?:$|[,.]|(?:on|today|tomorrow|this|next|{WD_EN}){E}))",
        lambda m: _clock(m, m[1]),
    ),
    Rule(rf"{B}{_AT}({HOUR}) ?o'? ?clock{E}(?: ?({_AMPM}))?", lambda m: _clock(m, m[1], 0, m[2])),
    Rule(
        rf"{B}(?:at |around |by )?half (?:past )?({HOUR})(?: ?({_AMPM}))?{E}(?! ?(?:hours?|days?|minutes|percent|of|million|years?|dozen))",
        lambda m: _clock(m, m[1], 30, m[2]),
    ),
    Rule(
        rf"{B}{_AT}(?P<min>{_MIN})(?: minutes)? (?P<way>past|after|to|before|til|till) (?P<hour>{HOUR}|noon|midnight)(?: ?(?P<ampm>{_AMPM}))?{E}(?! ?(?:[:/.-]\d|hours?|days?|weeks?|minutes|people|{MON}))",
        _beside,
    ),
    Rule(
        rf"{B}(?:at |@ ?|around |about |by |till |until |before |after |from |say (?=\d)|like (?=\d))({HOUR})(?:ish)?{E}(?!\s?%|[/:.-]\d){NOT_NOUN}",
        lambda m: _clock(m, m[1]) if (amount(m[1]) or 0) > 0 else None,
    ),
    Rule(
        rf"(?:(?<=[a-z] )|(?<=[a-z], ))(2[0-3]|1\d|0?\d)\.([0-5]\d){E}(?!\s?%|\.\d){NOT_NOUN}",
        lambda m: Atom("clock", *m.span(), int(m[1]), int(m[2]), name="24" if int(m[1]) > 12 else "", side="beside"),
    ),
    Rule(
        rf"{B}(2[0-3]|1\d|0?\d)\.([0-5]\d)(?= (?:this|tomorrow|tonight|today|in the (?:morning|afternoon|evening)|on (?:{WD_EN}))(?![a-z]))",
        lambda m: _clock(m, m[1], int(m[2])),
    ),
    Rule(
        rf"(?:(?<=make it )|(?<=make that )|(?<=i mean )|(?<=i meant ))({HOUR})(?:[:.]([0-5]\d))?{E}{NOT_NOUN}",
        lambda m: _clock(m, m[1], int(m[2] or 0)) if _MADE.search(m.string[max(0, m.start() - 40) : m.start()]) else None,
    ),
    Rule(rf"{B}{_AT}(?:2[5-9]|[3-9]\d):[0-5]\d{E}", lambda m: Atom("clock", *m.span(), name="none", side="weak")),
    Rule(rf"{B}{_AT}({HOUR})(?: |-)?ish{E}", lambda m: _clock(m, m[1])),
    Rule(
        r"(?<=[a-z] )([01]\d|2[1-3])([0-5]\d)(?![\w.,/:%-])(?! (?:units|pcs|pieces|sets|usd|eur|rmb|kg|tons?|people))",
        lambda m: Atom("clock", *m.span(), int(m[1]), int(m[2]), name="24", side="beside"),
    ),
    Rule(
        rf"{B}({HOUR})(?: ?ish)?(?= (?:in the (?:early |late )?(?:morning|afternoon|evening)|at night|tomorrow|tonight|sharp)(?![a-z]))",
        lambda m: _clock(m, m[1]) if (amount(m[1]) or 0) > 0 else None,
    ),
    Rule(
        rf"(?<=[a-z] )(?:{_AT})({HOUR}){E}(?!\s?%|[/:.-]\d){NOT_NOUN}(?! (?:of|in|is|with|it)(?![a-z]))",
        lambda m: Atom("clock", *m.span(), amount(m[1]) or 0, side="beside") if 0 < (amount(m[1]) or 0) <= 12 else None,
    ),
    Rule(
        rf"{B}{_AT}({HOUR})(?:[:.]([0-5]\d))?\s?({_AMPM})?{_DASH}{HOUR}(?:[:.][0-5]\d)?\s?({_AMPM}){E}",
        lambda m: _clock(m, m[1], int(m[2] or 0), m[3] or m[4]),
    ),
    Rule(
        rf"{B}{_AT}(2[0-3]|1\d|0?\d):([0-5]\d){_DASH}(?:2[0-3]|1\d|0?\d):[0-5]\d{E}",
        lambda m: _clock(m, m[1], int(m[2]), sure=m[1].startswith("0")),
    ),
    Rule(rf"{B}(?:between|from) ({HOUR}) ?(?:and|to|till|until|-) ?{HOUR}{E}{NOT_NOUN}", lambda m: _clock(m, m[1])),
    Rule(
        rf"{B}(?:at |the )?same (?:hour|time)(?: of (?:the )?day)?{E}|{B}(?:at |about |around )?this (?:hour|time)(?= tomorrow| next| on)|同一时间|[同一]?这个(?:时间|时候|点)(?!之?前)|同样时间",
        lambda m: Atom("clock", *m.span(), name="same"),
    ),
    Rule(
        r"(?<![一二三四五六七八九十\d周期拜])([一二两三四五六七八])[二三四五六七八九](?=点(?!儿|子|心|评|击|意))点(?:钟|左右)?",
        lambda m: _clock(m, str(int(zh.number(m[1]) or 0))),
    ),
    Rule(r"[早晚](?=\s?(?:\d{1,2}|[六七八九十]{1,2})[点:])", lambda m: Atom("part", *m.span(), name=zh.PARTS[m.group()])),
    Rule(rf"(?P<h>{HN})\s?[点时]?(?P<half>半)?\s?(?:-|到|至)\s?{ZN}点半?(?P<quarter>)(?P<min>)(?P<bare>)(?P<whole>)", _zh_clock),
    Rule(
        rf"(?P<h>{HN})\s?(?:点(?!儿|子|心|评|击|名|赞|头|检|货|数(?!字))|时(?![间候装代期段刻机常而效限]))(?P<whole>钟|整)?(?:过)?(?:(?P<half>半)|(?P<quarter>[一二三123])刻钟?|(?P<min>零?{ZN})分(?!钟后)|(?P<bare>零[一二三四五六七八九]|[一二三四五]?十[一二三四五六七八九]?|[二三四五]十|[0-5]\d)(?![\d个天件套号月周]))?(?!\d)",
        _zh_clock,
    ),
    Rule(rf"差(?P<less>{ZN}|一刻)分?钟?(?:到)?(?P<h>{ZN})点|(?P<never>)(?!)", _zh_before),
    Rule(rf"(?P<h>{ZN})点差(?P<less>{ZN}|一刻)分?钟?", _zh_before),
    Rule(
        rf"{B}(?:at |around |about |by |before |after )?(?:high |12 |twelve )?(?:noon|midday|noontime)(?:[ -]?ish)?{E}",
        lambda m: Atom("clock", *m.span(), 12, name="24"),
    ),
    Rule(
        rf"{B}(?:at |around )?midnight{E}|午夜|子夜|零点(?!\d)|零时(?!间|差)",
        lambda m: Atom("clock", *m.span(), 0, name="midnight"),
    ),
    Rule(
        rf"(?<!good ){B}(?!(?<![^\n])(?:morning|afternoon|evening)(?: all| everyone| team| guys)?\s?[!,.] ?\w)(?:in the |on the |the |at )?({_PART}){E}",
        lambda m: Atom("part", *m.span(), name=en.PARTS[m[1]]),
    ),
    Rule(
        rf"{B}this ((?:late |early )?(?:morning|afternoon|evening)){E}",
        lambda m: Atom("part", *m.span(), name=en.PARTS[m[1]], side="today"),
    ),
    Rule(
        rf"(?:(?<=day )|(?<=tomorrow )|(?<=today ))(?:at |over )?(lunch|dinner){E}",
        lambda m: Atom("part", *m.span(), name="noon" if m[1] == "lunch" else "evening", side="beside"),
    ),
    Rule(
        rf"{B}(before|after|by)\s{{1,8}}(?:the )?lunch(?:[- ]?(?:break|time))?{E}",
        lambda m: Atom("part", *m.span(), name="noon" if m[1] == "by" else f"{m[1]}-lunch"),
    ),
    Rule(r"下班(?=$|[,。!]|提醒|叫我|就|再)", lambda m: Atom("part", *m.span(), name="close")),
    Rule(rf"{B}(?:when|once|as soon as|after) {_WHO} {_OPENS}{E}", lambda m: Atom("part", *m.span(), name="start")),
    Rule(rf"{B}(?:when|once|before) {_WHO} {_CLOSES}{E}", lambda m: Atom("part", *m.span(), name="close")),
    Rule(
        rf"(?<=[a-z] )(am|pm){E}",
        lambda m: Atom("part", *m.span(), name="morning" if m[1] == "am" else "afternoon", side="beside"),
    ),
    Rule(
        rf"(?!(?<=[周期拜])一)(?:{words(word for word in zh.PARTS if len(word) > 1)})(?![好安]|(?<=前)后)",
        lambda m: Atom("part", *m.span(), name=zh.PARTS[m.group()]),
    ),
    Rule(r"(?<=[一二三四五六日天])(?:再?晚点儿?|晚些时候|晚些)", lambda m: Atom("part", *m.span(), name="later")),
    Rule(
        rf"{B}(?:later(?: on)?|late) (?:on )?(?=tomorrow|today|that day|mon|tue|wed|thu|fri|sat|sun)",
        lambda m: Atom("part", *m.span(), name="later"),
    ),
    Rule(
        r"(?<=[今明后日天一二三四五六号末])[早晚](?![点些饭餐会安])", lambda m: Atom("part", *m.span(), name=zh.PARTS[m.group()])
    ),
]
