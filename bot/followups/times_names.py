"""Which pieces of a text only look like time: names of people and firms, numbers of parts, orders and rooms? Patterns only."""

from __future__ import annotations

import re

from bot.followups.times_atoms import Atom
from bot.followups.times_cues import NAMED

_OBJECT = re.compile(r"(?:联系|找|和|跟|约|见|给|请|问|叫)$")
_TITLES = "先生|女士|小姐|太太|老师|师傅"
_TITLE = re.compile(rf"[\u4e00-\u9fff]{{0,2}}(?:{_TITLES})")
_CALLED = re.compile(rf"[姐哥总工]|{_TITLES}|经理|主任")
_FIRM = re.compile(
    r"\s*(?:ltd|inc|co|gmbh|llc|corp|group|brothers|& (?:sons|co|partners|brothers)|electronics|ag|company|trading|industries)(?![a-z])"
)
_NUMBERED = re.compile(
    r"(?:(?<![a-z])(?:part|model|type|size|item|version|option|room|building|gate|bay|lane|lot|batch|page|clause|point|article|section|chapter"
    r"|level|grade|phase|stage|container|truck|pallet|sample|samples|order|invoice|contract|drawing|revision|rev|draft|unit|line|step|row|slot|bin|sku|po|so|pi|inv|ref|serial|code|ticket|case|table|figure|number|flight|train|hall|booth|stand|machine|tool|mould|mold|die|cavity)"
    r"(?: (?:no\.?|number|nr\.?|code))?[\s.:#-]*|(?<![a-z])(?:no\.|nr\.)\s?|#\s?|[单合票编型批图货料款序件同][号同]\s?[:：]?\s?|合同|型号|版本)$"
)
_GLUED = re.compile(r"(?<![a-z])(?!(?:mon|tues?|wed|thur?s?|fri|sat|sun|[ap]m|mid|pre|post)-)[a-z]{1,5}-$|[a-z]\d+-$")
"""K-8, TX-930: part of a number with letters."""
_BARE = re.compile(r"[\d./-]+")


def is_name(text: str, atom: Atom) -> bool:
    """Whether a piece of time in a folded text is a name or a number of a thing."""
    before, after = text[max(0, atom.start - 24) : atom.start], text[atom.end : atom.end + 16]
    if atom.kind in ("weekday", "month", "date") and NAMED.search(before[-6:]):
        return True
    if atom.kind == "weekday" and _FIRM.match(after):
        return True
    if text[atom.start : atom.end] == "下周" and before.endswith("一") and _CALLED.match(after):
        return True  # 问一下周姐
    if atom.kind in ("clock", "date", "slash", "dom") and _BARE.fullmatch(text[atom.start : atom.end]):
        return bool(_NUMBERED.search(before) or _GLUED.search(before))
    return atom.kind == "weekday" and text[atom.start] == "周" and bool(_OBJECT.search(before)) and bool(_TITLE.match(after))
