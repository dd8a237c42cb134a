"""Pieces of day patterns that several rules share: tables only."""

from __future__ import annotations

from bot.followups.times_atoms import B, E

DOM = r"(?:[12]\d|3[01]|0?[1-9])"
YEAR = r"(?:20\d\d)"
MON_ZH = r"(?<![\d一二三四五六七八九十])(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月"
NOT_THING = r"(?!\s*(?:楼|线|门|店|样|报价|合同|订单|机|车|院|馆|仓|厂|房|文件|库|产品|产线|生产线|工厂|工位|园区|泊位|码头|项目|标段|车间|方案|会议室|柜|桌|模|款|选手|员|公司|展|单))"
"""5号楼, 3号线, 2号样品 are things, not days."""
EDGE = (
    r"(?:(?:by |at |towards? )?(?:the )?(?:very )?(?:end|start|beginning|middle|close|first half|second half) of (?:the )?"
    r"|(?:early|late|mid|later)[ -](?:in )?(?:the )?)"
)
PERIOD_ZH = {"周": "week", "星期": "week", "礼拜": "week", "月": "month", "季度": "quarter", "年": "year", "个月": "month"}


FIXED = (
    (r"双十一|双11|singles'? day|光棍节", 11, 11), (r"双十二|双12", 12, 12), (rf"平安夜|圣诞夜|{B}(?:christmas|xmas) eve{E}", 12, 24), (rf"{B}boxing day{E}", 12, 26),
    (rf"跨年夜|{B}(?:new year'?s eve|nye){E}", 12, 31), (rf"情人节|{B}valentine'?s(?: day)?{E}", 2, 14), (rf"{B}halloween{E}|万圣节", 10, 31),
)  # fmt: skip
