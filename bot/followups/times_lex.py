"""Which pieces of time does a text hold, and which of them belong together?

Longest first; what overlaps is dropped. A piece that could as well be a thing, a name or a verb stays only beside another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.followups.times_atoms import Atom
from bot.followups.times_cues import CUE_AFTER, CUE_BEFORE, DENIED
from bot.followups.times_names import is_name
from bot.followups.times_rules_clock import RULES as CLOCK
from bot.followups.times_rules_days import RULES as DAYS
from bot.followups.times_rules_periods import RULES as PERIODS
from bot.followups.times_rules_spans import RULES as SPANS

_RULES = [*DAYS, *PERIODS, *CLOCK, *SPANS]
DAY_KINDS = frozenset(("day", "weekday", "date", "slash", "dom", "month", "period", "nth", "isoweek", "feast", "moment"))
_TOGETHER = [
    {"weekday", "date"}, {"weekday", "slash"}, {"weekday", "dom"}, {"period", "weekday"}, {"period", "dom"}, {"period", "nth"}, {"month", "nth"},
    {"month", "dom"}, {"feast", "nth"}, {"day", "weekday"}, {"day", "date"}, {"isoweek", "weekday"}, {"day", "dom"}, {"month", "weekday"},
    {"feast", "weekday"}, {"weekday", "month", "nth"}, {"period", "weekday", "nth"}, {"day", "slash"}, {"period", "date"},
]  # fmt: skip
_GLUE = re.compile(
    r"(?:[\s,，、:（）()@-]|at|on|the|of|in|around|about|by|before|after|until|till|from|for|sharp|then|maybe|say|like|please|pls|"
    r"的|也就是|就是|是|左右|大概|大约|就|再|起|开始|算起|那天|当天|之?前|以前|内|吧|嗯|呃|um|uh|its|it's|that is|i\.e\.|also|local|approx|roughly|or so|一般)*"
)
_SAID = re.compile(r"(?:到|开始)\s?,")
"""会议一点开始，明天…: the first half is a sentence of its own."""
_SILENCE = re.compile(
    r"(?:还|都|仍然?|之?内|里)*(?:没|未|不)有?(?:回|消息|动静|反应|答复|音|信|理)|(?:without|with no|and no) (?:an? )?(?:answer|reply|response|news|word)"
)
"""What makes "three days" a time to wait."""
_PUT_OFF = re.compile(
    r"(?:(?<![天午])晚|缓|拖|推后|往后推|顺延|延期|延迟|延后|推迟|宽限|再给[他她你]们?|再放|先放)$|(?:(?:leave|hold|give|push|put|move)(?: off)?(?: (?:it|that|this|them|him|her))?(?: back| off)?|(?:postpone|delay|defer)(?: (?:it|that|this))?(?: by)?|(?:push|move|put) (?:it|that|this) (?:back|off) by)$"
)
_DID = re.compile(
    r"(?<![a-z])(?:replied|answered|came back|delivered|shipped|paid|took|done|finished|arrived|sold)(?: us| me| it| them)?$"
)
_NEAR = 60
"""Characters around a piece of time that are looked at."""


@dataclass(frozen=True)
class Cluster:
    """Pieces of time that together say one time."""

    atoms: tuple[Atom, ...]
    pieces: tuple[tuple[int, int], ...] = ()
    """Where it stands, when its day and its hour stand apart."""

    @property
    def start(self) -> int:
        """Where it begins in the folded text."""
        return self.atoms[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.atoms[-1].end

    def of(self, *kinds: str) -> Atom | None:
        """The first piece of one of these kinds."""
        return next((atom for atom in self.atoms if atom.kind in kinds), None)

    @property
    def day(self) -> bool:
        """Whether it says a day."""
        return any(
            atom.kind in DAY_KINDS or (atom.kind == "span" and atom.side != "bare" and atom.name != "minutes")
            for atom in self.atoms
        )

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """All the stretches of text it stands in."""
        return self.pieces or ((self.start, self.end),)

    @property
    def clock_only(self) -> bool:
        """Whether it says a time of day and no day."""
        return all(
            (atom.kind in ("clock", "part") and atom.side != "today")
            or (atom.kind == "span" and atom.name == "minutes" and atom.side == "before")
            for atom in self.atoms
        )


def lead(text: str, at: int) -> str:
    """What stands right before a place: enough for a cue, and never so much that long texts take long."""
    return text[max(0, at - _NEAR) : at]


def atoms_of(text: str) -> list[Atom]:
    """The pieces of time in a folded text, in order, none over another."""
    counted = [
        atom
        for rule in SPANS
        for m in rule.regex.finditer(text)
        if (atom := rule.build(m)) and atom.kind == "span" and atom.side in ("before", "after")
    ]
    found: list[tuple[int, int, Atom]] = [(-999, 0, _trimmed(text, atom)) for atom in counted]
    for atom in counted:  # "two days before Christmas": the preposition is the amount's, not the feast's
        text = text[: atom.start] + "\x01" * (atom.end - atom.start) + text[atom.end :]
    for order, rule in enumerate(_RULES):
        for match in rule.regex.finditer(text):
            if match.end() > match.start():
                atom = rule.build(match)
                if atom is not None:
                    found.append((-(match.end() - match.start()), order, _trimmed(text, atom)))
    found.sort(key=lambda item: item[:2])
    taken = bytearray(len(text))
    kept: list[Atom] = []
    for _, _, atom in found:
        if not any(taken[atom.start : atom.end]):
            taken[atom.start : atom.end] = b"\1" * (atom.end - atom.start)
            kept.append(atom)
    return sorted(kept, key=lambda atom: atom.start)


def clusters_of(text: str) -> list[Cluster]:
    """The times a folded text speaks of, in order."""
    atoms = [atom for atom in atoms_of(text) if not is_name(text, atom)]
    groups: list[list[Atom]] = []
    for atom in atoms:
        if groups and _joined(text, groups[-1], atom):
            groups[-1].append(atom)
        else:
            groups.append([atom])
    return [Cluster(tuple(group)) for group in (_sound(text, g) for g in groups) if group]


def names_in(text: str) -> list[tuple[int, int]]:
    """The places of a folded text that only look like time: they are read, and are none."""
    return [(atom.start, atom.end) for atom in atoms_of(text) if is_name(text, atom)]


def _trimmed(text: str, atom: Atom) -> Atom:
    start, end = atom.start, atom.end
    while start < end and text[start] in " ,，、\n":
        start += 1
    while end > start and text[end - 1] in " ,，、\n":
        end -= 1
    return replace(atom, start=start, end=end)


def _joined(text: str, group: list[Atom], atom: Atom) -> bool:
    gap = text[group[-1].end : atom.start]
    if len(gap) > 40 or not _GLUE.fullmatch(gap) or "\n" in gap:
        return False
    kinds = {one.kind for one in group}
    if _SAID.search(gap) or ("," in gap and text[group[-1].start : group[-1].end] in ("上班", "下班", "开工")):
        return False
    if "," in gap and atom.kind in DAY_KINDS and DENIED.search(lead(text, group[0].start)):  # "not tomorrow, Monday"
        return False
    if atom.kind == "span" and atom.side == "bare" and "feast" not in kinds:
        return False
    if atom.kind != "feast" and any(one.kind == "span" and one.side == "bare" for one in group):
        return False
    if atom.kind in kinds and atom.kind != "part":
        return False
    both = (*group, atom)
    if any(one.kind == "span" and one.side == "in" for one in both) and not {one.kind for one in both} <= {
        "span",
        "weekday",
        "clock",
        "part",
    }:
        return False
    if atom.kind in DAY_KINDS and (days := kinds & DAY_KINDS):
        return {*days, atom.kind} in _TOGETHER
    if atom.kind == "shift" and re.search(r"[,，]", gap):
        return False
    if "vague" in kinds:
        return False
    return not (atom.kind == "vague" and kinds)


def _sound(text: str, group: list[Atom]) -> list[Atom]:
    """The pieces of a cluster that hold there; the doubtful ones only beside others, behind a preposition, or alone."""
    kept: list[Atom] = []
    for atom in group:
        others = [one for one in group if one is not atom]
        before, after = lead(text, atom.start).rstrip(), text[atom.end : atom.end + _NEAR].lstrip()
        alone = not after.strip(" .!?,。，！？") or (not before and CUE_AFTER.match(after))
        if atom.side == "beside":
            if not kept or text[kept[-1].end : atom.start].strip(" ,"):
                continue
        elif atom.kind == "clock" and atom.side in ("weak", "digit"):
            supported = any(
                one.kind in DAY_KINDS or one.kind in ("part", "shift") or (one.kind == "span" and one.side == "in")
                for one in others
            )
            cue = (
                CUE_AFTER.match(after)
                or CUE_BEFORE.search(lead(text, atom.start))
                or DENIED.search(before)
                or before.endswith("改")
                or re.match(r"(?:之?前|左右|以后|之后|整|到|多|来钟)", after)
            )
            whole = (not before or before[-1] in ",;。，") and not after.strip(" .!?。！？吧好了行")
            if not (
                supported
                or cue
                or whole
                or (atom.side == "digit" and not re.match(r"[\u4e00-\u9fff]{0,2}(?:意见|建议|要求|问题|说明|原因)", after))
            ):
                continue
        elif atom.kind == "month" and text[atom.end - 1] in "月的" and not atom.side and not others:
            cue = (
                CUE_AFTER.match(after)
                or re.search(r"(?:到|等|在|于|最晚|最迟|明年|今年)$", before)
                or re.match(r"[,。]|之?[前后]|以[前后]|左右|再", after)
            )
            if not (alone or cue):
                continue
        elif atom.kind == "weekday" and atom.side == "doubtful":
            preposition = re.match(r"[-/]\s?[a-z]{3}", after) or re.search(
                r"(?:\b(?:on|by|until|till|before|next|this|for|me|every|to|from|or|and)|[,:])$", before
            )
            if not (others or alone or preposition):
                continue
        elif (atom.kind == "span" and _DID.search(before) and not others) or (
            atom.kind == "span" and atom.side == "bare" and not _bare_counts(text, atom, others)
        ):
            continue
        kept.append(atom)
    return kept


def _bare_counts(text: str, atom: Atom, others: list[Atom]) -> bool:
    """Whether "3 days" without "in" or "later" is a time: alone, behind a cue, or last after a comma."""
    if any(one.kind == "feast" for one in others):
        return True
    before, after = lead(text, atom.start).strip(), text[atom.end : atom.end + _NEAR].strip(" .!?。！？")
    if _SILENCE.match(after):
        return True
    if re.search(r"(?:改成|改为|改到|change|set|schedule)\W*(?:\w+\W*)?$", before):
        return False
    if _PUT_OFF.search(before):
        return True
    if not after and (not before or before[-1] in ",:，：;-。."):
        return True
    return bool(CUE_BEFORE.search(lead(text, atom.start))) or bool(CUE_AFTER.match(text[atom.end :]))
