"""Which follow-up do the words mean, and what do they say of it? "The second one", 王经理那个, "they replied".

When several may be meant all of them are given, for the person to choose.
"""

from __future__ import annotations

import re

from bot.conversations.turn import Turn
from bot.errors import Refused
from bot.followups import contacts as people_there
from bot.followups import ledger
from bot.followups.tables import FollowupRow
from bot.intents.normalise import normalise

_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "last": -1,
    "第一": 1, "第二": 2, "第三": 3, "第四": 4, "第五": 5, "第1": 1, "第2": 2, "第3": 3, "第4": 4, "第5": 5, "最后": -1,
}  # fmt: skip
_ORDINAL = re.compile(
    r"(?:\b(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)\b(?: one| follow| reminder|\s*$| is| to| until| has))|(第[一二三四五1-5]|最后)(?:个|件|条|项)|\b(?:number|no\.?|#)\s*(\d{1,2})\b|(\d{1,2})\s*号(?:跟进|那)"
)
_CALLED = re.compile(
    r"\b(?:called|phoned|rang|spoke|spoken|talked|on the phone|had (?:him|her|them) on the)\b|打(?:过|了|完)?(?:个|一个|通)?(?:了)?电话|电话(?:里)?(?:打|说|聊|谈|沟通|核实)|通(?:过|了)?(?:个)?电话|致电"
)
_REPLIED = re.compile(
    r"\b(?:repl(?:y|ied|ies)|answer(?:ed)?|responded|response|wrote back|got back|heard (?:back|from)|came back)\b|回(?:复|信|话|音|邮件|消息)|答复|回了|回我|有消息|有回音"
)
_NEGATED = re.compile(
    r"\b(?:not|never|no|haven'?t|hasn'?t|didn'?t|don'?t|doesn'?t|still nothing|nothing)\b[^.!?]{0,30}\b(?:repl|answer|respon|call|word|hear|written|back|phone)|(?:没|没有|还没|未|不)(?:有)?(?:回|答复|打|收到|联系)"
)
_UNREACHED = re.compile(
    r"\b(?:tried (?:to )?(?:call|phon|ring|reach|get)|(?:could ?n[o']t|could not|did ?n[o']t|did not|was ?n[o']t able to|unable to|failed to|can'?t) (?:reach|get|catch|speak|talk)"
    r"|no ?(?:body|one)? (?:answer|picked|reply)|(?:did ?n'?t|did not|does ?n'?t|not|never) (?:answer|pick|respond)(?! to)|(?:was|is|line|were) (?:busy|dead|engaged|out|away|unavailable|in a meeting|off)|not (?:there|in|available|reachable|at (?:his|her|their) desk)"
    r"|voice ?mail|switched off|turned off|disconnected|out of service|wrong (?:number|person)|rang out|hung up|(?:will|would|'ll|to) (?:call|ring|phone) (?:me |us )?back|call(?:ing)? back (?:later|tomorrow))\b"
    r"|(?:电话|号码|手机)?(?:打|拨)不通|没(?:人|有人)?(?:接|应)|无人接|不接|未接|占线|忙音|关机|停机|空号|打错|不在|开会|在忙|没打通|没接通|没联系上|联系不上|找不到(?:他|她|人)|语音信箱|留言|(?:会|再|晚点|回头|明天)(?:给我|给我们|再)?(?:回电|回我电话|打过来|打回来)"
)
"""The call was made and nobody spoke, or not who was meant."""
_RED_EN = re.compile(
    r"(?:yes |ok |done |now )?(?:i|we)(?: have|'ve)?(?: just| now| already)? (?:called|phoned|rang|rung)(?: (?:them|him|her|it|back))?(?: (?:on|at|using|under|by|via))?"
    r" the (?:(?:phone )?number (?:that )?(?:i|we) (?:already )?(?:had|have|know|knew)(?: already| before)?|(?:already )?(?:known|old|recorded|original|registered)(?: phone)? number|number (?:on record|on file|from before))"
)
_RED_ZH = re.compile(
    r"(?:好的|是的)?(?:我|我们)?(?:已经?|刚刚?|都)*(?:按|用|拨打?|打|拨)(?:了|过)*(?:他们?的?|对方的?)?(?:原(?:来|有)?的?|之前的?|以前的?|登记的?|留存的?|老)(?:电话)?号码(?:打)?(?:了|过)*(?:电话)?(?:核实|确认|核对)?(?:了|过)*"
)
"""Whole sentences: what is added ("…, it was busy", "but not the known number") may say the opposite."""
_STOPWORDS = frozenset(
    ["the", "our", "my", "and", "for", "with", "that", "this", "you", "your", "about", "mail", "email", "one", "follow", "up"]
)


def meant(turn: Turn, text: str) -> list[FollowupRow]:
    """The open follow-ups that a message may mean: by number, by name or subject, else the one we speak of, else all."""
    rows = ledger.open_ones(turn.session, turn.person)
    said = normalise(text[:500])
    if (listed := _by_number(turn, said)) is not None:
        return listed
    linked = ledger.contacts_of(turn.session, rows)
    emails = people_there.emails_of(turn.session, {contact.id for each in linked.values() for contact in each})
    scored = [
        (
            _score(said, text, row.subject, [c.name for c in linked[row.id]], [e for c in linked[row.id] for e in emails[c.id]]),
            row,
        )
        for row in rows
    ]
    best = max((score for score, _ in scored), default=0)
    if best:
        return [row for score, row in scored if score == best]
    current = [row for row in rows if row.id == turn.state.matter]
    return current or rows


def called_words(text: str) -> bool:
    """Whether they say that the person called."""
    return _CALLED.search(normalise(text[:500])) is not None


def replied_words(text: str) -> bool:
    """Whether they say that the other side answered."""
    return _REPLIED.search(normalise(text[:500])) is not None


def red_called_words(text: str) -> bool:
    """Whether a whole message says that the known number was called, and nothing else: all other words may say the opposite."""
    said = re.sub(r"[\s.!。！~]+$", "", normalise(text[:500]))
    return bool(_RED_EN.fullmatch(said) or _RED_ZH.fullmatch(re.sub(r"[\s,，]+", "", said)))


def unreached(text: str) -> bool:
    """Whether they say that a call led to nobody: "I called but he was out", 打了电话，没人接."""
    return _UNREACHED.search(normalise(text[:500])) is not None


def negated(text: str) -> bool:
    """Whether they say that it did not happen: "they have not replied"."""
    return _NEGATED.search(normalise(text[:500])) is not None


def _by_number(turn: Turn, said: str) -> list[FollowupRow] | None:
    """The follow-up of that place in the list shown last; None when no place is named."""
    found = _ORDINAL.search(said)
    if not found or not turn.state.listed:
        return None
    word, zh, number, counted = found.groups()
    place = int(number or counted) if number or counted else _ORDINALS[word or zh]
    ids = turn.state.listed
    if place == 0 or place > len(ids):
        return None
    try:
        return [ledger.find(turn.session, turn.person, ids[place - 1 if place > 0 else -1])]
    except Refused:
        return None


def _score(said: str, text: str, subject: str, names: list[str], emails: list[str]) -> int:
    """How much of a follow-up's names and subject stands in the message."""
    words = {word for word in re.findall(r"[a-z0-9]{2,}", said) if word not in _STOPWORDS}
    score = 0
    for name in names:
        plain = normalise(name)
        tokens = {word for word in re.findall(r"[a-z0-9]{2,}", plain) if word not in _STOPWORDS}
        score += 3 * len(tokens & words) + (4 if re.search(r"[\u4e00-\u9fff]", plain) and plain in said else 0)
    score += 5 * sum(email in text.lower() for email in emails)
    plain = normalise(subject)
    score += 2 * len({w for w in re.findall(r"[a-z0-9]{3,}", plain) if w not in _STOPWORDS} & words)
    han = "".join(re.findall(r"[\u4e00-\u9fff]", plain))
    return score + 2 * sum(han[n : n + 2] in said for n in range(len(han) - 1))
