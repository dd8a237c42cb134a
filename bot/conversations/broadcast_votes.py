"""A reader presses a button under a broadcast: useful, not for them, or no more of any."""

from __future__ import annotations

from bot.broadcasts import votes
from bot.conversations.broadcast_words import say
from bot.conversations.turn import Turn
from bot.messages import Card


def press(turn: Turn, value: str) -> bool:
    """Keep it and say so; False when it means nothing here. What a number refers to stays as it was."""
    word, _, run = value.partition(":")
    said = votes.said(turn.session, turn.person, word, run, turn.now)
    if said is None:
        return False
    name = {"stop": "stopped", "test": "only-test"}.get(said, "voted")
    choices = turn.state.choices
    turn.show(Card(id=f"broadcast-{name}", kind="notice", lang=turn.lang, text=say(name, turn.lang)))
    turn.state.choices = choices
    turn.intent = "tip-unsubscribe" if said == "stop" else "feedback"
    return True
