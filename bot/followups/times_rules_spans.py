"""How are amounts of time, feasts and vague times written? The other rules of the lexer, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.followups import times_en as en
from bot.followups import times_zh as zh
from bot.followups.feasts import FEASTS
from bot.followups.times_atoms import NUM, WD_EN, ZN, Atom, B, E, Match, Rule, amount, words

_SIZES: dict[str, tuple[str, float]] = {
    "second": ("minutes", 1 / 60), "minute": ("minutes", 1), "quarter-hour": ("minutes", 15), "hour": ("minutes", 60), "day": ("days", 1),
    "week": ("days", 7), "fortnight": ("days", 14), "month": ("months", 1), "quarter": ("months", 3), "year": ("months", 12),
    "workday": ("workdays", 1),
}  # fmt: skip
_UNITS = {**en.UNITS, **zh.UNITS}
_PIECE = rf"(?P<n>{NUM}|{ZN}|半)(?P<h1> and a half|个半)?(?:(?<![a-z])[\s-]*|[\s-]+)(?:(?:more|further|extra) )?(?P<u>(?:{words(en.UNITS)}){E}|h(?=[0-5]?[0-9]m(?:in)?s?{E})|{words(zh.UNITS)}|(?<=个半)(?:小时|钟头|月|星期))(?P<h2> and a half|半(?![天年]))?"
_PIECE_RE = re.compile(_PIECE)
_ONE = re.sub(r"\?P<\w+>", "?:", _PIECE)
_PRE = r"(?:(?:in|within|after|wait|give (?:it|me|him|her|them)|once|another|by|for|every|each)(?: about| around| roughly| exactly| another| the next| like)? |(?:再?过|等|再等|大概|大约|每隔?)\s?)"
_POST = r"(?:\s?(?:later|from now|from today|ahead of(?! (?:time|that|it|schedule|plan))|ahead(?! of)|time|hence|ago|back|before|prior to|after|from|on|following)(?![a-z])|'s? time|的?(?:之后|以后|过后|后(?![天面年])|之内|以内|内|之前|以前|前(?![天台后])))"
_AFTERWARDS = "放完假|放完|结束后|结束以后|回来后|回来以后|后开工|后上班|之后|以后|过后|结束|回来|收假|后|过完|完了|完|is over|are over|ends|end|is done|is finished|开工|上班|复工|回来上班"
_LUNAR_AFTER = "之后|以后|过后|过完|过了|后(?![天面])|完"
"""初八开工 is that very day."""
_BEFORE = "之前|以前|前夕|前(?!后)"
_HOLIDAY_EN = r"(?:(?:public|bank|long|national|chinese) )?(?:holidays?|hols|vacations?)"
_HOLIDAY_ZH = r"小?长假|假期|放完假|放假|节日|休假|收假|(?<![季节环细情中圣春元国清端午旦劳灯斋陵阳])节(?=[前后])"


def _pieces(text: str) -> Iterator[tuple[float | None, str]]:
    for m in _PIECE_RE.finditer(text):
        n = 0.5 if m["n"] == "半" else amount(m["n"])
        unit = _UNITS.get(m["u"]) or _UNITS["个" + m["u"]]
        yield (None if n is None else n + (0.5 if m["h1"] or m["h2"] else 0)), unit


def _span(m: Match) -> Atom | None:
    before, after = (m["pre"] or "").strip(), (m["post"] or "").strip().removeprefix("的")
    total, kind = 0.0, ""
    for n, unit in _pieces(m["amounts"]):
        scale, size = _SIZES[unit]
        if n is None or (kind and scale != kind):
            return None
        kind, total = scale, total + n * size
    if not kind or before.startswith(("for", "every", "each", "每")):
        return None
    if total % 1 and kind in ("days", "months"):
        kind, total = ("minutes", total * 1440) if kind == "days" else ("days", round(total * 30))
    elif total % 1 and kind == "workdays":
        return None
    if kind == "minutes" and after in ("on", "following"):
        return None
    if after in ("ago", "back", "前", "之前", "以前"):
        side = "ago"
    elif after in ("before", "prior to", "ahead of"):
        side = "before"
    elif after in ("after", "from", "on", "following"):
        side = "after"
    else:
        side = "in" if before or after or re.search(r" (?:more|further|extra) ", m["amounts"]) else "bare"
    return Atom("span", *m.span(), total, c=3 if after == "ahead" and not before else 0, name=kind, side=side)


def _earlier(m: Match) -> Atom | None:
    """Half an hour earlier, 提前半小时: counted back from the other time of the message; days are a shift."""
    found = _span(m)
    if found is None or found.name == "minutes":
        return found and Atom("span", *m.span(), found.a, name="minutes", side="before", c=2)
    return Atom("shift", *m.span(), -found.a, side=found.name)


def _nth_day(word: str | None) -> int:
    """Which working day is meant; 0 when none is."""
    if not word:
        return 0
    return 2 if re.search(r"second|2nd|第[二2]", word) else 3 if re.search(r"third|3rd|第[三3]", word) else 1


def _feast_rule(key: str, words_en: str, words_zh: str) -> Rule:
    def build(m: Match) -> Atom:
        before, after = (m["pre"] or "").strip(), (m["post"] or "").strip()
        nth = _nth_day(m["day"]) or _nth_day(m["zday"])
        if (m["zday"] or "").endswith("第二天") and not after:  # of the feast, not of work
            return Atom("feast", *m.span(), name=key, side="day-after")
        if eve := re.match(r"(?:the |a )?day (before|after)", before):
            return Atom("feast", *m.span(), name=key, side=f"day-{eve[1]}")
        if re.fullmatch(_BEFORE, after) or re.match(r"before|ahead|prior|by|until|till", before):
            return Atom("feast", *m.span(), name=key, side="before")
        afterwards = (
            nth or after or re.search(r"after|following|back|past|once|when|soon|end of|过|放完", before) or "放完" in m.group()
        )
        loose = nth > 1 and (m["zday"] or "").endswith("天")  # 春节后第二天: of the days off or of work
        return Atom("feast", *m.span(), nth, c=loose, name=key, side="after" if afterwards else "on")

    pre = r"(?:the )?day (?:before|after) |(?:right |straight |shortly |just |soon )?(?:after|following|before|ahead of|prior to|by|until|till|back from|past|once|when|as soon as|the end of|end of) |过完|过了|等"
    day = r"(?:the )?(?:first|1st|second|2nd|third|3rd) (?:(?:working|business|work|office) ?)?day (?:back )?"
    tail = r"(?: ?(?:holidays?|break|festival|week|season|小?长假|假期|放假|假))?"
    body = rf"(?:{B}(?:{words_en}){E}(?! eve{E})(?:'s)?|{words_zh})"
    return Rule(
        rf"(?P<day>{B}{day})?(?P<pre>{B}{pre})?(?:(?:the|their|our) )?{body}{tail}(?P<post> ?(?:{_AFTERWARDS}|{_BEFORE}))?(?P<zday>的?(?:回来)?的?(?:第[一二三123]|首)个?(?:工作日|天|上班日|工作天))?",
        build,
    )


def _lunar(m: Match, day: int, month: int = 0) -> Atom:
    """A day of the first lunar month, or with month 12 of the last."""
    before, after = (m["pre"] or "").strip(), m["post"] or ""
    back = before.startswith("before") or re.fullmatch(_BEFORE, after)
    side = "before" if back else "after" if before or after else "on"
    return Atom("feast", *m.span(), name="lunar", side=side, b=month, c=day)


def _few(m: Match) -> Atom:
    unit = next(group for group in m.groups() if group)
    return Atom(
        "vague",
        *m.span(),
        name="minutes"
        if unit in ("minutes", "minute", "分钟")
        else "hours"
        if unit in ("hours", "hour", "小时", "钟头")
        else "days"
        if unit in ("days", "day", "天", "工作日", "working days", "business days")
        else "weeks",
    )


RULES: list[Rule] = [
    Rule(
        rf"(?P<pre>(?<![a-z]){_PRE})?(?<![\d.:a-z第])(?P<amounts>{_ONE}(?:(?: and |, | |又)?{_ONE}){{0,2}})(?P<post>{_POST})?",
        _span,
    ),
    Rule(
        rf"(?<=[起始])(?P<pre>)(?P<amounts>{_ONE})(?P<post>之?后|以后)",
        lambda m: (atom := _span(m)) and replace(atom, side="after"),
    ),
    Rule(
        rf"{B}(?:in )?(?:a |the )?fortnight(?:'s time)?(?: from (?:now|today))?{E}",
        lambda m: Atom("span", *m.span(), 14, name="days", side="in"),
    ),
    Rule(
        rf"{B}(?:the |on the |the very )?next (?:working|business|work) ?day{E}|下一?个(?:工作日|工作天|上班日)",
        lambda m: Atom("span", *m.span(), 1, name="workdays", side="in"),
    ),
    Rule(r"下个?(?:周|星期|礼拜)的?(?:今天|同一天)", lambda m: Atom("span", *m.span(), 7, name="days", side="in")),
    Rule(r"下个?月的?(?:今天|同一天)", lambda m: Atom("span", *m.span(), 1, name="months", side="in")),
    Rule(rf"{B}(?:within|in) the (?:next )?hour{E}", lambda m: Atom("span", *m.span(), 60, name="minutes", side="in")),
    Rule(rf"{B}an?other hour{E}", lambda m: Atom("span", *m.span(), 60, name="minutes", side="in")),
    Rule(r"过[两俩]天(?:之?后)?", lambda m: Atom("span", *m.span(), 2, name="days", side="in")),
    Rule(
        rf"{B}(?:{NUM}) (?:weeks?|fortnights?) (?:on |from )?(?=(?:next |this |coming )?(?:{WD_EN}){E}|today|tomorrow|{WD_EN})",
        lambda m: Atom(
            "span",
            *m.span(),
            (14 if "fortnight" in m.group() else 7) * (amount(m.group().split()[0]) or 1),
            name="days",
            side="after",
        ),
    ),
    Rule(
        rf"(?:(?<=day )|(?<=tomorrow ))week{E}(?! (?:of|end(?! of (?:the )?(?:day|business|play|work))|(?:after|before)(?! (?:lunch|noon|work|dinner|\d))){E})",
        lambda m: Atom("span", *m.span(), 7, name="days", side="after"),
    ),
    *(_feast_rule(key, feast.words_en, feast.words_zh) for key, feast in FEASTS.items()),
    _feast_rule("any", _HOLIDAY_EN, _HOLIDAY_ZH),
    Rule(rf"{B}(?:early )?in the new year{E}", lambda m: Atom("feast", *m.span(), name="newyear", side="after")),
    Rule(r"年后(?![\d一二])|过完年后?|年过完", lambda m: Atom("feast", *m.span(), name="spring", side="after")),
    Rule(r"(?<![几\d一二两三四五六七八九十半多去今明前])年前", lambda m: Atom("feast", *m.span(), name="spring", side="before")),
    Rule(
        rf"{B}(?:in |during )?the week (before|after) (?!next)", lambda m: Atom("span", *m.span(), 7, c=1, name="days", side=m[1])
    ),
    Rule(
        rf"(?:提[前早](?:大约|个)?|(?<=[会货发飞期止机试船标庭展赛面车])之?前)(?P<amounts>{_ONE}(?:又?{_ONE}){{0,2}})(?P<pre>)(?P<post>)(?!之?[前后内])",
        _earlier,
    ),
    Rule(
        rf"(?P<pre>)(?P<amounts>{_ONE}(?:(?: and |, | )?{_ONE}){{0,2}})(?P<post>) (?:earlier|early|beforehand|in advance|ahead of (?:time|that|it)|before (?:that|then|it)){E}",
        _earlier,
    ),
    Rule(
        rf"(?P<pre>{B}(?:after|before) (?:the )?)?(?:元宵节?|(?:农历)?正月十五|{B}lantern festival{E})(?P<post>{_LUNAR_AFTER}|{_BEFORE})?",
        lambda m: _lunar(m, 15),
    ),
    Rule(
        rf"(?:农历)?正月(?P<pre>)(?P<n>十[一二三四六七八九]?|廿[一二三四五六七八九]?|二十[一二三四五六七八九]?|三十)(?P<post>{_LUNAR_AFTER}|{_BEFORE})?",
        lambda m: _lunar(m, int(zh.number(m["n"]) or 0)),
    ),
    Rule(
        rf"(?:大年|正月|农历|新年|(?<![\d今明后去前每两一二三四五六七八九十])年|(?<![年月周当最起之]))(?P<pre>)初(?P<n>[一二三四五六七八九十]|10|[1-9](?![\d.]))(?!次|步|稿|审|级|版|期|中|月|号|样|来|定|衷|一十)(?P<post>{_LUNAR_AFTER}|{_BEFORE})?",
        lambda m: _lunar(m, int(zh.number(m["n"]) or 0)),
    ),
    Rule(
        rf"(?:农历)?腊月(?P<pre>)(?P<n>二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十|十[一二三四五六七八九]?|初?[一二三四五六七八九])(?P<post>{_LUNAR_AFTER}|{_BEFORE})?",
        lambda m: _lunar(m, int(zh.number(m["n"].lstrip("初")) or 0), 12),
    ),
    Rule(rf"小年(?![轻纪])夜?(?P<pre>)(?P<post>{_LUNAR_AFTER}|{_BEFORE})?", lambda m: _lunar(m, 0, 23)),
    # counted from another time of the same message
    Rule(
        rf"{B}(?:on )?the (day|evening|night|morning|afternoon) (before|after|prior|earlier|following)(?: that| it| then)?{E}(?! tomorrow)",
        lambda m: Atom(
            "shift", *m.span(), 1 if m[2] in ("after", "following") else -1, name="" if m[1] == "day" else en.PARTS[m[1]]
        ),
    ),
    Rule(rf"前({ZN})[天日]", lambda m: Atom("shift", *m.span(), -(zh.number(m[1]) or 1))),
    Rule(r"(?:的)?(?:前一?晚上?|头天晚上|前一天晚上)", lambda m: Atom("shift", *m.span(), -1, name="evening")),
    Rule(rf"{B}the (?:one|week) after(?: that)?{E}(?! next| the)|再下一个|再往后一周", lambda m: Atom("shift", *m.span(), 7)),
    Rule(rf"{B}(?:on )?the (?:next|following) day{E}(?! (?:or|after))", lambda m: Atom("shift", *m.span(), 1)),
    Rule(r"第二天|隔天|次日|后一天|转天", lambda m: Atom("shift", *m.span(), 1)),
    # too vague to choose for them
    Rule(
        r"(?:(?<![^\n])|(?<=me )|(?<=again )|(?<=[,.;!:] ))in ([1-9]\d?)(?=\s*(?:$|[,.;!?\n]|(?:please|pls|thanks|thx)(?![a-z])))",
        lambda m: Atom("vague", *m.span(), name=m[1]),
    ),
    Rule(
        rf"{B}(?:in )?(?:a few|few|several|some)(?: more)? (days|hours|minutes|weeks|months|working days|business days)(?: later| from now|'? time)?{E}",
        _few,
    ),
    Rule(r"过?[几数]个?(天|小时|分钟|周|星期|月|工作日)(?:之?后|以后|内)?", _few),
    Rule(
        rf"{B}(?:in |over |during |within )?(?:the next (?:couple of |few )?(?:days|weeks)|the coming days|a day or (?:two|so)|(?:one|two|three|1|2|3)(?: or |-| to )(?:two|three|four|2|3|4) days){E}",
        lambda m: Atom("vague", *m.span(), name="days"),
    ),
    Rule(
        rf"{B}(?:in |within |after )?(?:(?:an? )(day|hour|minute|week|month) or two|{NUM}(?: ?-+ ?| or | to ){NUM} (days|hours|minutes|weeks|months|working days|business days)){E}(?: from now)?",
        _few,
    ),
    Rule(
        r"(?:再?[过等])?个?[一两二三四五六七八][两二三四五六七八九]个?(天|小时|钟头|分钟|周|星期|礼拜|月|工作日)(?:之?后|以后|之?内|左右)|再?[过等]个?[一两二三四五六七八][两二三四五六七八九]个?(天|小时|分钟|周|星期|月)",
        _few,
    ),
    Rule(r"(?:[过等])?(?:个把|十来|十几|几十|小半个?|大半个?)(天|小时|钟头|分钟|周|星期|礼拜|月)(?:之?后|以后|之?内)?", _few),
    Rule(
        r"隔[一两三\d]天|[一两二三][两二三四]天(?:之?后|以后)?|[这过]几天|这两天|明后两?天|今明两天|一两天内?|近日|最近|改天|改日|有空|回头|近期|得空|方便的?时候",
        lambda m: Atom("vague", *m.span(), name="days"),
    ),
    Rule(
        rf"{B}(?:later(?: on)?|soon|in a (?:little )?(?:while|bit|moment)|shortly|(?<!take )(?<!takes )(?<!need )(?<!needs )(?<!spend )(?<!for )(?<!quite )some ?time(?! ago)|asap|immediately|right away|right now|another time|eventually|when convenient){E}",
        lambda m: Atom("vague", *m.span(), name="soon"),
    ),
    Rule(
        r"等一?会儿?|待会儿?|过一?会儿?|一会儿?|稍后|晚点儿?|晚些时候|尽快|马上|立刻|立即|迟点|过一阵子?|过阵子|过段时间|过些[天日]子?|过些时候",
        lambda m: Atom("vague", *m.span(), name="soon"),
    ),
]
