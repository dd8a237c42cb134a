"""What do these words wish of tips: how often, on which day, fewer, none, for a whole room? Pure."""

from __future__ import annotations

import re

_RHYTHMS = (
    ("monthly", re.compile(r"month|every four weeks|每个?月|四周|一个月", re.IGNORECASE)),
    (
        "fortnightly",
        re.compile(r"fortnight|two weeks|second week|other week|biweekly|两周|两个?(?:星期|礼拜)|隔周|双周", re.IGNORECASE),
    ),
    ("weekly", re.compile(r"week|每周|每个?(?:星期|礼拜)|一周一", re.IGNORECASE)),
)
_OFTEN = re.compile(
    r"\b(?:every|each|once (?:a|in)|weekly|monthly|biweekly|fortnightly)\b|每(?:周|个?月|两周|星期|个)|[两四]周一[条次]|隔周",
    re.IGNORECASE,
)
_DAILY = re.compile(r"\bdaily\b|every (?:single )?(?:day|morning|evening)|每天|天天|每日", re.IGNORECASE)
_FEWER = re.compile(
    r"\bfewer\b|\bless (?:often|frequent)|not so (?:many|often)|少发|少一?点|别发(?:那么|这么)(?:多|勤)", re.IGNORECASE
)
_OFF = re.compile(r"\boff\b|\bstop|\bno more|\bcancel|\bunsub|停|退|关|取消|别再|不要再", re.IGNORECASE)
_ROOM = re.compile(
    r"\b(?:this|our|the|team) (?:channel|room|group)\b|\bteam channel\b|\b(?:my|our) (?:whole )?team\b|群(?!发)|频道|团队",
    re.IGNORECASE,
)
_ME = re.compile(r"\bme\b|\bI\b|我(?!们)")
_TIPS = re.compile(
    r"\btips?\b|hint|lesson|advice|weekly|monday|newsletter|贴士|锦囊|建议|技巧|知识|每周|周一|课|一招", re.IGNORECASE
)
_OUT = re.compile(r"\bopt(?:ed|ing)?.?(?:me )?out\b", re.IGNORECASE)
_ALL = re.compile(
    r"\beverything|\banything|\ball (?:messages|mailings|broadcasts|announcements)|所有|全部|任何|一切|群发", re.IGNORECASE
)
_DAYS = (
    (r"\bmon(?:day)?s?\b", "周一"),
    (r"\btue(?:s|sday)?s?\b", "周二"),
    (r"\bwed(?:nesday)?s?\b", "周三"),
    (r"\bthu(?:rs?|rsday)?s?\b", "周四"),
    (r"\bfri(?:day)?s?\b", "周五"),
)


def rhythm(text: str) -> str:
    """The rhythm that is named, one of `consent.WEEKS`; empty when none is."""
    return next((name for name, words in _RHYTHMS if words.search(text)), "")


def only_rhythm(text: str) -> str:
    """The rhythm, when these few words are nothing but one: "every two weeks please", not "what about next month?"."""
    return rhythm(text) if len(text) <= 30 and _OFTEN.search(text) and not re.search(r"[?？]", text) else ""


def weekday(text: str) -> int | None:
    """The working day that is named, Monday 0; in 每周一条 and 每周一次 none is."""
    for number, (en, zh) in enumerate(_DAYS):
        chinese = f"(?:{zh}|{zh.replace('周', '星期')})(?![条次课招个封])"
        if re.search(en, text, re.IGNORECASE) or re.search(chinese, text):
            return number
    return None


def daily(text: str) -> bool:
    """Whether they want one every day."""
    return bool(_DAILY.search(text))


def fewer(text: str) -> bool:
    """Whether they want fewer, and not none."""
    return bool(_FEWER.search(text)) and not _OFF.search(text)


def for_a_room(text: str) -> bool:
    """Whether tips are wanted for more than this person."""
    return bool(_ROOM.search(text))


def for_a_room_alone(text: str) -> bool:
    """The same, and not for this person too."""
    return for_a_room(text) and not _ME.search(text)


def names_tips(text: str) -> bool:
    """Whether what they want no more is tips; "unsubscribe", "opt out" and 退订 alone mean all that is sent to many."""
    return bool(_TIPS.search(text))


def everything(text: str) -> bool:
    """Whether they say outright that nothing sent to many shall come; "all tips" is tips only."""
    return bool(_OUT.search(text)) or (bool(_ALL.search(text)) and not names_tips(text))
