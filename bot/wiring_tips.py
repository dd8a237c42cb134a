"""The tips' part of the composition root: the sweep over weekly tips, with what conversations know. Beside bot/wiring."""

from __future__ import annotations

from bot.broadcasts.tips_due import Due
from bot.conversations.asked import asked_lately
from bot.followups.rules import Rules
from knowledge.load import KnowledgeBase


def due_tips(kb: KnowledgeBase, rules: Rules) -> Due:
    """The sweep over everybody's weekly tips."""
    return Due(kb, rules, asked_lately)
