"""How are days, dates and periods written? The day rules of the lexer, one a line, most specific first."""

from __future__ import annotations

import re

from bot.followups import times_en as en
from bot.followups import times_zh as zh
from bot.followups.times_atoms import (
    MOD_EN,
    MOD_ZH,
    MON,
    NOT_NOUN,
    ORD,
    SHIFT,
    WD,
    WD_EN,
    ZN,
    Atom,
    B,
    Build,
    E,
    Match,
    Rule,
    amount,
    modifier,
    weekday,
)
from bot.followups.times_day_words import DOM, FIXED, MON_ZH, NOT_THING, YEAR


def _fixed(month: int, day: int) -> Build:
    return lambda m: Atom("date", *m.span(), 0, month, day)


def _day(n: int, part: str = "") -> Build:
    return lambda m: Atom("day", *m.span(), n, name=part)


def _weekday(m: Match) -> Atom | None:
    word, mod = m["wd"].replace(" ", ""), modifier(m["mod"])
    day = weekday(word)
    if day is None:
        return Atom("period", *m.span(), SHIFT.get(mod, 0), name="weekend")
    chinese = not word[0].isascii()
    side = "zh" if chinese and not (m["mod"] or "").isascii() else "doubtful" if word in en.DOUBTFUL_WEEKDAYS and not mod else ""
    return Atom("weekday", *m.span(), day, name=mod, side=side)


def _weekday_of_week(m: Match) -> Atom | None:
    day = weekday(m["wd"].strip())
    said = m["mod"] or m["modb"]
    mod = "after-next" if "after next" in said else modifier(said)
    return None if day is None else Atom("weekday", *m.span(), day, name=mod, side="zh")


def _date_zh(m: Match) -> Atom:
    day = int(zh.number(m["day"]) or 0)
    return Atom(
        "date",
        *m.span(),
        int(m["year"] or 0),
        int(zh.number(m["month"].rstrip("月")) or 0),
        day,
        name="next-year" if m["next"] else "",
    )


def _slash(m: Match) -> Atom | None:
    low, high = sorted((int(m[1]), int(m[2])))
    return Atom("slash", *m.span(), int(m[3] or 0), int(m[1]), int(m[2])) if 1 <= low <= 12 and high <= 31 else None


def _dotted(m: Match) -> Atom:
    day, month, year = m.group("d", "m", "y")
    full = int(year or 0)
    return Atom("date", *m.span(), full + 2000 if 0 < full < 100 else full, int(month), int(day))


def _dom(m: Match, place: Match | None = None) -> Atom | None:
    text = next(group for group in m.groups() if group)
    day = en.ORDINALS.get(text) or int(zh.number(text) or 0)
    return Atom("dom", *(place or m).span(), c=day) if 1 <= day <= 31 else None


RULES: list[Rule] = [
    Rule(
        rf"{B}20\d\d-\d\d?-\d\d?[t ]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?\s?(?:z(?![a-z])|[+-]\d\d:?\d\d)",
        lambda m: Atom("moment", *m.span(), name=m.group()),
    ),
    # days from today
    Rule(rf"{B}(?:the )?day after (?:tomorrow|tom){E}", _day(2)),
    Rule(r"大后(?:天|日|儿个?)", _day(3)),
    Rule(r"(?<!大)后(?:天|日|儿个?|(?=[早晚](?![会])))", _day(2)),
    Rule(rf"{B}tomorrow(?:'s)?{E}|明(?:天|日|儿个?|(?=[早晚晨]))", _day(1)),
    Rule(rf"{B}later(?: on)? today{E}", _day(0, "later")),
    Rule(rf"{B}(?:sometime )?today(?:'s)?{E}(?! week)|今(?:天|日|儿个?|(?=[早晚晨]))|当日内?", _day(0)),
    Rule(rf"{B}tonight{E}", _day(0, "evening")),
    Rule(
        rf"{B}(?:the day before yesterday|yesterday|last night|last evening){E}|昨(?:天|日|儿|晚)|(?<![提\d一二两三四五六七八九十几])前(?:天|日|儿)",
        _day(-1),
    ),
    # weekdays
    Rule(rf"(?:(?P<mod>{MOD_EN}|{MOD_ZH})\s?的?)?(?P<wd>{WD})(?!'s birthday)", _weekday),
    Rule(
        rf"(?P<mod>next|this|following)(?P<modb>) week(?:'s)?,? (?:on )?(?P<wd>{WD})|(?P<wdx>)(?P<wdy>)(?P<modx>)(?!)",
        _weekday_of_week,
    ),
    Rule(
        rf"(?P<wd>{WD})(?P<mod>),? (?:of |in |the )?(?:the )?(?P<modb>next|this|following|week after next|after next)(?: week)?{E}(?! (?:{MON}|month|quarter|year))(?!\s?\d)",
        _weekday_of_week,
    ),
    # calendar dates
    Rule(r"(?<![\d.])(?:1[3-9]|[2-9]\d)月\d\d?[号日]", lambda m: Atom("date", *m.span(), 0, 13, 1)),
    Rule(rf"{B}(?P<y>{YEAR})\s?(?:[-/.]|年)\s?(?P<m>\d\d?)\s?(?:[-/.]|月)\s?(?P<d>\d\d?)(?:日|号)?(?!\d)(?:t(?=\d))?", _dotted),
    Rule(rf"{B}(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d){E}", _dotted),
    Rule(
        rf"{B}(?<!\d:)(?!(?<=at )\d\d? [a-z]{{3,9}} \d\d?(?![\d:.]))(?:the )?({DOM})(?:st|nd|rd|th)?(?: of|-)? ?({MON})\b\.?(?:(?:,? |-)({YEAR}))?{E}",
        lambda m: Atom("date", *m.span(), int(m[3] or 0), en.MONTHS[m[2]], int(m[1])),
    ),
    Rule(
        rf"{B}({MON})\.?[ -](?:the )?({DOM})(?:st|nd|rd|th)?{E}(?!:|\s?[ap]\.?m)(?:,? ({YEAR}){E})?",
        lambda m: Atom("date", *m.span(), int(m[3] or 0), en.MONTHS[m[1]], int(m[2])),
    ),
    Rule(rf"{B}(?:the )?({ORD}) of ({MON}){E}", lambda m: Atom("date", *m.span(), 0, en.MONTHS[m[2]], en.ORDINALS[m[1]])),
    Rule(rf"{B}({MON}) (?:the )?({ORD}){E}", lambda m: Atom("date", *m.span(), 0, en.MONTHS[m[1]], en.ORDINALS[m[2]])),
    Rule(
        rf"(?:(?P<year>{YEAR})年|(?P<next>明年)|今年)?\s?(?P<month>{MON_ZH})(?:份)?的?\s?(?P<day>{ZN})(?:[日号]|(?!\d|个|份|点|[天季周:]))",
        _date_zh,
    ),
    Rule(
        rf"{B}(?!24/7(?!\d))(\d\d?)\s?/\s?(\d\d?)(?:\s?/\s?(\d\d(?:\d\d)?))?(?![\d/%])(?!\s?(?:of|hours?|inch|days?|units))",
        _slash,
    ),
    Rule(rf"{B}(?P<d>\d\d?)\.\s?(?P<m>\d\d?)\.\s?(?P<y>{YEAR}|\d\d)?(?![\d.])", _dotted),
    Rule(rf"{B}(\d\d?)-(\d\d?)-({YEAR})(?!\d)", lambda m: Atom("slash", *m.span(), int(m[3]), int(m[1]), int(m[2]))),
    Rule(
        r"(?<![\d.:$€£¥/v])(1[0-2]|0?[1-9])[.-]([12]\d|3[01]|0?[1-9])(?=\s?(?:提醒|上午|下午|早上|晚上|之前|前|那天))",
        lambda m: Atom("slash", *m.span(), 0, int(m[1]), int(m[2])),
    ),
    Rule(rf"{B}(?:on |by |until |till |before |for |from )?the ({DOM})(?:st|nd|rd|th){NOT_NOUN}", _dom),
    Rule(
        rf"{B}(?:on|by|until|till|before) ({DOM})(?:st|nd|rd|th){NOT_NOUN}|{B}({DOM})(?:st|nd|rd|th)(?=\s*(?:$|[,.;!?)]|at\b|remind|ping|of (?:this|next|the) month))",
        _dom,
    ),
    Rule(
        rf"{B}(?:on |by |until |before )the ({ORD}){NOT_NOUN}|{B}the ((?:eleven|twelf|\w+teen|twentie|thirtie)th|(?:twenty|thirty)-\w+){NOT_NOUN}",
        _dom,
    ),
    Rule(
        rf"{B}(?:3[2-9]|[4-9]\d)(?:st|nd|rd|th)? (?:of )?({MON}){E}",
        lambda m: Atom("date", *m.span(), 0, en.MONTHS[m[1]], 32),
    ),
    Rule(rf"{B}({MON})\.? (?:3[2-9]|[4-9]\d){E}{NOT_NOUN}", lambda m: Atom("date", *m.span(), 0, en.MONTHS[m[1]], 32)),
    Rule(
        r"(?<![^\n])\s*(0?[1-9]|1[0-2])-([0-3]?\d)(?=\s*$|\s+\d\d?:\d\d)",
        lambda m: Atom("slash", *m.span(), 0, int(m[1]), int(m[2])),
    ),
    Rule(
        rf"{B}not (?:this|the coming) ({WD_EN}),? (?:but )?(?:the )?next(?: one)?{E}",
        lambda m: Atom("weekday", *m.span(), en.WEEKDAYS[m[1]], 2, name="nth", side="not-this"),
    ),
    Rule(
        rf"{B}(two|three|2|3) ({WD_EN}) from (?:now|today){E}",
        lambda m: Atom("weekday", *m.span(), en.WEEKDAYS[m[2]], int(amount(m[1]) or 1), name="nth"),
    ),
    Rule(
        rf"{B}(?:the )?(?P<wd>{WD_EN}) (?P<way>before|after|following) (?=the {DOM}(?:st|nd|rd|th)|{DOM}(?:st|nd|rd|th)? (?:of )?(?:{MON})|(?:{MON}) {DOM})",
        lambda m: Atom("weekday", *m.span(), en.WEEKDAYS[m["wd"]], name="before-date" if m["way"] == "before" else "after-date"),
    ),
    Rule(
        r"(?P<mod>下下个?|下个?|这个?|本)?(?:周|星期|礼拜)(?P<one>[一二三四五])[、,]?(?P<two>[二三四五六日])(?![点刻分个号月一二三四五六七八九十天家])",
        lambda m: Atom("weekday", *m.span(), zh.WEEKDAYS[m["one"]], zh.WEEKDAYS[m["two"]], name=modifier(m["mod"]), side="zh"),
    ),
    Rule(
        rf"{B}(?:the |on the )?({ORD}|{DOM}(?:st|nd|rd|th))(?= of (?:the|this|next|the following) month{E})",
        lambda m: _dom(re.fullmatch(r"(\d+)[a-z]+|(\D+)", m[1]) or m, m),
    ),
    Rule(rf"(?<![第路街弄栋巷道单同编品样:\d.-])({ZN})[号日](?![\u4e00-\u9fff]{{0,2}}路){NOT_THING}", _dom),
    Rule(
        rf"{B}(?<!next )(?<!this )(?<!the )(?<!coming )(?<!following )(?<!last )(?:week|kw|cw|calendar week) ?(\d\d?){E}(?![:.]\d|\s?[ap]\.?m)|(?<![月的])第({ZN})周(?!年)",
        lambda m: Atom("isoweek", *m.span(), amount(m[1] or m[2]) or 0),
    ),
    Rule(
        rf"(?<=[同单品样])({ZN})[号日](?=到期|到港|截止|交货|交付|发货|出货|开始|起|之前|前|后|上午|下午|早上|晚上|签|付)", _dom
    ),
    *(Rule(pattern, _fixed(month, day)) for pattern, month, day in FIXED),
]
