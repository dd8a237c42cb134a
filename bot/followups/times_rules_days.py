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
    rule,
    weekday,
)
from bot.followups.times_day_words import DOM, EDGE, FIXED, MON_ZH, NOT_THING, PERIOD_ZH, YEAR


def _fixed(month: int, day: int) -> Build:
    return lambda m: Atom("date", *m.span(), 0, month, day)


def _day(n: int, part: str = "") -> Build:
    return lambda m: Atom("day", *m.span(), n, name=part)


def _edge(word: str | None) -> str:
    word = word or ""
    if re.search(r"end|late|close|second half|底|末|下旬|尾|晚些", word):
        return "end"
    if re.search(r"mid|中", word):
        return "mid"
    return "start" if re.search(r"start|begin|early|first half|初|头|上旬", word) else ""


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


def _period(m: Match) -> Atom | None:
    said, edge = m["mod"], _edge(m["edge"]) or _edge(m["suffix"])
    mod = "after-next" if m.group().startswith(("the week after next", "week after next")) else modifier(said)
    if not said and not edge and mod != "after-next":
        return None
    return Atom("period", *m.span(), SHIFT.get(mod, 0), name=m["unit"].replace("wk", "week"), side=edge)


def _period_zh(m: Match) -> Atom | None:
    mod, unit = m["mod"] or "", PERIOD_ZH[m["unit"]]
    if mod in ("明", "后", "今") and unit != "year":
        return None
    shift = {"明": 1, "后": 2}.get(mod, SHIFT.get(modifier(mod), 0))
    edge = _edge(m["edge"]) or ("end" if m["within"] else "")
    if unit == "week" and edge == "end" and m["edge"] == "末":
        return Atom("period", *m.span(), shift, name="weekend")
    return Atom("period", *m.span(), shift, name=unit, side=edge)


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


def _nth(m: Match) -> Atom | None:
    word = m["n"]
    n = (
        en.ORDINALS.get(word)
        or {"最后一": -1, "最后": -1, "首": 1}.get(word)
        or int(amount(re.sub(r"^第|(?:st|nd|rd|th)$", "", word)) or 0)
    )
    day = weekday(m["wd"]) if m["wd"] in en.WEEKDAYS or m["wd"][0] in "周星礼" else 8 if m["wd"] in ("day", "天") else 7
    return Atom("nth", *m.span(), n, 7 if day is None else day, side=m["unit"] or "") if n else None


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
    rule(
        rf"{B}20\d\d-\d\d?-\d\d?[t ]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?\s?(?:z(?![a-z])|[+-]\d\d:?\d\d)",
        lambda m: Atom("moment", *m.span(), name=m.group()),
    ),
    # days from today
    rule(rf"{B}(?:the )?day after (?:tomorrow|tom){E}", _day(2)),
    rule(r"大后(?:天|日|儿个?)", _day(3)),
    rule(r"(?<!大)后(?:天|日|儿个?|(?=[早晚](?![会])))", _day(2)),
    rule(rf"{B}tomorrow(?:'s)?{E}|明(?:天|日|儿个?|(?=[早晚晨]))", _day(1)),
    rule(rf"{B}(?:(?:later|sometime) )?today(?:'s)?{E}(?! week)|今(?:天|日|儿个?|(?=[早晚晨]))|当日内?", _day(0)),
    rule(rf"{B}tonight{E}", _day(0, "evening")),
    rule(
        rf"{B}(?:the day before yesterday|yesterday|last night|last evening){E}|昨(?:天|日|儿|晚)|(?<![提\d一二两三四五六七八九十几])前(?:天|日|儿)",
        _day(-1),
    ),
    # weekdays
    rule(rf"(?:(?P<mod>{MOD_EN}|{MOD_ZH})\s?的?)?(?P<wd>{WD})(?!'s birthday)", _weekday),
    rule(
        rf"(?P<mod>next|this|following)(?P<modb>) week(?:'s)?,? (?:on )?(?P<wd>{WD})|(?P<wdx>)(?P<wdy>)(?P<modx>)(?!)",
        _weekday_of_week,
    ),
    rule(
        rf"(?P<wd>{WD})(?P<mod>),? (?:of |in |the )?(?:the )?(?P<modb>next|this|following|week after next|after next)(?: week)?{E}(?! (?:{MON}|month|quarter|year))(?!\s?\d)",
        _weekday_of_week,
    ),
    # calendar dates
    rule(rf"{B}(?P<y>{YEAR})\s?(?:[-/.]|年)\s?(?P<m>\d\d?)\s?(?:[-/.]|月)\s?(?P<d>\d\d?)(?:日|号)?(?!\d)(?:t(?=\d))?", _dotted),
    rule(rf"{B}(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d){E}", _dotted),
    rule(
        rf"{B}(?:the )?({DOM})(?:st|nd|rd|th)?(?: of|-)? ?({MON})\b\.?(?:,? ({YEAR}))?{E}",
        lambda m: Atom("date", *m.span(), int(m[3] or 0), en.MONTHS[m[2]], int(m[1])),
    ),
    rule(
        rf"{B}({MON})\.?[ -](?:the )?({DOM})(?:st|nd|rd|th)?{E}(?!:|\s?[ap]\.?m)(?:,? ({YEAR}){E})?",
        lambda m: Atom("date", *m.span(), int(m[3] or 0), en.MONTHS[m[1]], int(m[2])),
    ),
    rule(rf"{B}(?:the )?({ORD}) of ({MON}){E}", lambda m: Atom("date", *m.span(), 0, en.MONTHS[m[2]], en.ORDINALS[m[1]])),
    rule(rf"{B}({MON}) (?:the )?({ORD}){E}", lambda m: Atom("date", *m.span(), 0, en.MONTHS[m[1]], en.ORDINALS[m[2]])),
    rule(
        rf"(?:(?P<year>{YEAR})年|(?P<next>明年)|今年)?\s?(?P<month>{MON_ZH})(?:份)?的?\s?(?P<day>{ZN})(?:日|号)?(?!\d|个|份|点|[天季周:])",
        _date_zh,
    ),
    rule(rf"{B}(\d\d?)\s?/\s?(\d\d?)(?:\s?/\s?(\d\d(?:\d\d)?))?(?![\d/%])(?!\s?(?:of|hours?|inch|days?|units))", _slash),
    rule(rf"{B}(?P<d>\d\d?)\.\s?(?P<m>\d\d?)\.\s?(?P<y>{YEAR}|\d\d)?(?![\d.])", _dotted),
    rule(rf"{B}(\d\d?)-(\d\d?)-({YEAR})(?!\d)", lambda m: Atom("slash", *m.span(), int(m[3]), int(m[1]), int(m[2]))),
    rule(
        r"(?<![\d.:$€£¥/v])(1[0-2]|0?[1-9])[.-]([12]\d|3[01]|0?[1-9])(?=\s?(?:提醒|上午|下午|早上|晚上|之前|前|那天))",
        lambda m: Atom("slash", *m.span(), 0, int(m[1]), int(m[2])),
    ),
    rule(rf"{B}(?:on |by |until |till |before |for |from )?the ({DOM})(?:st|nd|rd|th){NOT_NOUN}", _dom),
    rule(
        rf"{B}(?:on|by|until|till|before) ({DOM})(?:st|nd|rd|th){NOT_NOUN}|{B}({DOM})(?:st|nd|rd|th)(?=\s*(?:$|[,.;!?)]|at\b|remind|ping|of (?:this|next|the) month))",
        _dom,
    ),
    rule(rf"{B}(?:on |by |until |before )the ({ORD}){NOT_NOUN}", _dom),
    rule(
        rf"{B}(?:the |on the )?({ORD}|{DOM}(?:st|nd|rd|th))(?= of (?:the|this|next|the following) month{E})",
        lambda m: _dom(re.fullmatch(r"(\d+)[a-z]+|(\D+)", m[1]) or m, m),
    ),
    rule(rf"(?<![第路街弄栋巷道单同编品样:\d.-])({ZN})[号日](?![\u4e00-\u9fff]{{0,2}}路){NOT_THING}", _dom),
    rule(
        rf"{B}(?:week|kw|cw|calendar week) ?(\d\d?){E}|第({ZN})周(?!年)",
        lambda m: Atom("isoweek", *m.span(), amount(m[1] or m[2]) or 0),
    ),
    # periods
    rule(
        rf"(?P<edge>{B}{EDGE})?(?:{B}(?:the )?(?P<mod>{MOD_EN}) |{B}the (?!same))?{B}(?P<unit>week|wk|month|quarter|year)(?: after next)?(?P<suffix>(?:'s |[ -])(?:end|start))?{E}",
        _period,
    ),
    rule(rf"{B}(?:the )?(?P<unit>week) after next{E}(?P<edge>)(?P<mod>)(?P<suffix>)", _period),
    rule(
        r"(?P<mod>下下个?|下个?|这个?|本|上个?|今|明|后)?\s?(?P<unit>星期|礼拜|季度|周|月|年)的?(?P<edge>[底末初头尾]|中旬?|上旬|下旬|晚些时候)(?P<within>)",
        _period_zh,
    ),
    rule(
        r"(?P<mod>下下个?|下个?|这个?|本|上个?|今|明|后)\s?(?P<unit>(?:星期|礼拜|周)(?![一二三四五六日天末\d])|季度|月|年)(?P<edge>)(?P<within>之内|以内|内)?(?!会)",
        _period_zh,
    ),
    rule(
        rf"{B}(?:at |over |on |during )?(?:(?P<mod>this coming|this|next|the|coming|following|last) )?weekend{E}",
        lambda m: Atom("period", *m.span(), SHIFT.get(modifier(m["mod"]), 0), name="weekend", side="en"),
    ),
    rule(
        rf"{B}(?:eom|eow|eoq|eoy){E}",
        lambda m: Atom(
            "period", *m.span(), name={"m": "month", "w": "week", "q": "quarter", "y": "year"}[m.group()[2]], side="end"
        ),
    ),
    rule(
        rf"(?P<edge>{B}{EDGE}|{B}in |{B}during |{B}sometime in |{B}mid-|{B}by )(?:next )?(?P<month>{MON})(?: (?P<year>{YEAR}))?{E}(?! ?\d)",
        lambda m: Atom("month", *m.span(), int(m["year"] or 0), en.MONTHS[m["month"]], side=_edge(m["edge"])),
    ),
    rule(
        rf"(?P<next>明年)?(?P<month>{MON_ZH})份?的?(?P<edge>[底末初]|中旬?|上旬|下旬)?(?![\d一二三四五六七八九十]+[日号])",
        lambda m: Atom("month", *m.span(), 0, int(zh.number(m["month"][:-1]) or 0), 1 if m["next"] else 0, side=_edge(m["edge"])),
    ),
    rule(
        rf"{B}(?:the )?(?:(?P<edge>end|start|beginning) of )q(?P<q>[1-4]){E}",
        lambda m: Atom("month", *m.span(), 0, int(m["q"]) * 3 - (0 if m["edge"] == "end" else 2), side=_edge(m["edge"])),
    ),
    rule(
        rf"{B}(?:the )?(?P<n>{ORD}|[1-4](?:st|nd|rd|th)) (?P<wd>{WD_EN}|working day|business day|work ?day|weekday|day)(?= (?:of|in|after)\b)(?: (?:of|in) (?:the|this) (?P<unit>month|week|year){E}| of the| of| in)?",
        _nth,
    ),
    rule(rf"的?(?P<n>第{ZN}|最后一?|首)个?(?P<wd>工作日|上班日|天(?!气)|{zh.WEEKDAY})(?P<unit>)", _nth),
    rule(
        r"(?:第)?([一二三四1-4])季度的?(?P<edge>[初末底头尾])",
        lambda m: Atom(
            "month",
            *m.span(),
            0,
            int(zh.number(m[1]) or 0) * 3 - (2 if _edge(m["edge"]) == "start" else 0),
            side=_edge(m["edge"]),
        ),
    ),
    *(rule(pattern, _fixed(month, day)) for pattern, month, day in FIXED),
    rule(rf"(?<=\bof )({MON})(?: ({YEAR}))?{E}(?! ?\d)", lambda m: Atom("month", *m.span(), int(m[2] or 0), en.MONTHS[m[1]])),
]
