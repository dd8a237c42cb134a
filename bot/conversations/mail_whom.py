"""Whom do a few words name? Asked of what is typed when a copied mail names no counterpart, and of nothing else.

The question comes unasked, so that the next words may as well be a matter of their own: what is not surely somebody is
left to be understood as usual.
"""

from __future__ import annotations

import re

from bot.conversations.flow_progress import Progress
from bot.conversations.followup_aside import QUESTION, about_others, elsewhere
from bot.conversations.followup_make import wanted
from bot.conversations.small_talk import only_heard
from bot.conversations.turn import Turn
from bot.followups import contacts
from bot.followups.copied import secret_address
from bot.followups.slots import bare_answer, slots_of

_LETTERS = re.compile(r"[^\W\d_]{2}")
_ROLE = r"(?:buyer|client|customer|supplier|vendor|factory|agent|partner|distributor|bank|lawyer|manager|director|team|boss)s?"
_NAMED = re.compile(
    r"^(?:(?i:mr|mrs|ms|miss|dr|prof|madam|director|manager|president)\.? .+"
    r"|(?:(?:[A-Z][\w'’.&-]*|at|of|from|in|and|de|van|von)(?:[ ,]+|$))+"
    rf"|(?i:the|our|my|their) (?:[\w&-]+ ){{0,3}}{_ROLE}(?: (?:at|from|in) .+)?"
    r"|.{0,6}(?:客户|买家|卖家|供应商|工厂|厂家|代理商?|经销商|采购|对方|客人))$"
)
_SURELY = re.compile(r"^.{1,10}(?:总|总监|经理|先生|女士|小姐|主任|部长|厂长|老师|博士|教授|律师|老板|工程师)$")
"""Somebody, where the words might mean a matter too; and even where they surely seem to."""
_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?(?:[iu]?ang?|[iu]?eng?|[iu]ng?"
    r"|i?ong|i?ao|u?ai|[ei]|[eu]i|ia|ie|i?ou|iu|uo|ua|ue|[aouv])"
)
_PINYIN = re.compile(rf"(?:{_SYLLABLE}){{1,2}}(?: (?:{_SYLLABLE}){{1,2}}){{1,2}}", re.IGNORECASE)
_FOLLOW = re.compile(r"^(?:please )?follow(?: |-)?up with |^(?:请|帮我)?跟进(?:一下)?", re.IGNORECASE)
_EMAIL = re.compile(r"<?([^@\s<>\",;|:，；（）()]{1,64}@[\w.-]{1,190}\.[a-z]{2,63})(?:\|[^>\s]*)?>?", re.IGNORECASE | re.ASCII)
_WORDS_EN = re.compile(
    r"\b(?:i|i'm|me|you|it|he|she|we|let|later|now|know|think|what|which|where|who|why|how|when|this|that|not|don't|is|are|was|do|does|"
    r"can|could|should|will|would|please|yes|yeah|ok|okay|hi|hello|hey|thanks|thank|sorry|wait|maybe|test|remind|show|list|help|stop|more|"
    r"next|back|done)\b",
    re.IGNORECASE,
)
_WORDS_ZH = re.compile(r"[我你您吗呢吧了不没什么怎哪谁请等好嗨谢是这那]|知道|稍后|以后|晚点|再说|提醒|帮助|列表|继续|更多")
"""What stands in sentences and hardly in names: whom somebody means is otherwise anything short."""


def somebody(turn: Turn, text: str) -> tuple[str, str]:
    """(name, address) that the words name; both empty when they say something else."""
    if QUESTION.search(text.strip()) or wanted(text):
        return "", ""
    if found := _EMAIL.search(text):
        if secret_address(found[1]):
            return "", ""
        name = contacts.clean(bare_answer(bare_answer(text.replace(found[0], " ").strip(" ()（）<>"))))[:80]
        return ("" if _is_sentence(name) else name), found[1].lower()
    name = contacts.clean(slots_of(text).who or bare_answer(bare_answer(_FOLLOW.sub("", text.strip()))))[:80]
    if contacts.by_name(turn.session, turn.person, name):
        return name, ""
    progress = Progress.of(turn)
    if turn.state.draft or (progress and progress.current):  # what is asked there may look like a name too
        return "", ""
    if only_heard(text) or _is_sentence(name):
        return "", ""
    if _SURELY.search(name) or _FOLLOW.search(text.strip()):
        return name, ""
    decided = turn.understood.decision if turn.understood else "unknown"
    unheard = decided == "unknown" and not name.isascii()  # any Chinese name; Latin words that are none look like names
    named = decided != "sure" and (_NAMED.search(name) or _PINYIN.fullmatch(name))
    return (name, "") if (named or unheard) and not about_others(turn, text, "who") and not elsewhere(turn, text) else ("", "")


def _is_sentence(name: str) -> bool:
    """Whether it says more than a name does, or nothing."""
    long = len(name.split()) > 6 or (len(name) > 14 and not name.isascii())
    return bool(long or _WORDS_EN.search(name) or _WORDS_ZH.search(name) or not _LETTERS.search(name))
