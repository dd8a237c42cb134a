"""Does a message answer what was asked about a follow-up in the making, or is it something of its own?"""

from __future__ import annotations

import re

from bot.conversations.followup_many_words import wish
from bot.conversations.turn import SURELY_ELSEWHERE, Turn
from bot.intents.normalise import normalise

_STOP = re.compile(
    r"(?:never ?mind|forget (?:it|about it)|stop|cancel(?: (?:it|that))?|no,? thanks?|drop it|算了|不用了|不要了|取消|停|别记了|不记了|不提醒了)[.!。！]*"
)
QUESTION = re.compile(
    r"[?？]\s*$|^(?:why|what|how|who|when|should|can|could|is|are|do|does)\b.{12,}|为什么|怎么(?!样的)|要不要|能不能"
)
_THIS = re.compile(
    r"(?:please )?(?:cancel|drop|forget) (?:the|this|that) (?:reminder|follow[ -]?up|one)|(?:请|帮我)?(?:取消|不要)(?:这个|这条|这次)?的?(?:提醒|跟进)(?:了|吧)?"
)
_TELLS = re.compile(
    r"(?:.{1,30} )?(?:ha(?:s|ve) |'ve |'s )?(?:just |already |finally )?(?:replied|answered|responded|wrote back|got back(?: to (?:me|us))?|called(?: (?:me|us|them|him|her))?(?: back)?|(?:is|are) (?:done|settled|closed))|done|all done|settled"
    r"|(?:(?:please |can you )?(?:show|list|see|give)\b.*|list|(?:my |the )?(?:list|reminders|follow[ -]?ups)|what(?:'s| is) on my list|(?:what|which|anything|is there|are there)\b.*\b(?:open|left|pending|due|waiting|outstanding|todo|reminders|follow[ -]?ups)\b.*)"
    r"|.{0,12}(?:回复|回信|答复|回|搞定|完成|办完|办好|打过?电话|结束)了|(?:请|帮我)?(?:列一下|列出|列表|看一下|查看|看看).{0,10}|(?:还有|现在有|目前有|我有)?(?:哪些|什么|几件|多少).{0,12}(?:没|未|跟进|提醒|待办).{0,6}"
)
"""A whole message that tells or asks about reminders that are noted; a subject ("list of parts", 回复样品) is none."""
_OF_OTHERS = ("followup-list", "followup-done", "followup-cancel")
_OURS = (
    "followup-create",
    "followup-snooze",
    *_OF_OTHERS,
    "quiet-hours",
    "mail-address",
    "zone",
    "thanks",
    "greeting",
    "feedback",
)
_HERE = frozenset(_OURS) - frozenset(_OF_OTHERS)
"""What may still answer a question for a time; the others are about what is noted already."""


def leaves(text: str) -> bool:
    """Whether a message says to make none, or to leave the one that is there as it was."""
    found = wish(text)
    return bool(_STOP.fullmatch(normalise(text)) or (found and found.action == "cancel" and not found.places))


def leaves_making(text: str) -> bool:
    """The same of one in the making, where "cancel the reminder" can mean no other."""
    return leaves(text) or _THIS.fullmatch(re.sub(r"[\s.!。]+$", "", normalise(text))) is not None


def about_others(turn: Turn, text: str, asks: str) -> bool:
    """Whether it surely tells or asks about what is noted already ("they replied", "what is open?"): never a name or a time."""
    if turn.understood is None or turn.understood.decision != "sure":
        return False
    if asks in ("when", "which"):
        return turn.understood.intent not in _HERE
    sure = turn.understood.intent in _OF_OTHERS and turn.confidence_in_first >= SURELY_ELSEWHERE
    return sure and _TELLS.fullmatch(re.sub(r"[\s.!?。！？]+$", "", normalise(text))) is not None


def elsewhere(turn: Turn, text: str) -> bool:
    """Whether it is a question of its own rather than an answer."""
    meant = turn.understood.intent if turn.understood else None
    sure = turn.confidence_in_first >= SURELY_ELSEWHERE and meant not in (None, *_OURS)
    return bool(
        sure
        and (
            QUESTION.search(text.strip())
            or len(text.split()) > 6
            or (len(text) > 14 and not text.isascii())
            or meant in ("help", "delete-my-data", "language")
        )
    )
