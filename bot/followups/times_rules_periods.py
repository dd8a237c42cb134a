"""How are weeks, months, quarters, years and counted days written? The period rules of the lexer, one a line."""

from __future__ import annotations

import re

from bot.followups import times_en as en
from bot.followups import times_zh as zh
from bot.followups.times_atoms import MOD_EN, MON, ORD, SHIFT, WD_EN, ZN, Atom, B, E, Match, Rule, amount, modifier, weekday
from bot.followups.times_day_words import EDGE, MON_ZH, PERIOD_ZH, YEAR


def _edge(word: str | None) -> str:
    word = word or ""
    if re.search(r"end|late|close|second half|底|末|尾|晚些|后半", word):
        return "end"
    if re.search(r"mid|中", word):
        return "mid"
    if "下旬" in word:
        return "late"
    return "start" if re.search(r"start|begin|early|first half|初|头|上旬|前半", word) else ""


def _period(m: Match) -> Atom | None:
    said, edge = m["mod"], _edge(m["edge"]) or _edge(m["suffix"])
    mod = "after-next" if m.group().startswith(("the week after next", "week after next")) else modifier(said)
    if not said and not edge and mod != "after-next":
        return None
    return Atom("period", *m.span(), SHIFT.get(mod, 0), c=not said, name=m["unit"].replace("wk", "week"), side=edge)


def _period_zh(m: Match) -> Atom | None:
    mod, unit = m["mod"] or "", PERIOD_ZH[m["unit"]]
    if mod in ("明", "后", "今") and unit != "year":
        return None
    shift = {"明": 1, "后": 2}.get(mod, SHIFT.get(modifier(mod), 0))
    edge = _edge(m["edge"]) or ("end" if m["within"] else "")
    if unit == "week" and edge == "end" and m["edge"] == "末":
        return Atom("period", *m.span(), shift, name="weekend")
    return Atom("period", *m.span(), shift, c=not mod, name=unit, side=edge)


def _nth(m: Match) -> Atom | None:
    word = m["n"]
    n = (
        en.ORDINALS.get(word)
        or {"最后一": -1, "最后": -1, "首": 1}.get(word)
        or int(amount(re.sub(r"^第|(?:st|nd|rd|th)$", "", word)) or 0)
    )
    day = weekday(m["wd"]) if m["wd"] in en.WEEKDAYS or m["wd"][0] in "周星礼" else 8 if m["wd"] in ("day", "天") else 7
    return Atom("nth", *m.span(), n, 7 if day is None else day, side=m["unit"] or "") if n else None


RULES: list[Rule] = [
    Rule(
        rf"(?P<edge>{B}{EDGE})?(?:{B}(?:the )?(?P<mod>{MOD_EN}) |{B}the (?!same))?{B}(?P<unit>week|wk|month|quarter|year)(?: after next)?(?P<suffix>(?:'s |[ -])(?:end|start))?{E}",
        _period,
    ),
    Rule(rf"{B}(?:the )?(?P<unit>week) after next{E}(?P<edge>)(?P<mod>)(?P<suffix>)", _period),
    Rule(
        r"(?P<mod>下下个?|下个?|这个?|本|上个?|今|明|后)?\s?(?P<unit>星期|礼拜|季度|周|月|年)的?(?P<edge>[底末初头尾]|中旬?|上旬|下旬|晚些时候|[前后]半[段周]?)(?P<within>)",
        _period_zh,
    ),
    Rule(
        r"(?P<mod>下下个?|下个?|这个?|本|上个?|今|明|后)\s?(?P<unit>(?:星期|礼拜|周)(?![一二三四五六日天末\d])|季度|月|年)(?P<edge>)(?P<within>之内|以内|内)?(?!会)",
        _period_zh,
    ),
    Rule(
        rf"{B}(?:at |over |on |during )?(?:(?P<mod>this coming|this|next|the|coming|following|last) )?weekend{E}",
        lambda m: Atom("period", *m.span(), SHIFT.get(modifier(m["mod"]), 0), name="weekend", side="en"),
    ),
    Rule(
        rf"{B}(?:the )?(?P<n>{ORD}|[1-5](?:st|nd|rd|th)) week (?:of|in) (?=(?:{MON}){E}|next month)",
        lambda m: Atom("nth", *m.span(), en.ORDINALS.get(m["n"]) or int(m["n"][0]), 9),
    ),
    Rule(
        rf"{B}(?:within|during|by the end of) (?:the|this) (?P<unit>week|month|year){E}",
        lambda m: Atom("period", *m.span(), name=m["unit"], side="end"),
    ),
    Rule(
        rf"{B}mid-?week{E}(?:,? (?:of |in )?(?:the )?(?P<mod>next|this|following)(?: week)?{E})?",
        lambda m: Atom("period", *m.span(), SHIFT.get(modifier(m["mod"]), 0), name="week", side="mid"),
    ),
    Rule(
        r"(?P<mod>今|明|后)年(?P<unit>年)(?P<edge>[底末初中头尾])(?P<within>)",
        _period_zh,
    ),
    Rule(
        rf"{B}(?:eom|eow|eoq|eoy){E}",
        lambda m: Atom(
            "period", *m.span(), name={"m": "month", "w": "week", "q": "quarter", "y": "year"}[m.group()[2]], side="end"
        ),
    ),
    Rule(
        rf"(?P<edge>{B}{EDGE}|{B}in |{B}during |{B}sometime in |{B}mid-|{B}by )(?:next )?(?P<month>{MON})(?: (?P<year>{YEAR}))?{E}(?! ?\d)",
        lambda m: Atom("month", *m.span(), int(m["year"] or 0), en.MONTHS[m["month"]], side=_edge(m["edge"])),
    ),
    Rule(
        rf"(?P<next>明年)?(?P<month>{MON_ZH})份?的?(?P<edge>[底末初头尾](?:[几两]天)?|中旬?|上旬|下旬)?(?![\d一二三四五六七八九十]+[日号])",
        lambda m: Atom("month", *m.span(), 0, int(zh.number(m["month"][:-1]) or 0), 1 if m["next"] else 0, side=_edge(m["edge"])),
    ),
    Rule(
        rf"{B}(?:the )?(?P<edge>(?:end|start|beginning|early|late)(?: of| in)? |(?:in |during ))(?:the )?q(?P<q>[1-4]){E}",
        lambda m: Atom(
            "month", *m.span(), 0, int(m["q"]) * 3 - (0 if _edge(m["edge"]) == "end" else 2), side=_edge(m["edge"]) or "start"
        ),
    ),
    Rule(
        rf"{B}(?:the )?(?P<n>{ORD}|[1-4](?:st|nd|rd|th)) (?P<wd>{WD_EN}|working day|business day|work ?day|weekday|day)(?= (?:of|in|after)\b)(?: (?:of|in) (?:the |this )?(?:(?<=the )|(?<=this )|(?:the )?(?:new|coming|next) (?=year))(?P<unit>month|week|year){E}| of the| of| in)?",
        _nth,
    ),
    Rule(rf"(?P<n>第{ZN}|最后一?|首)个?(?P<wd>工作日|上班日|天(?!气)|{zh.WEEKDAY})(?P<unit>)", _nth),
    Rule(
        rf"(?:(?<=月)|(?<=月的)|(?<=月份)|(?<=月份的))(?P<n>第{ZN}|最后一?)个?(?:周|星期|礼拜)(?![一二三四五六日天末年])",
        lambda m: Atom("nth", *m.span(), -1 if m["n"][0] == "最" else int(zh.number(m["n"][1:]) or 0), 9),
    ),
    Rule(r"下半年", lambda m: Atom("period", *m.span(), name="year", side="mid")),
    Rule(
        r"(?:第)?([一二三四1-4])季度的?(?P<edge>[初末底头尾])?",
        lambda m: Atom(
            "month",
            *m.span(),
            0,
            int(zh.number(m[1]) or 0) * 3 - (0 if _edge(m["edge"]) == "end" else 2),
            side=_edge(m["edge"]) or "start",
        ),
    ),
    Rule(
        rf"(?:(?<=\bof )|(?<=\bin ))({MON})(?: ({YEAR}))?{E}(?! ?\d\d?(?!\d|:\d|\.\d|\s?[ap]\.?m))",
        lambda m: Atom("month", *m.span(), int(m[2] or 0), en.MONTHS[m[1]]),
    ),
]
