"""A flow as one form, for channels that have forms: its questions, and all answers at once.

A submitted form is a choice like any other, `form:FLOW:VALUES`: one letter or number a fact in the flow's order, so
that it fits where choices fit; `-` is left open.
"""

from __future__ import annotations

from bot.conversations import flow as thinking
from bot.conversations import flow_talk
from bot.conversations.flow_progress import Progress
from bot.conversations.turn import Turn
from bot.messages import Lang
from knowledge.flow_schema import Fact, Flow
from knowledge.load import KnowledgeBase

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def questions(kb: KnowledgeBase, flow_id: str, lang: Lang) -> tuple[str, list[tuple[str, str, list[tuple[str, str]]]]] | None:
    """(title, [(fact, question, [(value, label)])]) of what can be chosen; None when it cannot be asked as a form."""
    flow = kb.flows.get(flow_id)
    if flow is None or not (facts := [fact for fact in flow.facts if _chosen_from(fact)]):
        return None
    asked = [
        (fact.id, getattr(fact.question, lang), [(value.id, getattr(value.label, lang)) for value in fact.values])
        for fact in facts
    ]
    return getattr(flow.title, lang), asked


def choice(kb: KnowledgeBase, flow_id: str, given: dict[str, str]) -> str:
    """The choice that these answers are; what the flow does not know is left out."""
    flow = kb.flows.get(flow_id)
    if flow is None:
        return f"form:{flow_id}:"
    marks = [_mark(fact, given.get(fact.id)) for fact in flow.facts]
    return f"form:{flow_id}:{''.join(marks)}"


def press(turn: Turn, value: str) -> bool:
    """Take a submitted form and tell the verdict on it. False when the flow has changed since or nothing was chosen."""
    flow_id, _, marks = value.partition(":")
    flow = turn.kb.flows.get(flow_id)
    facts = _facts(flow, marks) if flow else None
    if flow is None or not facts:
        return False
    agreed, _ = thinking.agreeing(flow, {}, facts)
    if not agreed:  # they contradict each other: one question at a time finds out
        flow_talk.start(turn, flow.id)
        return True
    turn.state.card = flow.card
    flow_talk.tell(turn, flow, Progress(flow.id, facts=agreed, asked=list(agreed), answered=True))
    return True


def _chosen_from(fact: Fact) -> bool:
    return 0 < len(fact.values) <= len(_DIGITS)


def _mark(fact: Fact, value: str | None) -> str:
    ids = [each.id for each in fact.values]
    return _DIGITS[ids.index(value)] if value in ids and _chosen_from(fact) else "-"


def _facts(flow: Flow, marks: str) -> dict[str, str] | None:
    if len(marks) != len(flow.facts):
        return None
    found: dict[str, str] = {}
    for fact, mark in zip(flow.facts, marks, strict=True):
        place = _DIGITS.find(mark)
        if mark != "-" and not 0 <= place < len(fact.values):
            return None
        if mark != "-":
            found[fact.id] = fact.values[place].id
    return found
