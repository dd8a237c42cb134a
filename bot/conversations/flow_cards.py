"""How do a flow's question and its outcome look? Cards in one language, for every channel. Pure."""

from __future__ import annotations

from bot.conversations.flow import Outcome
from bot.conversations.words import say
from bot.messages import Card, Choice, Lang, Ready, Remark
from knowledge.flow_schema import UNKNOWN, Fact, Flow

MOST_EXAMPLES = 4


def question(flow: Flow, fact: Fact, lang: Lang, *, note: str = "", first: bool, answered: bool) -> Card:
    """One question with its values as choices, "don't know", and the ways back and out.

    `note` stands before the question; `first` leaves out "back", `answered` offers a verdict at once.
    """
    choices = [Choice(id=f"fact:{flow.id}:{fact.id}:{value.id}", title=getattr(value.label, lang)) for value in fact.values]
    choices.append(
        Choice(id=f"fact:{flow.id}:{fact.id}:{UNKNOWN}", title=say("flow.unknown" if fact.values else "flow.skip", lang))
    )
    steps = ["why", *([] if first else ["back"]), *(["verdict"] if answered else []), "stop"]
    choices += [Choice(id=f"step:{step}", title=say(f"flow.{step}", lang)) for step in steps]
    hint = getattr(fact.hint, lang) if fact.hint and not fact.values else ""
    text = "\n\n".join(part for part in (note, getattr(fact.question, lang), hint) if part)
    return Card(
        id=f"{flow.id}.{fact.id}", kind="question", lang=lang, title=getattr(flow.title, lang), text=text, choices=choices
    )


def result(flow: Flow, outcome: Outcome, lang: Lang, *, note: str = "", more: bool) -> Card:
    """The verdict with reasons, conditions, words and the page to forward; a planner's document.

    `more` offers to go on asking.
    """
    choices = [Choice(id="flow:more", title=say("flow.more", lang))] if more else []
    choices += [Choice(id=f"step:{step}", title=say(f"flow.{step}", lang)) for step in ("back", "restart")]
    so_far = say("flow.provisional", lang) if outcome.verdict and outcome.provisional else ""
    return Card(
        id=f"{flow.id}.result",
        kind="result",
        lang=lang,
        title=getattr(flow.title, lang),
        verdict=outcome.text,
        verdict_kind=outcome.verdict or "",
        verdict_label=outcome.label,
        signal=outcome.signal,  # type: ignore[arg-type]
        text="\n\n".join(part for part in (note, so_far, outcome.because) if part),
        because=[Remark(text=r["text"], claims=r["claims"], note=r.get("note", "")) for r in outcome.reasons],
        conditions=outcome.conditions,
        say=[Ready(**line) for line in outcome.say],
        document=outcome.document,
        choices=choices,
    )


def examples(fact: Fact, lang: Lang) -> str:
    """Some answers that would be understood."""
    if not fact.values:
        return getattr(fact.hint, lang) if fact.hint else ""
    return ("、" if lang == "zh" else ", ").join(getattr(value.label, lang) for value in fact.values[:MOST_EXAMPLES])
