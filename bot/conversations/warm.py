"""What would the first answer otherwise wait for?"""

from __future__ import annotations

from bot.conversations.flow_answers import facts_from
from bot.conversations.flow_votes import vote
from bot.followups.times_lex import atoms_of
from knowledge.load import KnowledgeBase


def warm(kb: KnowledgeBase) -> None:
    """Count the words of the flows and compile the rules of time: 3 s together.

    An answer to a flow is read while the conversation is locked, on SQLite the whole database.
    """
    for flow in kb.flows.values():
        facts_from(flow, "warm")
        for fact in flow.facts[:1]:
            vote(flow, fact.id, "warm")
    atoms_of("warm")
