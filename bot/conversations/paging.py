"""What if an answer is longer than the one message a channel allows? The first page now, the rest on "more" (继续)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channel import Limits
from bot.conversations.answer import notice
from bot.conversations.inbox import State
from bot.conversations.turn import Turn
from bot.conversations.words import say
from bot.delivery import held
from bot.messages import Card, Lang
from bot.outline import plain, split
from bot.people import linking
from knowledge.text import bare

HINT_ROOM = 100
"""Bytes or characters kept free for the line that says how to read on."""
_MORE = {
    *("继续", "继续看", "请继续", "接着看", "接着说", "往下", "看下文", "下文", "后面呢", "还有呢", "下一页", "下一段", "更多"),
    *("more", "continue", "go on", "next", "next page", "read on", "keep going", "jixu"),
}


def asks_for_more(state: State, text: str) -> bool:
    """Whether these words ask for the next page of what lies before the person."""
    return bool(state.rest) and len(text) <= 20 and bare(text) in _MORE


def read_on(turn: Turn) -> None:
    """The next page of what lies before them; what a number means stays as it was."""
    kept = turn.state.choices
    turn.intent = turn.state.card
    text, *turn.state.rest = turn.state.rest
    turn.show(_page(text, "more", turn.state, turn.lang))
    turn.state.choices = kept
    turn.paged = True


def fit(turn: Turn, limits: Limits) -> None:
    """With what had to wait for them to speak, and in as many messages as the channel allows."""
    if not limits.may_speak_first and (waited := held.take(turn.session, turn.address.id, turn.now)):
        turn.cards = [notice("held", turn.lang), *waited, *_another_way(turn), *turn.cards]
        turn.state.choices = turn.state.choices or [(choice.id, choice.title) for choice in waited[-1].choices]
    if limits.one_message and not turn.paged:
        turn.cards = fitted(turn.cards, turn.state, turn.lang, limits)


def _another_way(turn: Turn) -> list[Card]:
    """An offer of another channel, to who has none on which we may speak first."""
    mine = [turn.limits(address.channel) for address in linking.addresses(turn.session, turn.person.id)]
    return [] if any(limits and limits.may_speak_first for limits in mine) else [notice("held.link", turn.lang)]


def fitted(cards: Sequence[Card], state: State, lang: Lang, limits: Limits) -> list[Card]:
    """The cards as one message; when they are too long, their first page, and the others kept in `state.rest`.

    Only the choices that a number means now are shown.
    """
    offered = [choice for choice, _ in state.choices]
    shown = [card if [c.id for c in card.choices] == offered else card.model_copy(update={"choices": []}) for card in cards]
    state.rest = []
    if limits.size("\n\n".join(map(plain, shown))) <= limits.longest_text:
        return shown
    pages = split("\n\n".join(map(plain, shown)), limits.longest_text - HINT_ROOM, limits.size)
    state.rest = pages[1:]
    return [_page(pages[0], cards[0].id, state, lang)]


def _page(text: str, name: str, state: State, lang: Lang) -> Card:
    hint = f"\n\n{say('more', lang, number=len(state.rest))}" if state.rest else ""
    return Card(id=name, kind="notice", lang=lang, text=text + hint)
