"""Are several follow-ups meant at once, and what is to be done with them? "Cancel all", 都搞定了, "drop 2 and 3", "done 1-3".

Pure. Only a whole message counts: "they answered all" and "the buyer wants to cancel all orders" are about something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.followups.times_zh import number as chinese_number
from bot.intents.normalise import normalise

_LONGEST = 80


@dataclass(frozen=True)
class Wish:
    """What is to be done (cancel, done, replied), and with which places of the list; without places: with all that is open."""

    action: str
    places: tuple[int, ...] = ()
    """From 1; -1 is the last."""
    named: bool = False
    """The words name reminders, so nothing else can be meant."""
    vague: bool = False
    """The words fit other things as well ("delete all", 都不要了): only right after follow-ups were shown are these meant."""


_LEAD = r"(?:(?:please|pls|ok(?:ay)?|now|just|so|then|and|can you|could you|you can|let'?s|i (?:want|would like) to|i'?d like to|go ahead and)[, ]+)*"
_TRAIL = r"(?:[, ]+(?:please|pls|now|thanks?(?: you)?|too|for me|already|then))*"
_THINGS = r"(?P<things>(?:open )?(?:reminders|follow[ -]?ups))"
_ALL = (
    rf"(?:(?:them |these |those )?all(?: of)?(?: (?:them|these|those|it|my|the|our))*(?: open)?(?: {_THINGS}| ones| items)?"
    r"|everything(?: that(?:'s| is) open| open)?(?: (?:on|in) (?:the|my|this) list)?|every (?:single )?(?:one(?: of (?:them|these))?|(?P<each>reminder|follow[ -]?up))"
    r"|the (?:whole |entire )(?:list|lot)|the lot|(?:my|the|these|those|our) (?P<plural>(?:open )?(?:reminders|follow[ -]?ups)))"
)
_DROP = r"(?:cancel|drop|dismiss|scrap|discard)"
_DROP_VAGUE = r"(?P<vague>remove|delete|clear|erase|stop|end|forget(?: about)?|get rid of)"
_FINISHED = r"(?:done|finished|completed?|settled|closed|sorted(?: out)?|dealt with|handled)"
_ALL_EN = tuple(
    (action, re.compile(f"{_LEAD}(?:{pattern}){_TRAIL}"))
    for action, pattern in (
        ("cancel", rf"(?:{_DROP}|{_DROP_VAGUE}) {_ALL}"),
        ("done", rf"(?:(?:it'?s|they'?re|they are|we'?re|that'?s) )?{_ALL}(?:'s| is| are| has been| have been)?(?: now| already)? {_FINISHED}"),
        ("done", rf"(?:mark|set|check|tick|call)(?: off)? {_ALL}(?: off)? (?:as )?{_FINISHED}"),
        ("done", rf"(?:close|complete|finish|settle|tick off|check off) {_ALL}"),
        ("done", rf"(?:(?:i'?m|i am|we'?re|we are) )?(?:done|finished) with {_ALL}"),
        ("done", rf"(?:i|we)(?:'?ve| have)?(?: already)? (?:done|did|finished|settled|closed|handled|dealt with|completed) {_ALL}"),
    )
)  # fmt: skip

_EACH_ZH = r"(?:全部|所有|全都|统统|通通|一切|全|都)"
_THINGS_ZH = r"(?:跟进|提醒|待办)(?:事项|提醒|的事)?"
_ABOUT_ZH = rf"(?:{_EACH_ZH}|这些|那些|它们|我的?|的|未结|没完成|事情|事项|{_THINGS_ZH})*+"
_LEAD_ZH = r"(?:请|麻烦你?|帮我|给我|你|好的?|把|将|我想|我要|可以|直接|先|那就?|现在)*+"
_END_ZH = r"(?:掉|了|啦|吧|谢谢)*+"
_DROP_ZH = r"(?:取消|撤掉|撤销|不跟|别跟|不用跟|不用再跟|别再?提醒|不用再?提醒|不再提醒|不跟进|不用跟进)"
_DROP_VAGUE_ZH = r"(?P<vague>删|删除|清空|清除|清|停|停止|去|不要|不用)"
_FINISHED_ZH = r"(?:标记?[为成]?|设[为成])?已?(?:完成|搞定|做完|办完|办好|办妥|处理完|处理好|弄完|弄好|了结|结束|解决|结)"
_ALL_ZH = tuple(
    (action, re.compile(pattern))
    for action, pattern in (
        ("cancel", rf"{_LEAD_ZH}{_ABOUT_ZH}(?:给我|帮我)?(?:{_DROP_ZH}|{_DROP_VAGUE_ZH})掉?{_ABOUT_ZH}{_END_ZH}"),
        ("done", rf"{_LEAD_ZH}{_ABOUT_ZH}已?经?{_EACH_ZH}?{_FINISHED_ZH}{_ABOUT_ZH}{_END_ZH}"),
    )
)
_SOME_EACH_ZH = re.compile(_EACH_ZH)
_SOME_THINGS_ZH = re.compile(r"跟进(?!了)|(?<![别再用不])提醒|待办")

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PLACE = rf"(?:(?:numbers?|nos?\.?|items?|reminders?|follow[ -]?ups?|the|#) ?)*(?:\d{{1,2}}(?:st|nd|rd|th)?|{'|'.join(_ORDINALS)}|last)(?: (?:one|item|reminder|follow[ -]?up))?"
_JOIN = r"(?: ?(?:,|、|;|/|\+|&) ?(?:and )?| and | as well as | )"
_TO = r"(?: ?- ?| ?~ ?| to | through | thru )"
_SOME = rf"(?P<some>{_PLACE}(?:(?:{_TO}|{_JOIN}){_PLACE})*)(?: ones)?"
_SOME_EN = tuple(
    (action, re.compile(f"{_LEAD}(?:{pattern}){_TRAIL}"))
    for action, pattern in (
        ("cancel", rf"(?:cancel|drop|dismiss|scrap|discard|remove|delete|stop|forget(?: about)?|get rid of) {_SOME}"),
        ("done", rf"(?:(?:mark|set|check|tick|call) )?{_SOME}(?: (?:as|off|is|are|has been|have been|both|all|now|already))* {_FINISHED}"),
        ("done", rf"(?:(?:(?:i'?m|i am|we'?re) )?(?:done|finished)(?: with)?|close|complete|finish|settle|tick off|check off) {_SOME}"),
        ("done", rf"(?:i|we)(?:'?ve| have)?(?: already)? (?:done|did|finished|settled|closed|handled|completed) {_SOME}"),
        ("replied", rf"{_SOME}(?: (?:has|have|both|all|already|just))* (?:replied|answered|responded)"),
    )
)  # fmt: skip
_NUMERAL_ZH = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_OF_ZH = r"(?:个|条|件|项|号)"
_PLACE_ZH = rf"第{_NUMERAL_ZH}{_OF_ZH}?|最后一?{_OF_ZH}|[#号]?{_NUMERAL_ZH}号?"
_LATER_ZH = rf"(?:(?:和|跟|与|及|以及|还有|,|、|;|/|\+|&|到|至|-|~)+(?:第?{_NUMERAL_ZH}{_OF_ZH}?|最后一?{_OF_ZH})|第{_NUMERAL_ZH}{_OF_ZH}?)"
_LIST_ZH = rf"(?:编号|序号)?(?P<some>(?:{_PLACE_ZH}){_LATER_ZH}*)(?:[这那]?[两三几]{_OF_ZH})?(?:的?{_THINGS_ZH})?"
"""A bare number before 个 counts instead: 取消3个 is three of them."""
_SOME_ZH = tuple(
    (action, re.compile(f"{_LEAD_ZH}(?:{pattern}){_END_ZH}"))
    for action, pattern in (
        ("cancel", rf"{_LIST_ZH}(?:都|也|全部|全|一起|就|给我|帮我|可以|先)*(?:{_DROP_ZH}|删除?|去|不要|停)"),
        ("cancel", rf"(?:{_DROP_ZH}|删除?|去)掉?{_LIST_ZH}"),
        ("done", rf"{_LIST_ZH}(?:都|也|全部|全|已经?|就)*{_FINISHED_ZH}"),
        ("done", rf"(?:完成|搞定|做完|办完|处理完|结束)了?{_LIST_ZH}"),
        ("replied", rf"{_LIST_ZH}(?:都|也|已经?|刚)*(?:回复|答复|回信|回音|回)了"),
    )
)
_PIECE = re.compile(
    rf"(?P<number>\d{{1,2}})|(?P<word>\b(?:{'|'.join(_ORDINALS)})\b)|(?P<zh>[一二三四五六七八九十]{{1,3}})|(?P<to>-|~|到|至|\bto\b|\bthrough\b|\bthru\b)"
)
_STOPS = r"(?:(?<!\d)[,，;；。.]|[,，;；。.](?!\d))\s*(?:and |but |then )*"
_PARTS, _PARTS_AND = re.compile(_STOPS), re.compile(rf"{_STOPS}| (?:and|but) ")
_LAST = re.compile(rf"\blast\b|最后一?{_OF_ZH}")


def wish(text: str) -> Wish | None:
    """What a whole message wants of several follow-ups, or of one by its number; None when it says no such thing."""
    if len(text) > _LONGEST:
        return None
    said = re.sub(r"[\s.!。~]+$", "", normalise(text))
    close = re.sub(r"\s+", "", said)
    for action, pattern, words in (*((*each, said) for each in _SOME_EN), *((*each, close) for each in _SOME_ZH)):
        if found := pattern.fullmatch(words):
            return Wish(action, _places(found["some"]), named=True)
    dense = re.sub(r"[,、]+", "", close)
    for action, pattern in _ALL_EN:
        if found := pattern.fullmatch(said):
            groups = found.groupdict()
            named = any(groups.get(name) for name in ("things", "each", "plural"))
            return Wish(action, named=named, vague=bool(groups.get("vague")) and not named)
    for action, pattern in _ALL_ZH:
        if _SOME_EACH_ZH.search(dense) and (found := pattern.fullmatch(dense)):
            named = _SOME_THINGS_ZH.search(dense) is not None
            return Wish(action, named=named, vague=bool(found.groupdict().get("vague")) and not named)
    return None


def wishes(text: str) -> list[Wish]:
    """What a whole message wants: one wish, or one for each part of it ("cancel 2, done 3", 第二个取消，第三个完成).

    Parts must name places of the list, each another; else nothing is wanted.
    """
    if whole := wish(text):
        return [whole]
    for split in (_PARTS, _PARTS_AND):
        parts = [part for part in split.split(text[: _LONGEST + 1]) if part.strip()]
        found = [each for part in parts if (each := wish(part)) and each.places]
        places = [place for each in found for place in each.places]
        if 1 < len(parts) == len(found) and len(places) == len(set(places)) and len(text) <= _LONGEST:
            return found
    return []


def _places(some: str) -> tuple[int, ...]:
    """The places of "2, 3 and 5", 1到3 or "the last one", each once, in the order they are said."""
    found: list[int] = []
    through = False
    for piece in _PIECE.finditer(_LAST.sub(" ", some)):
        if piece["to"]:
            through = True
            continue
        if piece["number"]:
            number = int(piece["number"])
        else:
            number = _ORDINALS.index(piece["word"]) + 1 if piece["word"] else int(chinese_number(piece["zh"]) or 0)
        if through and found:
            first = found[-1]
            found += range(first, number + 1) if number >= first else range(number, first)
        found.append(number)
        through = False
    if _LAST.search(some):
        found.append(-1)
    return tuple(dict.fromkeys(found))
