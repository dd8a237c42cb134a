"""In which clause of a message does each of its times stand, and which of them can the reminder be for?

"The auditor left at noon, remind me Thursday": noon is told of him. A time beside "remind me" is the reminder's; one told of
the past is nobody's; one that another clause says of something else may lend its hour or its day, which is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bot.followups.times_lex import Cluster, clusters_of
from bot.followups.times_sift import ahead, in_doubt, past, ranged, with_day_of

_CUT = re.compile(
    r"[.!?](?=\s|$)|[;\n。；！？，()（）]|(?<!\d),|,(?!\d)|:(?=\s)|\s[-\u2013\u2014]+\s"
    r"|(?<![a-z])(?:so|because|cause|but|although|though|whereas|unless|in case|that(?= (?:the|their|they|he|she|it|we|i|mr|ms|my|our|his|her)(?![a-z])))(?![a-z])"
)
_CUE = re.compile(
    r"(?<![a-z])(?:remind(?:er)?|nudge|ping|alert|wake|poke|buzz|notify)(?![a-z])|提醒|叫我|通知我|喊我|(?<![\u4e00-\u9fff])再(?:跟|联系|催|问)"
)
_GLUE = frozenset([
        "a", "an", "the", "and", "or", "at", "on", "in", "by", "to", "for", "of", "is", "it's", "me", "please", "pls",
        "thanks", "thx", "ok", "okay", "hi", "hey", "hello", "sharp", "latest", "ish", "about", "around", "maybe", "perhaps",
        "then", "so", "say", "i", "mean", "no", "not", "wait", "actually", "either", "whichever", "works", "fine", "sometime",
        "time", "times", "their", "my", "our", "his", "her", "local", "best",
    ]) | frozenset("的是在就吧呢请吗或者还左右那也最好要么麻烦好")  # fmt: skip
_DO = re.compile(
    r"\s*(?:(?:so|then|and|ok|okay|please|pls|just|better|let's|let us|i'll|i will|i should|i need to|i must|we should|we need to|need to|gotta|must)[\s,]+)*"
    r"(?:chase|check|call|ring|phone|try|look|write|ask|send|email|e-mail|mail|text|message|follow|set|book|schedule|confirm|talk|wait|leave|hold|contact"
    r"|push|press|reach|tell|bug|re-?check|come back|speak|answer|reply|decide|bring|query|prepare|draft|print|collect|revisit|resend|circle back|touch base)"
    r"(?![a-z'-])(?!\s(?:is|was|are|were|will|has|had|date|came|due|starts?|ends?|begins|moved|got|time)(?![a-z]))"
)
_DO_ZH = re.compile(
    r"(?:之?前|以前|左右|那天|当天)?(?:再|就|得|要|记得|我|去|来)*(?:催|追|问|跟进|联系|打电话|打给|查|确认|回复|找)(?!过|了|的|货|期|款期)"
)
_LED = re.compile(r"(?:(?<![a-z])(?:so|then|therefore|hence)|那就?|所以)[\s,]*$")
_BESIDE = re.compile(r"\s*(?:right |just |shortly )?(?:before|after)(?![a-z])")
_ENDS = re.compile(
    r"(?<![a-z])(?:runs? out|ends?|expires?|valid|due|deadline|starts?|begins?|leaves?|arrives?|ships?|sails?|lands?)(?![a-z])|到期|截止|有效|过期|开船|到货|出发"
)
_TOO = re.compile(
    r"(?<![a-z])(?:too|also|as well|better|rather|instead|at the latest|if|then|otherwise|or|thought|suits?|prefer|works|fine|ok|okay)(?![a-z])"
    r"|也|或|更|还是|要不|不然|的话|如果|要是|再|合适|也行|可以"
)
"""A second time that may be meant as well."""
_LISTED = re.compile(r"\s*(?:or|and|或|和|to|till)")
_STATE = re.compile(
    r"(?<![a-z])(?:closed|shut|off(?: work)?|away|out(?: of (?:office|town|stock))?|busy|travell?ing|on leave|back|holidays?|hols?|weekend|not (?:in|open)|open|in the office)(?![a-z])"
    r"|(?:休息|放假|上班|加班|不在|出差|开会|没空|很?忙|请假|回来|停工|开工|关门)"
)
"""Who is in or away, and when: told so that one knows when not to write."""
_PAST = re.compile(
    r"(?<![a-z])(?:was|were|had|did|didn't|wasn't|weren't|left|met|sent|got|came|went|wrote|said|told|spoke|had|made|took|gave|rose|fell|broke|began|saw|heard|"
    r"paid|bought|sold|shut|slept|flew|drove|found|lost|built|held|forgot|texted|[a-z]{2,}(?<!ne)(?<!nd)(?<!spe)(?<!fe)(?<!se)(?<!ce)(?<!xce)ed)(?![a-z])"
)
_AHEAD = re.compile(
    r"(?<![a-z])(?:will|'ll|shall|would|should|must|need|needs|want|wants|have to|has to|going to|to be|can|could|may|might|let's|lets|is|are|am|isn't|aren't|get|gets)(?![a-z])"
)
_PAST_ZH = re.compile(r"(?:了|过|的)[\u4e00-\u9fff]{0,6}$|刚(?:才|刚)?|已经")
_MOST = 12
"""Times of one message that are put to clauses at most; a text of more is no reminder."""
_VERB = re.compile(
    r"(?<!\bit )(?<!\bthat )(?<!\bthis )(?<![a-z])(?:is|are|was|were|will|has|had|(?:i|we|he|she|they) (?!mean|say|said|guess|think)[a-z]+)(?![a-z])"
)
_WORDS = re.compile(r"[a-z'][a-z']+|[\u4e00-\u9fff]")
_WHEN = re.compile(r"(?<![a-z])(?:remind|nudge|ping|alert|wake|buzz|notify) (?:me|us) (?:when|once|as soon as|after)(?![a-z])")
_ONCE = re.compile(r"^\s*(?:and |then )?(?:when|once|as soon as|after|[等待当]|一旦)")
"""From something on whose day is not known."""


@dataclass(frozen=True)
class Heard:
    """The times that are left to choose from: `rivals` when they are to be offered as they are, `doubtful` when asked all the same."""

    clusters: list[Cluster]
    rivals: bool = False
    doubtful: bool = False


@dataclass(frozen=True)
class _Clause:
    text: str
    times: tuple[Cluster, ...]
    rest: str
    """Its words without its times."""
    start: int = 0

    @property
    def cued(self) -> bool:
        return bool(_CUE.search(self.text))

    @property
    def fragment(self) -> bool:
        """A bit of a sentence, such as "3pm sharp", which belongs to what stands beside it."""
        words = [word for word in _WORDS.findall(self.rest) if word not in _GLUE]
        return not (self.cued or _VERB.search(self.rest)) and len(words) < 2

    @property
    def after(self) -> str:
        """What stands behind its last time."""
        return self.text[self.times[-1].end - self.start :] if self.times else ""

    @property
    def told(self) -> bool:
        """Whether it tells of the past."""
        if self.cued or _AHEAD.search(self.rest):
            return False
        return bool(_PAST.search(self.rest) or _PAST_ZH.search(self.rest.strip(" ,.")))


def heard(text: str, clusters: list[Cluster]) -> Heard:
    """Of the times of a folded text those that the reminder can be for."""
    if not 0 < len(clusters) <= _MOST:
        return Heard(clusters)
    clauses = _clauses(text, clusters)
    if any(clause.cued and not clause.times and _WHEN.search(clause.text) for clause in clauses):
        return Heard(clusters, doubtful=True)
    if len(clusters) == 1:
        span = clusters[0].of("span")
        once = any(not clause.times and _ONCE.match(clause.text) for clause in clauses)
        return Heard(clusters, doubtful=bool(span and span.side == "in" and once))
    told = [c for clause in clauses if clause.told for c in clause.times]
    cued = [clause for clause in clauses if clause.cued]
    if not cued and (found := _directed(text, clusters)):
        return Heard(found)
    kept = [c for c in clusters if c not in told]
    if not kept:
        return Heard(clusters)
    if len(cued) != 1 or not cued[0].times:
        return Heard(kept)
    ours = [c for c in kept if c in cued[0].times]
    others = [c for c in kept if c not in cued[0].times and not past(c)]
    if any(_leaning(c) for c in ours):  # counted from what is still to come, where something is
        return Heard(kept if any(c.day and c not in ours for c in kept) else clusters)
    day, hour = any(not c.clock_only for c in ours), any(_has_hour(c) for c in ours)
    if day and hour:
        return Heard(ours)
    lent = [c for c in others if (c.clock_only if day else bool(c.day))]
    if not lent or len(ours) > 1 or ours[0].of("vague"):
        return Heard(ours)
    return Heard([ours[0], _with(ours[0], lent[0])], rivals=True)


def _directed(text: str, clusters: list[Cluster]) -> list[Cluster]:
    """The times of the one clause that says what to do, or that says only when, behind what is told of others; else none.

    "Out of stock until June 1, check again June 2"; "they are closed on Monday, so Tuesday 10am".
    """
    timed = [clause for clause in _clauses(text, clusters, whole=False) if clause.times]
    doing = [clause for clause in timed if _DO.match(clause.text) or _DO_ZH.match(clause.after)]
    if len(timed) < 2 or len(doing) > 1:
        return []
    led = bool(_LED.search(text[: timed[-1].start]))  # "she wanted it Wednesday, so noon today"
    if not doing and _answered_first(text, timed):
        doing = timed[:1]
    if not doing and all(_STATE.search(c.text) or (led and c.told) for c in timed[:-1]) and _only_time(text, timed[-1]):
        doing = timed[-1:]
    ours = [c for clause in doing for c in clause.times]
    others = [c for c in clusters if c not in ours]
    if not ours or any(_leaning(c) for c in ours) or all(c.clock_only or past(c) for c in ours):
        return []
    if in_doubt(ranged(text, others), ours):
        return []
    if any(c.clock_only for c in others) and not any(_has_hour(c) for c in ours):
        return []
    return ours


def _answered_first(text: str, timed: list[_Clause]) -> bool:
    """Whether the message begins with nothing but a time, and the others are told of something: "Mon 9am, they are off on Sunday"."""
    first, *others = timed
    if text[: first.start].strip() or len(first.times) != 1 or not first.fragment or not first.times[0].day:
        return False
    if not _has_hour(first.times[0]) and not first.times[0].of("date"):
        return False
    return all(_tells(other) for other in others)


def _tells(clause: _Clause) -> bool:
    told = _STATE.search(clause.text) or _ENDS.search(clause.text) or _BESIDE.match(clause.text)
    return bool(told and not _LISTED.match(clause.text) and not _TOO.search(clause.text))


def _only_time(text: str, clause: _Clause) -> bool:
    """Whether a clause is a time of its own, such as "so Tuesday" or "周一早上8点", and not one more of a list."""
    day = len(clause.times) == 1 and not clause.times[0].clock_only
    led = _LED.search(text[: clause.start]) or _LED.search(text[clause.start : clause.times[0].start])
    return day and clause.fragment and bool(led or _has_hour(clause.times[0])) and not _LISTED.match(clause.text)


def apart(text: str, place: tuple[int, int], clusters: list[Cluster]) -> bool:
    """Whether what stands at a place belongs to a clause of its own, and not to one of these times."""
    clauses = _clauses(text, clusters) if 0 < len(clusters) <= _MOST else []
    at = 0
    for clause in clauses:
        if at <= place[0] < at + len(clause.text):
            return not clause.times and not clause.cued
        at += len(clause.text)
    return False


def of_another(text: str, place: tuple[int, int], used: list[Cluster]) -> bool:
    """Whether what stands at a place belongs to a clause with times of its own, none of which is among those used."""
    clusters = clusters_of(text)
    found = _clauses(text, clusters, whole=False) if 0 < len(clusters) <= _MOST else []
    places = {at for c in used for at in range(c.start, c.end)}
    for clause in found:
        if clause.start <= place[0] < clause.start + len(clause.text):
            return bool(clause.times) and not any(places & set(range(c.start, c.end)) for c in clause.times)
    return False


def _clauses(text: str, clusters: list[Cluster], *, whole: bool = True) -> list[_Clause]:
    """The clauses of a folded text; bits of a sentence are put to what stands beside them, unless not `whole`."""
    cuts = [m.span() for m in _CUT.finditer(text) if not any(c.start < m.end() < c.end for c in clusters)]
    edges = [0, *(end for _, end in cuts), len(text)]
    found: list[_Clause] = []
    for start, end in pairwise(edges):
        clause = _clause(text, start, end, clusters)
        if whole and found and (clause.fragment or found[-1].fragment):
            last = found.pop()
            clause = _Clause(last.text + clause.text, (*last.times, *clause.times), f"{last.rest} {clause.rest}", last.start)
        found.append(clause)
    return found


def _clause(text: str, start: int, end: int, clusters: list[Cluster]) -> _Clause:
    times = tuple(c for c in clusters if start <= c.start < end)
    rest, at = "", start
    for one in times:
        rest, at = rest + text[at : one.start] + " ", one.end
    return _Clause(text[start:end], times, rest + text[at:end], start)


def _has_hour(cluster: Cluster) -> bool:
    span = cluster.of("span")
    return bool(cluster.of("clock", "part", "moment") or (span and span.name == "minutes"))


def _leaning(cluster: Cluster) -> bool:
    """Whether it counts from another time: "the day before", "an hour before"."""
    span = cluster.of("span")
    return bool(cluster.of("shift") or (span and (span.side in ("before", "after", "ago") or ahead(span))))


def _with(one: Cluster, other: Cluster) -> Cluster:
    """The day of one with the hour of the other."""
    return with_day_of(other, one) if one.clock_only else with_day_of(one, other)
