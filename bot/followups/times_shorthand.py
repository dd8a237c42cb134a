"""What does the shorthand of chats stand for ("2 days b4 xmas", "in 2 h 15", 2小时候), and which numbers are only names of things?

Patterns over folded text, in lower case; what they replace keeps its place in the original.
"""

from __future__ import annotations

import re

_NUMBER = r"[a-z]{0,4}-?\d[a-z0-9]*(?:[-/][a-z0-9]*\d[a-z0-9]*)*(?![\d月号日点:])"
NUMBERED = (
    rf"(?<![a-z])(?:po|p/o|pi|inv|sku|order|invoice|ref|item|lot|batch|model|contract|quote|rfq)?\.?\s?(?:no\.?\s?)?#\s?{_NUMBER}"
    r"|(?<![a-z])(?:po|pi|inv|sku|rfq)[\s-]?\d{3,}(?![\d:.])"
    rf"|(?:[单编货批款件图箱柜型票]号|合同号)[是为:]?\s?{_NUMBER}"
)
"""PO#0305, 单号0305: the number of an order, an invoice, a thing."""
_HOURS_AND = r"(?<![a-z])in (?:about |around )?(?:\d{1,2}|an?|one|two|three|four|five|six) ?(?:hours?|hrs?|h) ?(?:[0-5]\d|5)(?=\s*(?:$|[,.;!?\n]|(?:please|pls|to|or so|thanks|thx|about|re|for)(?![a-z])))"
_AND_LATER = r"(?<![\d.:a-z])(?:\d{1,2}|an|one|two|three|four|five|six) ?(?:hours?|hrs?|h) ?(?:[0-5]\d|5)(?= (?:from now|later))"
_BEFORE = r"(?<![a-z0-9])(?<!the )(?<!size )(?<!model )(?<!item )(?<!room )(?<!hall )(?<!booth )(?<!gate )b4(?=\s+[a-z0-9])(?!\s(?:paper|sizes?|sheets?|envelopes?|format|labels?|models?|bolts?|print))"
_PART_OF_HOUR = r"(?<![\d/.])[13]/[24] (?:of )?(?:an? )?(?:hour|hr|h)(?![a-z])"
_QUARTERS_ZH = r"四分之[一三]个?(?:小时|钟头)"
_AFTER_ZH = r"(?<=[\d一二两三四五六七八九十半个])(?:小时|钟头|分钟)候(?![车机诊选补])"
SHORTHAND = re.compile(f"{_HOURS_AND}|{_AND_LATER}|{_BEFORE}|{_PART_OF_HOUR}|{_QUARTERS_ZH}|{_AFTER_ZH}")
"""All that `in_full` writes out."""
_PARTS = {"1/2": "30 minutes", "1/4": "15 minutes", "3/4": "45 minutes"}


def in_full(short: str) -> str:
    """The words that a match of SHORTHAND stands for."""
    if short == "b4":
        return "before"
    if short.startswith("四分之"):
        return "15分钟" if short[3] == "一" else "45分钟"
    if short.endswith("候"):
        return short[:-1] + "后"
    return _PARTS[short[:3]] if short[:3] in _PARTS else re.sub(r"([a-z]) ?(\d+)$", r"\1 \2 minutes", short)
