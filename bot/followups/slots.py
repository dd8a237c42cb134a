"""Whom, about what, by which channel, and is a reminder wanted at all? The slots of a message besides its time.

Pure. The time expression is cut out first; what is not found stays empty and is asked for. Reads both languages, since
people mix them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.followups.slots_who import CUT, MARK, apart, beside, first_who

LONGEST = 1_000
"""Characters that are read."""
_EMAIL = re.compile(r"[^\s@<>\",;:()（）：，。]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,20}")
_WHAT_STOP = rf"(?=\s*(?:[,;!?{CUT}\n]|\.(?:\s|$)|$|\b(?:and|but|then|so|please|pls|if|unless|remind|ping|nudge|when|because|they|he|she|i|with|to (?:the|our|my|mr|ms|mrs)|by (?:phone|wechat|text|e-?mail)|on (?:wechat|the phone|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|yesterday|today|earlier|just now|last (?:week|night|month|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|this (?:morning|afternoon|week)|at the (?:fair|show|exhibition|meeting))\b))"
_WHAT_EN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:about|regarding|concerning|re:?|on the subject of)\s+(?P<what>(?!this\b|it\b|that\b)[^\n]{{1,120}}?){_WHAT_STOP}",
        rf"\b(?:sent|send|submitted|forwarded|mailed|e-?mailed|passed|handed|gave|delivered|showed|shipped)\s+(?:out\s+)?(?P<what>(?:the|our|my|a|an|some|two|three)\s+[^,.;!?\n]{{2,80}}?)(?=\s+to\b|{_WHAT_STOP[3:]}",
        rf"\b(?:sent|e-?mailed|mailed|gave|quoted|offered|showed|wrote|left|promised)\s+[\w.'& -]{{2,40}}?\s+(?P<what>(?:the|our|my|a|an|some)\s+[^,.;!?\n]{{2,80}}?){_WHAT_STOP}",
        rf"\bfollow(?:ing)?[ -]?up\s+on\s+(?P<what>[^,.;!?\n]{{2,80}}?){_WHAT_STOP}",
        rf"\b(?:on|for)\s+(?P<what>(?:the|our|my)\s+[^,.;!?\n]{{2,60}}?){_WHAT_STOP}",
    )
)
_TO_DO = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:remind|reminder|ping|nudge|alert|tell)\b[^,.;!?\n]{{0,20}}?\s*{CUT}*\s*\bto\s+(?P<what>(?!follow|check in|chase)[a-z][^.;!?\n{CUT}]{{3,100}})",
        rf"\breminder\b[^.!?\n:]{{0,30}}:\s*(?P<what>[a-z][^.;!?\n{CUT}]{{3,100}})",
        rf"提醒(?:我|一下)+{CUT}*(?P<what>[^，,。；;！!\s{CUT}]{{2,40}})",
        rf"(?:^|{CUT})(?P<what>(?!跟进|[^，,。；;！!\s{CUT}]*?(?:[了过](?!一)|的事))(?:给|跟|和|联系|问|打|催|回)[^，,。；;！!\s{CUT}]{{2,40}}?)(?=[，,。；;！!\s{CUT}]|提醒|$)",
    )
)
"""What the person wants to do themselves."""
_NOT_WHAT = re.compile(
    r"(?:(?:再|来|去|记得)?(?:跟|催|问|看|联系|跟进|确认)一?下(?:他|她|对方|进度|结果)?|跟进|提醒(?:我|一下)?|remind me|it|this|that|me|them|him|her|e-?mail|mail|message|reminder|follow[- ]?up|(?:an? )?text|(?:我|你|一下|下|这个?|那个?|它|他们?|她们?|对方|邮件|消息|信|微信|短信|电话|了|去|过去)+)",
    re.IGNORECASE,
)
_WHAT_ZH = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:说|谈|聊|讲|提(?!醒)|问|沟通|确认|讨论|商量|核对|通知|关于)(?:一下|了|过|好|到|起)?(?P<what>[^，,。；;！!\s{CUT}]{{1,20}}?)(?:的|这件|这个)(?:事情?|问题|情况)(?=[，,。；;！!\s{CUT}]|$)",
        rf"关于(?P<what>[^，,。；;！!\s{CUT}]{{1,40}}?)(?=的(?:邮件|事|消息|信)|邮件|[，,。；;！!\s{CUT}]|$)",
        rf"(?:^|[，,。；;！!\s{CUT}]|把|将)(?:我|已经?|刚刚?|刚才|都|把|将){{0,4}}(?P<what>(?!给|跟)[^，,。；;！!\s{CUT}给]{{1,20}}?)(?:已经?|刚刚?|都)*(?:发|寄|传)(?:过去|出)?(?:给|到)",
        rf"(?:发|寄|传|送|提交)(?:过去|出)?(?:了|去)?(?:一份|一封|个|份|封|新的)?(?!给)(?P<what>[^，,。；;！!\s{CUT}给]{{1,30}}?)(?:给|过去)?(?=给|到|过去|了|[，,。；;！!\s{CUT}]|$)",
        rf"(?:说|谈|聊|确认|沟通|讨论|商量|核对|核实|要|问|提|催)(?:好|清楚)?[了过](?P<what>[^，,。；;！!\s{CUT}]{{2,24}}?)(?=了?(?:[，,。；;！!\s{CUT}]|$))",
        rf"(?:请|让)[^，,。；\s{CUT}]{{2,12}}?(?:确认|核对|安排|准备|提供|回签|检查)(?P<what>[^，,。；;！!\s{CUT}]{{2,20}}?)了?(?=[，,。；;！!\s{CUT}]|$)",
        rf"(?:跟进|问|催)(?:一下|问|了)?(?P<what>[^，,。；;！!\s{CUT}]{{2,40}}?)(?=的?(?:进度|情况|回复)|[，,。；;！!\s{CUT}]|$)",
    )
)
_ARTICLE = re.compile(r"^(?:the|our|my|an?)\s+", re.IGNORECASE)
_ANSWER_ZH = re.compile(r"回复|答复|回信|回音|消息|反馈|电话|邮件|微信")
_AGAIN = re.compile(
    rf"\b(?:every|each)(?: (?:other|second|single))? ?(?={CUT})|(?<={CUT}) ?(?:daily|weekly|monthly)\b|\b(?:daily|weekly|monthly) ?(?={CUT})|每(?={CUT})",
    re.IGNORECASE,
)
"""What says that a time comes again belongs to the time."""
_REACH = (
    ("wechat", r"\b(?:on|by|via|over|through) wechat\b|\bwechat (?:him|her|them|mr|ms|the)\b|(?:用|在|上)?微信上?(?:联系|问|跟|说|提醒|找|发)|发(?:个|条)?微信"),
    ("phone", r"\b(?:to|and|then) (?:call|phone|ring)\b|\bby (?:phone|telephone)\b|\bon the phone\b|\b(?:call|phone|ring) (?:him|her|them|mr|mrs|ms|dr|the|our|my)\b|打(?:个|一?通)?电话|电话(?:联系|跟进|问)|致电"),
    ("text", r"\bby (?:text|sms)\b|\b(?:to )?text (?:him|her|them|mr|ms|the)\b|发(?:个|条)?短信"),
    ("meeting", r"\b(?:in person|to visit|visit (?:him|her|them))\b|当面|上门|拜访"),
    ("email", r"\bto (?:e-?mail|write)\b|\bby e-?mail\b|再发(?:一?封)?邮件|用邮件"),
)  # fmt: skip
_WANTED = re.compile(
    r"\b(?:remind|reminder|nudge|ping|alert)\s+me\b|\bset (?:me )?a reminder\b|提醒(?:我|一下我|俺)|叫我(?:一声|跟进)|记得提醒",
    re.IGNORECASE,
)
_SILENCE = re.compile(
    r"\b(?:if|unless|until|when|in case)\b[^.;!?\n]{0,60}\b(?:not|n't|no|never|silent|silence|repl|answer|respond|hear|quiet)|(?:如果|要是|若|万一|到时候)?[^，,。]{0,8}(?:没(?:有)?|不|未)(?:回|答复|动静|消息|反应|音讯)",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"\b(?:sent|e-?mailed|mailed|wrote|forwarded|submitted|have (?:just )?(?:sent|written|e-?mailed))\b|(?:发|寄|写|传|报)(?:过去|出)?(?:去)?了|(?:发|寄|传)(?:过去)?给[^，,。；\s]{1,12}了|已(?:经)?(?:发|寄|报)|刚(?:刚|才)?(?:给|发|寄)",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(r"\byesterday\b|昨[天日晚]|昨儿", re.IGNORECASE)


@dataclass(frozen=True)
class Slots:
    """What a message says besides its time."""

    who: str = ""
    email: str = ""
    what: str = ""
    task: bool = False
    """`what` is something the person wants to do, rather than what a mail was about."""
    reach: str = ""
    wanted: bool = False
    """It asks to be reminded."""
    on_silence: bool = False
    """It says "if they do not answer": then no time need be named."""
    sent: bool = False
    sent_days_ago: int = 0
    beside: tuple[str, ...] = ()
    """Others in the same matter."""
    place: str = ""
    """The zone of where they were said to be, where a message names several counterparts (see `slots_several`)."""


def slots_of(text: str, spans: Iterable[tuple[int, int]] = ()) -> Slots:
    """The slots of a message; `spans` are the pieces of its time expression."""
    said = _AGAIN.sub("", without(text[:LONGEST], spans))
    email = _EMAIL.search(said)
    plain = _EMAIL.sub(MARK, said)
    (who, others), sent = apart(first_who(plain)), _SENT.search(plain) is not None
    what, task = _what(plain, who, sent=sent)
    return Slots(
        who=who or (email.group() if email else ""),
        beside=(*others, *beside(plain, others[-1] if others else who)) if not task else (),
        email=email.group().lower() if email else "",
        what=what,
        task=task,
        reach=next((name for name, pattern in _REACH if re.search(pattern, plain, re.IGNORECASE)), ""),
        wanted=_WANTED.search(text[:LONGEST]) is not None,
        on_silence=_SILENCE.search(plain) is not None,
        sent=sent,
        sent_days_ago=int(sent and _YESTERDAY.search(text[:LONGEST]) is not None),
    )


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with a mark where each span was."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}{CUT}{text[end:]}"
    return text


def bare_answer(text: str) -> str:
    """A name or subject said by itself: without "it's", "about", 是, 关于 around it."""
    said = re.sub(
        r"^\s*(?:it(?:'s| is)|that(?:'s| is)|for|to|with|about|regarding|on|是|给|跟|和|等|关于)\s*(?=\S)",
        "",
        text.strip(),
        flags=re.IGNORECASE,
    )
    return said.strip(" .。,，!！？?:：;；\"“”'")


def _what(text: str, who: str, *, sent: bool) -> tuple[str, bool]:
    """(what it is about, whether that is something the person wants to do)."""
    for patterns, task in (
        ((_WHAT_EN[0], *_WHAT_ZH[:2]), False),
        (() if sent else _TO_DO, True),
        ((*_WHAT_EN[1:], *_WHAT_ZH[2:]), False),
    ):
        for pattern in patterns:
            for found in pattern.finditer(text):
                what = _plain(found["what"], who, task=task)
                if len(what) > 1 and what != who and not _NOT_WHAT.fullmatch(what):
                    return what, task
    of_them = (
        re.search(rf"{re.escape(who)}的(?P<what>[^，,。；;！!\s{CUT}]{{2,20}})(?=[，,。；;！!\s{CUT}]|$)", text) if who else None
    )
    if of_them and not _NOT_WHAT.fullmatch(of_them["what"]) and not _ANSWER_ZH.match(of_them["what"]):
        return of_them["what"], False
    return "", False


def _plain(said: str, who: str, *, task: bool) -> str:
    """A matter without its article and without whom it is about; a thing to do keeps the name: "call Wang"."""
    what = _ARTICLE.sub("", said.strip(" .,，。的"))
    if who:
        bare = _ARTICLE.sub("", who)
        what = (
            what.replace(f"{who}的", "")
            if task
            else re.sub(rf"^.{{0,6}}?{re.escape(bare)}(?:的|\s+|(?=[\u4e00-\u9fff]))", "", what)
        )
        what = what if task else re.sub(r"^(?:谈|说|聊|讲|问|催|确认|讨论)(?=..)", "", what)
    return _ARTICLE.sub("", what.strip(f" {MARK}"))
