"""How does a decision flow run in a conversation? One question at a time, from the opening message to a verdict.

The thinking is in `flow` and `flow_answers`, which are pure; here is what is asked next, what an answer changes,
and what people see. The whole progress is a small dictionary in the conversation's state, so a flow goes on after a
restart, and ends with the conversation.
"""

from __future__ import annotations

from typing import Any

from bot.conversations import flow as thinking
from bot.conversations.answer import notice
from bot.conversations.flow_answers import Answer, facts_from, understand_answer
from bot.conversations.flow_cards import examples, question, result
from bot.conversations.flow_progress import Progress
from bot.conversations.flow_steps import asks, corrects, steering
from bot.conversations.turn import Turn
from bot.conversations.words import say
from bot.messages import Choice
from knowledge.flow_schema import UNKNOWN, Fact, Flow


def start(turn: Turn, flow_id: str, opening: str = "") -> None:
    """Begin a flow, with the facts that the opening message already says."""
    flow = turn.kb.flows[flow_id]
    progress = Progress(flow_id, facts=thinking.agreeing(flow, {}, facts_from(flow, opening, turn.lang))[0])
    turn.state.card = flow.card
    turn.intent = turn.intent or flow.card
    _go_on(turn, flow, progress)


def start_from(turn: Turn, card_id: str, text: str) -> bool:
    """Begin the card's flow under the card when the message gives any fact; whether it did."""
    flow = turn.kb.flows.get(turn.kb.cards[card_id].flow or "")
    if flow is None or flow.kind == "planner" or flow.card != card_id or not facts_from(flow, text, turn.lang):
        return False
    start(turn, flow.id, text)
    return True


def answer(turn: Turn, progress: Progress, text: str) -> bool:
    """Take an answer to the question asked. False when it does not look like one: then nothing has changed."""
    flow = turn.kb.flows[progress.flow]
    if progress.current is None:
        return _take_up(turn, flow, progress, text)
    return _take(turn, flow, progress, understand_answer(flow, progress.current, text, turn.lang))


def leave(turn: Turn) -> Choice | None:
    """Put a running flow aside for another question; the way back to it, when something was answered already."""
    progress = Progress.of(turn)
    if progress is None or not progress.answered or not (progress.current or progress.paused):
        turn.state.flow = None
        return None
    progress.paused, progress.current = progress.current or progress.paused, None
    progress.keep(turn)
    return _way_back(turn, progress)


def offer_way_back(turn: Turn) -> None:
    """Add a way back to the question a flow waits with, when something else was done in between; it waits on."""
    progress = None if turn.erased else Progress.of(turn)
    if progress and progress.current and turn.cards and turn.cards[-1].kind not in ("question", "advice"):
        card = turn.cards[-1]
        choices = [*card.choices, _way_back(turn, progress)]
        turn.cards.pop()
        turn.show(card.model_copy(update={"choices": choices}))


def _way_back(turn: Turn, progress: Progress) -> Choice:
    flow = turn.kb.flows[progress.flow]
    return Choice(id="flow:resume", title=say("flow.resume", turn.lang, title=getattr(flow.title, turn.lang)))


def unclear(turn: Turn, progress: Progress) -> None:
    """An answer that fits no value: ask once again with examples, then take it as "don't know"."""
    flow = turn.kb.flows[progress.flow]
    assert progress.current is not None
    if progress.unclear:
        _learn(turn, flow, progress, {progress.current: UNKNOWN}, say("flow.taken-as-unknown", turn.lang))
        return
    progress.unclear += 1
    fact = flow.fact(progress.current)
    turn.intent = flow.card
    _ask(turn, flow, progress, fact, say("flow.again", turn.lang, examples=examples(fact, turn.lang)))


def press(turn: Turn, progress: Progress | None, choice: str) -> bool:
    """A button of a flow: `flow:ID`, `flow:more`, `fact:FLOW:FACT:VALUE`, `step:back` and so on. False for an old one."""
    kind, _, value = choice.partition(":")
    if kind == "flow" and value in turn.kb.flows:
        start(turn, value, turn.state.said if turn.kb.flows[value].card == turn.state.card else "")
        return True
    if progress is None:
        return False
    flow = turn.kb.flows[progress.flow]
    if kind == "flow" and value == "resume" and (fact := progress.current or progress.paused):
        turn.state.card = flow.card
        _ask(turn, flow, progress, flow.fact(fact))
        return True
    if kind == "flow" and value == "more":
        progress.since = 0
        _go_on(turn, flow, progress, keep_asking=True)
        return True
    if kind == "fact":
        flow_id, _, rest = value.partition(":")
        fact_id, _, chosen = rest.partition(":")
        if flow_id != flow.id or fact_id not in {fact.id for fact in flow.facts} or chosen not in flow.fact(fact_id).domain:
            return False
        _learn(turn, flow, progress, {fact_id: chosen})
        return True
    steps = {"back": "back", "why": "why", "stop": "stop", "restart": "restart", "verdict": "verdict"}
    return kind == "step" and value in steps and _take(turn, flow, progress, Answer(steps[value]))  # type: ignore[arg-type]


def asks_now(turn: Turn) -> dict[str, Any] | None:
    """What is asked now, as the API tells it; None when nothing is, or when other cards were shown since."""
    progress = Progress.of(turn)
    if progress is None or progress.current is None or not turn.cards or turn.cards[-1].kind != "question":
        return None
    flow = turn.kb.flows[progress.flow]
    fact = flow.fact(progress.current)
    values = [{"id": value.id, "label": getattr(value.label, turn.lang)} for value in fact.values]
    return {"flow": flow.id, "fact": fact.id, "question": getattr(fact.question, turn.lang), "values": values}


def _take_up(turn: Turn, flow: Flow, progress: Progress, text: str) -> bool:
    """Go on with a flow that asks nothing now, being put aside or at its verdict: a step, or a fact that has changed."""
    if not any(choice.startswith(("step:", "flow:")) for choice, _ in turn.state.choices):
        return False  # something else has been shown since
    kind = steering(text)
    if kind == "back" and progress.paused:
        _ask(turn, flow, progress, flow.fact(progress.paused))
        return True
    if kind in ("back", "restart", "verdict"):
        return _take(turn, flow, progress, Answer(kind))
    sure = turn.understood is not None and turn.understood.decision == "sure" and turn.understood.intent != flow.card
    said = {} if asks(text) or (sure and not corrects(text)) else facts_from(flow, text, turn.lang)
    if said.keys() & (progress.facts.keys() | {progress.paused}):
        progress.current = progress.paused
        _learn(turn, flow, progress, said)
        return True
    return False


def _take(turn: Turn, flow: Flow, progress: Progress, given: Answer) -> bool:
    turn.intent = flow.card
    extra, _ = thinking.agreeing(flow, progress.facts, given.extra)
    handled = True
    if given.kind == "value" and given.value is not None:
        _learn(turn, flow, progress, {**extra, str(progress.current): given.value})
    elif given.kind == "dont_know":
        _learn(turn, flow, progress, {**extra, str(progress.current): UNKNOWN})
    elif given.kind == "why" and progress.current:
        fact = flow.fact(progress.current)
        _ask(turn, flow, progress, fact, getattr(fact.why, turn.lang))
    elif given.kind == "back":
        _back(turn, flow, progress)
    elif given.kind == "restart":
        start(turn, flow.id)
    elif given.kind == "stop":
        turn.state.flow = None
        turn.show(notice("flow.stopped", turn.lang, choices=[Choice(id=f"flow:{flow.id}", title=say("flow.restart", turn.lang))]))
    elif given.kind == "verdict":
        tell(turn, flow, progress)
    elif given.extra:  # nothing about this question, but something about others: keep it and ask again
        progress.facts |= extra
        _go_on(turn, flow, progress)
    else:
        handled = False
    return handled


def _learn(turn: Turn, flow: Flow, progress: Progress, facts: dict[str, str], note: str = "") -> None:
    """Add what was said; where it contradicts what was said before, the newest word holds and that is said."""
    agreed, dropped = thinking.agreeing(flow, progress.facts, facts)
    if dropped:
        names = "、" if turn.lang == "zh" else ", "
        note = say(
            "flow.contradiction", turn.lang, names=names.join(getattr(flow.fact(name).name, turn.lang) for name in dropped)
        )
    progress.facts = {name: value for name, value in progress.facts.items() if name not in dropped} | agreed
    progress.answered, progress.unclear = True, 0
    if progress.current in agreed or progress.current is None:
        progress.since += 1
    _go_on(turn, flow, progress, note=note)


def _go_on(turn: Turn, flow: Flow, progress: Progress, *, note: str = "", keep_asking: bool = False) -> None:
    fact = thinking.next_fact(flow, progress.facts)
    if fact is None or (not keep_asking and thinking.time_for_verdict(flow, progress.facts, progress.since)):
        tell(turn, flow, progress, note)
    else:
        _ask(turn, flow, progress, fact, note)


def _ask(turn: Turn, flow: Flow, progress: Progress, fact: Fact, note: str = "") -> None:
    turn.intent = flow.card
    progress.current, progress.paused = fact.id, None
    progress.asked = [*(name for name in progress.asked if name != fact.id), fact.id]
    progress.keep(turn)
    turn.show(question(flow, fact, turn.lang, note=note, first=len(progress.asked) == 1, answered=progress.answered))


def _back(turn: Turn, flow: Flow, progress: Progress) -> None:
    """To the question before this one, its answer forgotten; from a verdict, to the last question."""
    before = [name for name in progress.asked if name != progress.current]
    if not before:
        start(turn, flow.id)
        return
    for name in (before[-1], progress.current):
        progress.facts.pop(name or "", None)
    progress.asked = before[:-1]
    _ask(turn, flow, progress, flow.fact(before[-1]))


def tell(turn: Turn, flow: Flow, progress: Progress, note: str = "") -> None:
    """Show the verdict on what is known."""
    outcome = thinking.evaluate(flow, progress.facts, turn.lang)
    turn.intent = flow.card
    progress.current, progress.since = None, 0
    progress.keep(turn)
    turn.result = outcome.as_dict()
    more = bool(outcome.verdict) and any(name not in progress.facts for name in outcome.missing)
    turn.show(result(flow, outcome, turn.lang, note=note, more=more))
