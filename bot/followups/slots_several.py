"""Does one message tell of several matters? "I emailed Mr Li about the quote and Ms Wang about the samples": each its slots.

Pure, and on the careful side: every matter needs somebody and something of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.followups.places import counterpart_zone
from bot.followups.slots import LONGEST, Slots, slots_of, without
from bot.followups.slots_who import CUT, listed, starts_with_somebody

_MOST = 6
_CUT_EN = re.compile(rf"\s*[,;\n{CUT}]\s*|(?<=[a-z]{{3}})\.\s+|\s+(?=(?:and|plus|as well as)\s)")
_CUT_ZH = re.compile(rf"[，,。；;、\n{CUT}]|(?:以及|还有|另外|并且|同时|也|和)(?=(?:刚刚?|刚才)?(?:给|跟|向|发给|寄给))")
_JOINT = re.compile(r"(?:(?:and|plus|as well as|also|then|i|we|have|just|i've|we've)\s+)+", re.IGNORECASE)
_VERB = re.compile(
    r"(?:e-?mailed|mailed|wrote|written|messaged|texted|called|phoned|told|asked|sent|gave|quoted|offered|showed|handed|forwarded|shipped"
    r"|e-?mail|write|message|text|call|phone|ask|chase|contact|remind)(?:\s+to)?\s+",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"(?P<what>(?:the|our|my|an?|some)\s+[^,;]{2,60}?)\s+to\s+(?P<who>.{2,60})", re.IGNORECASE)
_ABOUT = re.compile(r"\s*(?:about|regarding|concerning|re:?)\s+(?P<what>.{2,100})", re.IGNORECASE)
_THE_SAME = re.compile(r"(?:the same(?: thing| matter)?|it|this|that)\b", re.IGNORECASE)
_THINGS = re.compile(r"(?:and )?(?P<what>(?:the|our|my|some|an?) [\w -]{2,40})", re.IGNORECASE)
_TOLD_ZH = re.compile(
    r"(?:我|也|又|还|再|然后|同时|另外|并且?)*(?:刚刚?|刚才|已经)?(?:给|跟|向|发给|寄给|把|[^，。]{1,8}(?:发|寄)给)"
)
_PRONOUN = re.compile(r"[他她它]们?|对方|them|him|her", re.IGNORECASE)


def slots_of_each(text: str, spans: Iterable[tuple[int, int]] = ()) -> list[Slots]:
    """The slots of each matter; empty when the message tells of one at most. `spans` are the pieces of its time."""
    spans = tuple(spans)
    whole, said = slots_of(text, spans), without(text[:LONGEST], spans)
    if whole.task:  # "to send Mr Li the quote and Ms Wang the samples" is one thing to do
        return []
    found = _english(said) if re.search(r"[a-z]{2}", said) else []
    found = found if len(found) > 1 else _chinese(said)
    names = {one.who.casefold() for one in found}
    if not 1 < len(found) <= _MOST or len(names) < len(found):
        return []
    return [replace(whole, who=one.who, email=one.email, what=one.what, task=False, place=one.place) for one in found]


def _english(said: str) -> list[Slots]:
    found: list[Slots] = []
    for piece in _CUT_EN.split(said):
        bare = _JOINT.sub("", piece.strip(), count=1) if _JOINT.match(piece.strip()) else piece.strip()
        one = (_first(bare) if not found else Slots()) or Slots()
        if not one.who:
            one = _carried(bare, found[-1].what if found else "")
        if one.who and one.what:
            found.append(one)
        elif found and (more := _THINGS.fullmatch(piece.strip())):
            found[-1] = replace(found[-1], what=f"{found[-1].what} and {more['what']}")
    return found


def _first(piece: str) -> Slots | None:
    """The first matter may be told in any words."""
    one = slots_of(piece.rpartition(":")[2] or piece)
    return replace(one, place=counterpart_zone(piece)) if one.who and one.what and not _PRONOUN.fullmatch(one.who) else None


def _carried(piece: str, before: str) -> Slots:
    """A further one: its verb may be left out, as may be what it is about ("and Ms Wang about the same")."""
    piece = piece.rpartition(": ")[2]
    bare = _VERB.sub("", piece, count=1) if _VERB.match(piece) else piece
    given = _GIVEN.match(bare)
    email = slots_of(bare).email
    who = email if email and bare.lower().startswith(email) else starts_with_somebody(given["who"] if given else bare)
    if not who:
        return Slots()
    rest = given["what"] if given else bare[len(who) :]
    about = _ABOUT.match(rest)
    if about and _THE_SAME.match(about["what"]):
        what = before
    else:
        what = slots_of(f"sent {given['what']} to {who}" if given else f"sent {who} {rest.strip()}").what
    return Slots(who=listed(who), email=email, what=what, place=counterpart_zone(f"emailed {bare}"))


def _chinese(said: str) -> list[Slots]:
    found: list[Slots] = []
    for piece in _CUT_ZH.split(said):
        if _TOLD_ZH.match(piece.strip()):
            one = slots_of(piece)
            if one.who and one.what and not _PRONOUN.fullmatch(one.who):
                found.append(replace(one, place=counterpart_zone(piece)))
    return found
