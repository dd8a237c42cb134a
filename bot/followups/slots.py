"""Whom, about what, by which channel, and is a reminder wanted at all? The slots of a message besides its time.

Pure. The time expression is cut out first; what is not found stays empty and is asked for. Reads both languages, since
people mix them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 1_000
"""Characters that are read."""
_CUT = "\u2003"
"""Stands where the time was cut out: ends whatever runs up to it."""
_EMAIL = re.compile(r"[^\s@<>\",;:()（）：，。]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,20}")
_TITLE = r"(?:mr|mrs|ms|miss|dr|prof|madam|director|manager|president|professor|chairman|engineer)\.?"
_WHO = (
    rf"(?P<who>(?:(?:the|our|my|a|an|their)\s+(?:[\w'&-]+\s+){{0,2}}?[\w'&-]+?(?:\s+(?:at|from|in)\s+[A-Z][\w&-]*)?"
    rf"|(?i:{_TITLE})\s+[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)?"
    rf"|[A-Z][\w'&.-]*(?:\s+[A-Z][\w'&-]*){{0,3}}(?:\s+(?:at|from|in)\s+[A-Z][\w&-]*)?"
    rf"|(?:them|him|her|clients?|customers?|buyers?|suppliers?|everyone|(?i:{_TITLE})\s+[a-z]+|[\u4e00-\u9fff]{{2,5}}|[a-z][a-z'-]{{1,20}})))"
)
_END_EN = (
    rf"(?=\s*(?:[,.;:!?{_CUT}\n]|$|\b(?:about|regarding|re|concerning|on|for|if|unless|and|but|so|to|with|by|again|back|in|at|when|who|that|"
    r"has|have|had|is|was|does|did|do|will|would|can|could|this|next|the|our|my|a|an|please|pls|yet|today|tomorrow|yesterday|earlier|last|just|now|over|via|because|since|after|before)\b))"
)
_WHO_EN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:\b(?:follow(?:ing|ed)?[ -]?up|check(?:ing)?(?: in| back)?|touch base|speak|talk|catch up)\s+(?:again\s+)?with)\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:sent|send|sending|mailed|e-?mailed|forwarded|wrote|submitted|passed)\b[^,.;!?\n]{{1,80}}?\bto)\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:e-?mailed|mailed|wrote(?: to)?|messaged|texted|told|contacted|sent|written to|pinged|quoted))\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:call|ring|phone|text|message|ping|e-?mail|contact|chase|nudge|write(?: to)?|get back to|reach out to|reach|answer|reply to|follow up(?: on)?))\s+{_WHO}{_END_EN}",
        rf"(?i:\b(?:hear(?:d)?(?: back)? from|(?:reply|answer|response|word|news|feedback|mail|e-?mail|quote|quotation|email) from))\s+{_WHO}{_END_EN}",
        rf"(?i:\bwaiting (?:for|on))\s+{_WHO}{_END_EN}",
        rf"(?i:\bif)\s+{_WHO}\s+(?i:does(?:n't| not)|do(?:n't| not)|has(?:n't| not)|have(?:n't| not)|is(?:n't)?|stays?|still)\b",
    )
)
_NOT_WHO = re.compile(
    r"(?:me|us|you|it|this|that|up|back|about|on|again|please|reminder|reminders|a reminder|the (?:reminder|follow[- ]?up|mail|e-?mail|message|quote|quotation|offer|contract|"
    r"samples?|drawings?|price(?: list)?|invoice|order|proposal|files?|documents?|meeting|call|deal|payment|shipment|matter)|an? (?:e-?mail|mail|message|quote|quotation|offer|reply|answer|proposal|note|call|contract|text|reminder|follow[- ]?up)|"
    r"with|to|from|by|for|at|in|of|and|not|no|off|out|if|when|by|he|she|they|him|her|them|nobody|anybody|anyone|somebody|someone|one|"
    r"our (?:quote|quotation|offer|contract|samples?|price list|proposal|drawings?)|the|our|my|an?|quote|samples?|contract|offer|everything|something|nothing|i|we)",
    re.IGNORECASE,
)
_WHAT_STOP = rf"(?=\s*(?:[,;!?{_CUT}\n]|\.(?:\s|$)|$|\b(?:and|but|then|so|please|pls|if|unless|remind|ping|nudge|when|because|they|he|she|i|with|to (?:the|our|my|mr|ms|mrs)|by (?:phone|wechat|text))\b))"
_WHAT_EN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:about|regarding|concerning|re:?|on the subject of)\s+(?P<what>(?!this\b|it\b|that\b)[^\n]{{1,120}}?){_WHAT_STOP}",
        rf"\b(?:sent|send|submitted|forwarded|mailed|e-?mailed|passed)\s+(?:out\s+)?(?P<what>(?:the|our|my|a|an|some|two|three)\s+[^,.;!?\n]{{2,80}}?)(?=\s+to\b|{_WHAT_STOP[3:]}",
        rf"\b(?:sent|e-?mailed|mailed|gave|quoted)\s+[\w.'& -]{{2,40}}?\s+(?P<what>(?:the|our|my|a|an|some)\s+[^,.;!?\n]{{2,80}}?){_WHAT_STOP}",
        rf"\bfollow(?:ing)?[ -]?up\s+on\s+(?P<what>[^,.;!?\n]{{2,80}}?){_WHAT_STOP}",
        rf"\b(?:on|for)\s+(?P<what>(?:the|our|my)\s+[^,.;!?\n]{{2,60}}?){_WHAT_STOP}",
    )
)
_TO_DO = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:remind|reminder|ping|nudge|alert|tell)\b[^,.;!?\n]{{0,20}}?\s*{_CUT}*\s*\bto\s+(?P<what>(?!follow|check in|chase)[a-z][^.;!?\n{_CUT}]{{3,100}})",
        rf"\breminder\b[^.!?\n:]{{0,30}}:\s*(?P<what>[a-z][^.;!?\n{_CUT}]{{3,100}})",
        rf"提醒(?:我|一下)+{_CUT}*(?P<what>[^，,。；;！!\s{_CUT}]{{2,40}})",
        rf"(?:^|{_CUT})(?P<what>(?!跟进)(?:给|跟|和|联系|问|打|催|回)[^，,。；;！!\s{_CUT}]{{2,40}}?)(?=[，,。；;！!\s{_CUT}]|提醒|$)",
    )
)
"""What the person wants to do themselves."""
_NAME_ZH = r"[\u4e00-\u9fffA-Za-z·.]{1,14}?(?:[ ]?[A-Za-z]{2,15})?"
_WHO_ZH = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:给|向)(?P<who>{_NAME_ZH})(?:那边)?(?:打(?:个|过|了)?电话|发|寄|写|去|回|报|传|提|送)",
        rf"(?:跟|和|同|与)(?P<who>{_NAME_ZH})(?:那边)?(?:说|联系|谈|跟进|沟通|确认|讲|聊|通|提|打)",
        rf"(?:打(?:个|了|过)?电话|发(?:了|个|条)?[^，,。；\s]{{0,16}}|寄(?:了)?[^，,。；\s]{{0,16}}|写(?:了)?[^，,。；\s]{{0,8}})(?:给|到)(?P<who>{_NAME_ZH})(?=了|[，,。；;！!\s{_CUT}]|的|要|请|$)",
        rf"(?:联系|催|找|回复|跟进)(?:一下|下)?(?!一下)(?P<who>{_NAME_ZH})(?=那边|的|关于|一下|[，,。；;！!\s{_CUT}]|$)",
        rf"等(?P<who>{_NAME_ZH})(?:那边)?的?(?:回复|答复|回信|回音|消息|确认|反馈|报价|回)",
        rf"(?:如果|要是|若)(?P<who>{_NAME_ZH})(?:还|一直|再)?(?:没|不)",
    )
)
_NOT_WHO_ZH = re.compile(
    r"(?:我|你|您|我们|一下|下|这|那|这个|那个|这件事|那件事|它|邮件|报价|报价单|合同|样品|图纸|价格|进度|结果|事|事情|消息|微信|电话|短信|发|了)+"
)
_NOT_WHAT = re.compile(
    r"(?:it|this|that|me|them|him|her|e-?mail|mail|message|reminder|follow[- ]?up|(?:an? )?text|(?:我|你|一下|下|这个?|那个?|它|他们?|她们?|对方|邮件|消息|信|微信|短信|电话|了|去|过去)+)",
    re.IGNORECASE,
)
_WHAT_ZH = tuple(
    re.compile(pattern)
    for pattern in (
        rf"关于(?P<what>[^，,。；;！!\s{_CUT}]{{1,40}}?)(?=的(?:邮件|事|消息|信)|邮件|[，,。；;！!\s{_CUT}]|$)",
        rf"(?:^|[，,。；;！!\s{_CUT}]|把|将)(?:我|已经?|刚刚?|刚才|都|把|将){{0,4}}(?P<what>(?!给|跟)[^，,。；;！!\s{_CUT}给]{{1,20}}?)(?:已经?|刚刚?|都)*(?:发|寄|传)(?:过去|出)?(?:给|到)",
        rf"(?:发|寄|传|送|提交)(?:过去|出)?(?:了|去)?(?:一份|一封|个|份|封|新的)?(?!给)(?P<what>[^，,。；;！!\s{_CUT}给]{{1,30}}?)(?:给|过去)?(?=给|到|过去|了|[，,。；;！!\s{_CUT}]|$)",
        rf"(?:跟进|问|催)(?:一下|问)?(?P<what>[^，,。；;！!\s{_CUT}]{{2,40}}?)(?=的?(?:进度|情况|回复)|[，,。；;！!\s{_CUT}]|$)",
    )
)
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


def slots_of(text: str, spans: Iterable[tuple[int, int]] = ()) -> Slots:
    """The slots of a message; `spans` are the pieces of its time expression."""
    said = without(text[:LONGEST], spans)
    email = _EMAIL.search(said)
    plain = _EMAIL.sub("\u2002", said)
    who, sent = _first_who(plain), _SENT.search(plain) is not None
    what, task = _what(plain, who, sent=sent)
    return Slots(
        who=who or (email.group() if email else ""),
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
        text = f"{text[:start]}{_CUT}{text[end:]}"
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


def _first_who(text: str) -> str:
    for pattern in (*_WHO_EN, *_WHO_ZH):
        for found in pattern.finditer(text):
            who = found["who"].strip(" .,，。")
            if who and not _NOT_WHO.fullmatch(who) and not _NOT_WHO_ZH.fullmatch(who) and "\u2002" not in who:
                return who
    return ""


def _what(text: str, who: str, *, sent: bool) -> tuple[str, bool]:
    """(what it is about, whether that is something the person wants to do)."""
    for patterns, task in (
        ((_WHAT_EN[0], _WHAT_ZH[0]), False),
        (() if sent else _TO_DO, True),
        ((*_WHAT_EN[1:], *_WHAT_ZH[1:]), False),
    ):
        for pattern in patterns:
            for found in pattern.finditer(text):
                what = re.sub(r"^(?:the|our|my|a|an)\s+", "", found["what"].strip(" .,，。的"), flags=re.IGNORECASE)
                what = what.removeprefix(f"{who}的").strip(" \u2002") if who else what
                if len(what) > 1 and what != who and not _NOT_WHAT.fullmatch(what):
                    return what, task
    return "", False
