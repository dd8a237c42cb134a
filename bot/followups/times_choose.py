"""Of all the times a message speaks of, which one is meant, and which others help to say it?

"I wrote on Monday, remind me Thursday about the fair in May": Thursday. What stands beside "remind me" wins; what is past,
denied or corrected falls away; where two are left, both are offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.followups.times_clauses import Heard, heard
from bot.followups.times_cues import AFTER_EVENT, CUE_AFTER, CUE_BEFORE, DENIED, MOVED
from bot.followups.times_lex import Cluster, clusters_of, lead
from bot.followups.times_sift import (
    OR,
    after_corrections,
    counted_back,
    of_either_week,
    past,
    sharing_a_day,
    without_ranges,
    without_repeats,
)

LEAD = re.compile(
    r"(?:(?<![a-z])(?:on|at|by|before|until|till|in|around|about|the|for|from|latest|not before|no later than|sometime|or|and)[\s]+|@\s?|在|到|于|就|赶在|最晚|最迟)+$"
)
TRAIL = re.compile(
    r"(?:的?(?:时候|之前|以前|左右|前后?|那天|当天|那会儿?)|内|之内|\s(?:sharp|latest|at the latest|or so|ish|please|pls)(?![a-z]))"
)
_BEFORE_EN = re.compile(r"(?<![a-z])(?:(?<!not )(?<!n't )before|ahead of|prior to|(?<!no )earlier than)\s+(?:the\s+)?$")
_AFTER_EN = re.compile(r"(?<![a-z])(?<!day )(?:after|following|past)\s+(?:the\s+)?(?:long\s+)?$")
_AFTER_ZH = re.compile(r"\s?(?:之后|以后|过后|后(?![天日面续年来期台勤半]))")
_PAST_ZH = re.compile(r"(?:过了|过完|等过了)$")
_BEFORE_MATCH = re.compile(r"^(?:before|ahead of|prior to)\s")
_NOT = re.compile(r"(?:not|n't|no)\s$")
_BEFORE_ZH = re.compile(r"\s?(?:之前|以前|前(?![天往面后]))")
_BOUND = re.compile(r"(?:before|until|till|after|earlier|later)(?![a-z])")
"""Not before nine is nine."""
_SINCE = re.compile(r"(?<![a-z])since(?: [^\s;.!?,]+){0,2}\s$|自从$")
"""From a day on that is past."""
_AND = re.compile(r"[\s,，]*(?:and(?: then)?(?: again)?(?: at| on)?|&|plus|和|以及|跟|、|还有|然后)[\s,，]*(?:再)?")
_WAS = re.compile(
    r"(?<![a-z])(?:sent|spoke|talked|visited|saw|heard|asked|told|agreed|discussed|tried|paid|emailed|e-mailed|mailed|wrote|dated|since|last|from|met|called|signed|was|were|had|received|got|on (?:his|her|their) mail of)(?: [^\s;.!?,]+){0,4}\s(?:on |at |in |from |of )?$"
    r"|(?:发了|发的|收到|见过|谈过|寄了|寄的|写的|签的|上次|自从|自)[^，,。]{0,6}$"
)
_THINGS = re.compile(
    r"'s? (?!remind|morning|afternoon|evening|time)[a-z]|\s(?:meeting|quote|order|mail|email|e-mail|call|shipment|offer|price list|deadline|visit|flight|delivery|batch|conference|contract|review|expo|fair|invoice|minutes)(?![a-z])|的(?!时候|早|上|下|中|晚|凌)[\u4e00-\u9fff]|(?:会议|报价|订单|邮件|展会|合同)"
)


_SOMEDAY = re.compile(
    r"(?:之?后|以后)?[,\s]*(?:我们|咱们|就)?再(?:说|看|议|定|商量|讨论)|[,\s]*(?:some ?time|or so|at some point)(?![a-z])"
)
_FAR = 20
"""Characters between two times that still belong together."""
_MOST = 6
"""Times of one message that are compared at most."""


@dataclass(frozen=True)
class Choice:
    """The times to read (several: ask), those that say their time of day, and the one that "the day before" counts from."""

    main: tuple[Cluster, ...] = ()
    companions: tuple[Cluster, ...] = ()
    anchor: Cluster | None = None
    before: bool = False
    """Whether it is said to be before that time."""
    doubtful: bool = False
    """Whether it may as well be when something was done."""
    rivals: bool = False
    """Whether it is asked unless all of them come to the same moment."""
    after: bool = False
    """Whether it is said to be after that day, which then does not count itself."""

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The places of all that was used."""
        return [place for cluster in (*self.main, *self.companions) for place in cluster.places]


def choose(text: str) -> Choice:
    """The time that a folded text asks for; an empty choice when it names none."""
    clusters = clusters_of(text)
    found = _choose(text, clusters)
    if len(found.main) == 1 and (later := of_either_week(clusters, found.main[0])):
        return replace(found, main=(*found.main, later), rivals=True)
    return found


def _choose(text: str, clusters: list[Cluster]) -> Choice:
    if len(clusters) == 1 and (span := clusters[0].of("span")) and span.side == "after" and len(clusters[0].atoms) == 1:
        return Choice()  # "12 months after delivery" has no day to count from
    if len(clusters) == 1 and clusters[0].of("span") and AFTER_EVENT.search(lead(text, clusters[0].start)):
        return Choice()
    clusters = [c for c in clusters if not _SINCE.search(lead(text, c.start))]
    denied = [c for c in clusters if DENIED.search(lead(text, c.start)) and not _BOUND.match(text[c.start :])]
    standing = [c for c in clusters if c not in denied]
    if clusters and not standing:
        return Choice()  # "not Friday" says no day
    corrected = after_corrections(text, standing)
    if corrected == standing:
        standing = corrected = without_repeats(without_ranges(text, standing))
    told = heard(text, standing) if corrected == standing else Heard(corrected)
    if told.rivals:
        return Choice(tuple(told.clusters), rivals=True)
    if told.doubtful or any(text.startswith("from ", c.start) and MOVED.search(lead(text, c.start)) for c in standing):
        return Choice(tuple(told.clusters[:_MOST]), doubtful=True)
    standing = counted_back(told.clusters)
    real = [c for c in standing if not c.of("vague")] or standing
    if not real:
        return Choice()
    shifted = [c for c in real if (c.of("shift") or _ago(c)) and not _own_day(c)]
    anchors = [c for c in real if c not in shifted and c.day] or [c for c in clusters if c not in shifted and c.day]
    if shifted:
        if anchors:
            nearest = min(anchors, key=lambda c: abs(c.start - shifted[0].start))
            return Choice(
                (shifted[0],), tuple(c for c in real if c.clock_only and not shifted[0].of("clock", "part"))[:1], nearest
            )
        real = [c for c in real if c not in shifted or _ago(c) or ((next_day := c.of("shift")) and next_day.n == 1)]
    real = sharing_a_day(text, real)
    earlier = [c for c in real if all(atom.kind == "span" and atom.side == "before" for atom in c.atoms)]
    if earlier and len(real) > len(earlier):
        rest = [c for c in real if c not in earlier]
        days, hours = [c for c in rest if not c.clock_only], [c for c in rest if c.clock_only]
        return Choice(tuple(days[:1] or hours[:1]), (*earlier, *(hours[:1] if days else [])))
    real = [c for c in real if not _WAS.search(lead(text, c.start))] or real
    days, hours = [c for c in real if not c.clock_only], [c for c in real if c.clock_only]
    if hours and not days and any(c.day for c in denied):  # "at 11, not 10 tomorrow": the day may be of both
        return Choice(tuple(hours[:_MOST]), doubtful=True)
    if len(days) == 1 and hours and not days[0].of("clock"):
        return _chosen(text, days, _companion(text, hours, days[0]))
    picked = _picked(text, days or hours)
    others = [c for c in real if c not in picked and c.of("clock") and not _THINGS.match(text[c.end :])]
    if (
        len(picked) == 1
        and picked[0].of("clock")
        and not _cued(text, picked[0])
        and any(_near(text, picked[0], c) for c in others)
    ):
        return Choice(tuple(picked), doubtful=True)  # "8pm tonight, 9am their time": which of the two hours counts?
    if len(picked) == 1 and days and not picked[0].of("clock", "part") and len(hours) == 1:
        return _chosen(text, picked, hours)
    return _chosen(text, picked[:_MOST], [])


def _near(text: str, one: Cluster, two: Cluster) -> bool:
    """Whether two times stand in one sentence with little between them."""
    gap = text[min(one.end, two.end) : max(one.start, two.start)]
    told = re.match(r" (?:for|over) the(?:m|re)(?![a-z])", text[two.end :])  # only what that is for them
    return len(gap) < _FAR and not told and not re.search(r"[.;!?\n。；！？]|^\s?(?:-|to|till|until|到|至)\s?$", gap)


def _companion(text: str, hours: list[Cluster], day: Cluster) -> list[Cluster]:
    """The hour that goes with a day said elsewhere in the message; none when the day has its own part and the hour is of another."""
    span = day.of("span")
    if span and span.name == "minutes":
        return []
    cued = [c for c in hours if _cued(text, c)]
    left = (cued or hours)[:1]
    return [] if day.of("part") and not left[0].of("clock") else left


def _chosen(text: str, main: list[Cluster], companions: list[Cluster]) -> Choice:
    before = after = False
    if len(main) == 1:
        last = main[0].atoms[-1]
        led = _BEFORE_EN.search(lead(text, main[0].start))
        inner = any(
            (_BEFORE_MATCH.match(text[a.start :]) and not _NOT.search(lead(text, a.start)))
            or _BEFORE_EN.search(lead(text, a.start))
            for a in main[0].atoms
            if a.kind in ("clock", "weekday", "date", "dom", "day")
        )
        plain = last.kind not in ("feast", "part", "span", "shift") and not main[0].of("feast", "span", "shift")
        before = plain and bool(led or inner or _BEFORE_ZH.match(text[last.end :]))
        whole = last.kind in ("date", "dom", "slash", "weekday", "period") and not main[0].of(
            "clock", "feast", "span", "shift", "nth"
        )
        behind = _AFTER_EN.search(lead(text, main[0].start)) or _AFTER_ZH.match(text[last.end :])
        after = whole and bool(behind or _PAST_ZH.search(lead(text, main[0].start)))
    doubtful = bool(main) and all(_WAS.search(lead(text, c.start)) or _put_off(text, c) for c in main)
    return Choice(tuple(main), tuple(companions), before=before, doubtful=doubtful, after=after)


def _put_off(text: str, cluster: Cluster) -> bool:
    """Whether it is some time after a feast, which names no day: 年后再说."""
    loose = cluster.of("feast", "month") and not cluster.of("clock", "part", "weekday", "dom", "nth", "span", "shift")
    return bool(loose and _SOMEDAY.match(text[cluster.end :]))


def _picked(text: str, clusters: list[Cluster]) -> list[Cluster]:
    """The one beside the cue; otherwise those that are not said of the past or of a thing; several when they cannot be told apart."""
    clusters = [c for c in clusters if not (past(c) or _WAS.search(lead(text, c.start)))] or clusters
    if len(clusters) < 2:
        return clusters
    after = [c for c in clusters if _followed(text, c)]
    before = [c for c in clusters if CUE_BEFORE.search(lead(text, c.start))]
    if len(after) == 1 and not (len(before) == 1 and re.match(r"[\s]*[,，:：]", text[after[0].end :])):
        return _with_or(text, after[0], clusters)
    if len(before) == 1:
        return _with_or(text, before[0], clusters)
    return [c for c in clusters if not _THINGS.match(text[c.end :])] or clusters


def _with_or(text: str, chosen: Cluster, clusters: list[Cluster]) -> list[Cluster]:
    """The chosen one and what is said beside it with "or", or with "and" where both are such times: one reminder has one."""
    found = [chosen]
    for cluster in clusters[clusters.index(chosen) + 1 :]:
        if not _joined(text, found[-1], cluster):
            break
        found.append(cluster)
    for cluster in reversed(clusters[: clusters.index(chosen)]):
        if not _joined(text, cluster, found[0]):
            break
        found.insert(0, cluster)
    return found


def _joined(text: str, one: Cluster, two: Cluster) -> bool:
    gap = text[one.end : two.start]
    return bool(OR.fullmatch(gap) or (one.clock_only == two.clock_only and _AND.fullmatch(gap)))


def _cued(text: str, cluster: Cluster) -> bool:
    return bool(_followed(text, cluster) or CUE_BEFORE.search(lead(text, cluster.start)))


def _followed(text: str, cluster: Cluster) -> bool:
    trail = TRAIL.match(text[cluster.end :])
    return bool(CUE_AFTER.match(text[trail.end() + cluster.end if trail else cluster.end :]))


def _own_day(cluster: Cluster) -> bool:
    return any(atom.kind not in ("shift", "span", "clock", "part") for atom in cluster.atoms)


def _ago(cluster: Cluster) -> bool:
    span = cluster.of("span")
    return span is not None and span.side == "ago" and span.name == "days"
