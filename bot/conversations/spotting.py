"""Which tactics are in a message that somebody else wrote? Several cards at once, each with the sentence it was seen in.

`spot` thinks, without a database; `show` makes the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversations import unanswered
from bot.conversations.answer import choice, unknown
from bot.conversations.turn import Turn
from bot.conversations.words import say
from bot.intents.match import Matcher
from bot.messages import LONGEST_UTTERANCE, Card, Choice
from knowledge.load import KnowledgeBase

MOST_SENTENCES = 12
"""That are understood one by one: about 10 ms of CPU each."""
MOST_SEEN = 3
FEWEST_CHARACTERS = 8
WORTH_SHOWING = 0.4
"""From this probability on a card is named, also where the matcher would rather ask back."""
_SENTENCE = re.compile(r"[^.!?。！？；\n]+[.!?。！？；]*")


@dataclass(frozen=True)
class Seen:
    """One card that fits, how probably, and the words it was seen in (empty: the whole message)."""

    card: str
    probability: float
    words: str


def spot(matcher: Matcher, kb: KnowledgeBase, text: str) -> list[Seen]:
    """The cards that fit a message or one of its sentences, the most probable first, at most MOST_SEEN."""
    text = text[:LONGEST_UTTERANCE]
    sentences = [found.group().strip() for found in _SENTENCE.finditer(text)]
    sentences = [sentence for sentence in sentences if len(sentence) >= FEWEST_CHARACTERS][:MOST_SENTENCES]
    best: dict[str, Seen] = {}
    for words in [text] if len(sentences) < 2 else [*sentences, text]:
        understood = matcher.understand(words)
        if understood.decision == "unknown":
            continue
        for candidate in understood.candidates[:2]:
            known = best.get(candidate.intent)
            if candidate.intent not in kb.cards or candidate.probability < WORTH_SHOWING:
                continue
            if known is None or (candidate.probability > known.probability and words is not text):
                best[candidate.intent] = Seen(candidate.intent, candidate.probability, "" if words is text else words)
    return sorted(best.values(), key=lambda seen: -seen.probability)[:MOST_SEEN]


def show(turn: Turn, seen: Sequence[Seen]) -> None:
    """Say what was seen, each with its verdict, and offer the cards and the first one's flow; or that nothing was."""
    turn.state.said, turn.state.likely, turn.state.asked = unanswered.strip(turn.inbound.text), turn.likely, None
    if not seen:
        turn.decision, turn.state.card = "unknown", None
        turn.show(unknown(turn.kb, turn.lang))
        return
    lines = [_line(turn, each) for each in seen]
    choices = [choice(turn.kb, each.card, turn.lang) for each in seen]
    first = turn.kb.cards[seen[0].card]
    if first.flow in turn.kb.flows:
        title = say("flow.start", turn.lang, title=getattr(turn.kb.flows[first.flow].title, turn.lang))
        choices.append(Choice(id=f"flow:{first.flow}", title=title))
    turn.intent = turn.state.card = first.id
    turn.confidence = seen[0].probability
    turn.show(
        Card(
            id="spotted",
            kind="choices",
            lang=turn.lang,
            title=say("spotted.title", turn.lang),
            text="\n\n".join([*lines, say("spotted.open", turn.lang)]),
            choices=choices,
        )
    )


def _line(turn: Turn, seen: Seen) -> str:
    card, zh = turn.kb.cards[seen.card], turn.lang == "zh"
    quote = (f"“{seen.words}”\n" if seen.words else "") if not zh else (f"「{seen.words}」\n" if seen.words else "")
    return f"{quote}{turn.kb.title(seen.card, turn.lang)}{'：' if zh else ': '}{getattr(card.verdict, turn.lang)}"
