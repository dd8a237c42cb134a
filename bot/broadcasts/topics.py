"""Which cards are about what people call a thing? For steering tips by a subject or a wish in a few words. Pure data.

This is no understanding of questions (`bot.intents` is): a wrong guess costs one tip about something else.
"""

from __future__ import annotations

import re
from functools import cache

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"bank details|account number|invoice|payment|remit|deposit|付款|货款|定金|发票|汇款|账户|账号|收款", ("phishing-and-spoofing",)),
    (r"phish|spoof|fraud|scam|钓鱼|诈骗|骗", ("phishing-and-spoofing",)),
    (r"exclusiv|sole (?:agent|partner|right)|独家|总代", ("exclusivity-request", "best-effort-promises", "compete-counterparties")),
    (r"distribut|\bagents?\b|\bagency|sales channel|dealer|渠道|代理|经销|分销", ("distribution-channels", "best-effort-promises")),
    (r"licen[cs]|royalt|transfer|许可|授权费|专利费|转让", ("technology-transfer", "technology-as-leverage")),
    (r"\bnda\b|\bnnn\b|confidential|patent|\bip\b|know-?how|mou?lds?|保密|专利|知识产权|模具", ("ip-protection-early", "share-information")),
    (r"technolog|drawing|\bcad\b|\bbom\b|spec(?:s|ification)|data ?sheet|技术|图纸|规格|工艺|资料", ("share-information", "show-technology", "ip-protection-early")),
    (r"\bdemo|plant|factory tour|engineer|演示|参观|工程师|看厂|验厂", ("show-technology",)),
    (r"sample|test order|trial|\bmoq\b|样品|打样|试单|试产|小单", ("test-order-roadmap",)),
    (r"contract|agreement|\bsign|term ?sheet|\bmou\b|合同|协议|签字|签约|条款", ("never-ending-negotiation", "online-hard-close", "deal-structure-success")),
    (r"price|quot|\boffer\b|discount|报价|价格|降价|折扣", ("internal-negotiation", "compete-counterparties", "online-hard-close")),
    (r"order|volume|forecast|roadmap|订单|采购量|用量|规划", ("test-order-roadmap", "constant-development")),
    (r"e-?mail|\bmails?\b|inbox|邮件|邮箱|来信|回信|回复", ("email-unreliable", "email-tone-face", "confirm-by-text-or-phone")),
    (r"we ?chat|weixin|whats ?app|微信|朋友圈", ("wechat-account", "channel-mix")),
    (r"\bcalls?\b|phone|video|zoom|teams meeting|电话|视频|通话", ("channel-mix", "confirm-by-text-or-phone", "online-hard-close")),
    (r"english|translat|chinese version|bilingual|英文|英语|翻译|双语", ("english-burden",)),
    (r"dinner|banquet|meal|toast|drink|饭局|吃饭|宴|酒", ("social-due-diligence", "personal-questions")),
    (r"guanxi|relationship|friend|trust|关系|交情|信任|人情", ("guanxi-relationship", "trust-before-transaction", "relationship-as-asset")),
    (r"gift|personal question|family|礼物|送礼|私人|家庭", ("personal-questions", "social-due-diligence")),
    (r"boss|head ?quarters?|\bhq\b|management|my own company|colleague|总部|老板|上司|领导|同事", ("convince-boss", "internal-negotiation", "messenger-not-negotiator")),
    (r"decision|decide|who signs|board|拍板|决策|董事", ("decision-maker",)),
    (r"visit|\btrip\b|travel|flight|expo|\bfair\b|拜访|出差|展会|行程", ("widen-network", "remote-control", "early-questions")),
    (r"first meeting|meeting|agenda|见面|会议|初次|议程", ("early-questions", "information-plan", "take-the-lead")),
    (r"hire|recruit|招聘|招人", ("cultural-hire",)),
    (r"market|competitor|intelligence|市场|竞争对手|行情|消息", ("own-intelligence", "widen-network")),
    (r"cultur|hofstede|文化", ("culture-dimensions", "personal-questions")),
    (r"standard|procedure|rules?\b|标准|流程|规定", ("imposing-standards", "analyze-and-adjust")),
)  # fmt: skip
"""Words, in both languages → the cards about them, the nearest first."""
WAITING = ("confirm-by-text-or-phone", "email-unreliable", "channel-mix", "email-tone-face")
"""For any matter in which an answer is waited for."""
CHECKING = ("phishing-and-spoofing",)
"""For new bank details that are to be checked by telephone."""
GREETING = ("guanxi-relationship", "relationship-as-asset", "confirm-by-text-or-phone", "channel-mix", "social-due-diligence")
"""For the days before a long holiday of the other side: a word without a request, and nothing important by mail alone."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((re.compile(words, re.IGNORECASE), cards) for words, cards in TOPICS)


def cards_about(text: str) -> tuple[str, ...]:
    """Ids of the cards about what these words name, the nearest first; empty when they name nothing we know."""
    found = [card for words, cards in _patterns() if words.search(text[:500]) for card in cards]
    return tuple(dict.fromkeys(found))
