"""Which words only say that one was heard (ok, 嗯, 哈哈), and which ask who is speaking? Pure.

They get a short word back rather than a list of what is known, and no curator reads them.
"""

from __future__ import annotations

import re

from bot.intents.normalise import normalise

_WORDS = (
    r"(ok(ay)?|k+|okey|alright|all right|fine|good|great|cool|nice|perfect|super|got it|i see|understood|noted|makes sense"
    r"|will do|sure|yes|yep|yeah|no|nope|nah|hm+|aha|ah|oh|wow|lol|(ha)+h?|right|true|fair enough|sounds good"
    r"|嗯+|哦+|噢+|喔+|啊|额|呃|好|好的|好吧|好滴|行|行吧|可以|是|是的|对|对的|没有|不|不是|明白了?|知道了|了解了?|收到|懂了"
    r"|原来如此|这样啊|有道理|不错|很好|太好了|厉害|哈+|呵呵+|嘻嘻+|哎|唉)"
)
_HEARD = re.compile(rf"(好的?|嗯+|哦+)?{_WORDS}")
_WHO = re.compile(
    r"(hi |hello |hey |so |wait |你好|那|请问|喂)?"
    r"((who|what) are you( (really|exactly|anyway))?"
    r"|(am i|do i) (talk|speak|chat)(ing)? (to|with) (a|an) (real )?(human|person|bot|machine|robot|ai)"
    r"|(are|r) (you|u) (really )?(a |an )?(real |actual )?(human|person|bot|robot|machine|program|ai|chat ?gpt|chatbot|llm)"
    r"|你(到底)?是(谁|什么人|什么东西|啥)|你是(不是)?(一?个)?(真人|人|机器人|机器|程序|ai|人工智能|chatgpt))"
    r"( or (a |an )?[a-z ]{2,20}|还是(真人|人|机器人|机器|ai))?[吗吧啊呀呢么]*"
)
_NO = frozenset(("no", "nope", "nah", "neither", "none", "不", "不是", "都不", "没有"))
_LONGEST = 40


def only_heard(text: str) -> bool:
    """Whether it says no more than that it was heard."""
    said = _bare(text)
    return 0 < len(said) <= _LONGEST and all(map(_heard, re.split(r"[,，、]", said)))


def asks_who(text: str) -> bool:
    """Whether it asks who is speaking: a person or a program?"""
    parts = [part.strip(" ?？") for part in re.split(r"[,，?？]", _bare(text)) if part.strip(" ?？")]
    return 0 < len(parts) <= 3 and all(len(part) <= _LONGEST and _WHO.fullmatch(part) for part in parts)


def no(text: str) -> bool:
    """Whether it is a bare no."""
    return _bare(text) in _NO


def _heard(part: str) -> bool:
    return bool(_HEARD.fullmatch(part.strip())) or all(_HEARD.fullmatch(word) for word in part.split())


def _bare(text: str) -> str:
    return normalise(text[: _LONGEST * 2]).strip(" .!。！~…👍🙂😀")
