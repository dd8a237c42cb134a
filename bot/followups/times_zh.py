"""How Chinese says days, hours and amounts: the tables of the time grammar. Data only, simplified characters."""

from __future__ import annotations

import re

DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
NUMBER = r"(?:\d{1,8}(?:\.\d{1,3})?|[零一二两俩三四五六七八九十百廿]{1,7})"
"""An amount in digits or characters."""
WEEKDAY = r"(?:周|星期|礼拜)\s?(?:[一二三四五六日天末]|[1-7](?![\d.%号个日件箱套台条张次款批]))"
WEEKDAYS = {**{c: n for n, c in enumerate("一二三四五六日")}, "天": 6, **{str(n + 1): n for n in range(7)}}
UNITS: dict[str, str] = {
    "秒钟": "second", "秒": "second", "分钟": "minute", "分": "minute", "刻钟": "quarter-hour", "个小时": "hour", "小时": "hour",
    "个钟头": "hour", "钟头": "hour", "个钟": "hour", "天": "day", "日": "day", "个星期": "week", "星期": "week", "个礼拜": "week",
    "礼拜": "week", "周": "week", "个周": "week", "个月": "month", "年": "year", "个工作日": "workday", "工作日": "workday", "个季度": "quarter",
    "个交易日": "workday", "个工作天": "workday", "工作天": "workday", "个上班日": "workday",
}  # fmt: skip
PARTS: dict[str, str] = {
    "一大早": "early", "大清早": "early", "清早": "early", "清晨": "early", "大早上": "early", "凌晨": "dawn", "半夜": "small-hours", "后半夜": "small-hours",
    "一早": "start", "一上班": "start", "上班后": "start", "上班时间": "start", "上班的时候": "start", "上班时": "start", "刚上班": "start",
    "一开门": "start", "开工时": "start", "上班": "start", "早会前": "start",
    "早上": "morning", "早晨": "morning", "早间": "morning", "上午": "morning", "午前": "morning", "早": "morning", "晨间": "morning",
    "上午晚些时候": "late-morning", "午饭前": "before-lunch", "午休前": "before-lunch", "中午前": "before-lunch", "吃午饭前": "before-lunch", "午餐前": "before-lunch",
    "中午": "noon", "正午": "noon", "午饭时间": "noon", "午休": "noon", "午饭时": "noon", "午间": "noon", "晌午": "noon", "午餐时间": "noon",
    "午饭后": "after-lunch", "午休后": "after-lunch", "吃完午饭": "after-lunch", "午餐后": "after-lunch", "午后": "after-lunch", "下午早些时候": "after-lunch",
    "下午": "afternoon", "下半晌": "afternoon", "下午晚些时候": "late-afternoon", "下午晚点": "late-afternoon", "下午晚些": "late-afternoon", "上午晚点": "late-morning", "上午晚些": "late-morning",
    "下班前": "close", "下班之前": "close", "下班以前": "close", "收工前": "close", "临下班": "close", "快下班": "close", "快下班时": "close", "快下班的时候": "close", "下班的时候": "close", "下班时": "close",
    "今日内": "close", "当天内": "close",
    "下班后": "after-work", "下班以后": "after-work", "下班之后": "after-work", "下了班": "after-work", "傍晚": "after-work", "黄昏": "after-work",
    "晚饭前": "after-work", "晚饭后": "after-dinner", "吃完晚饭": "after-dinner", "睡前": "late-evening", "临睡前": "late-evening", "临睡": "late-evening", "睡觉前": "late-evening", "深夜": "late-evening",
    "晚上": "evening", "夜里": "evening", "夜晚": "evening", "晚间": "evening", "晚": "evening", "夜间": "evening",
}  # fmt: skip


def number(text: str) -> float | None:
    """The amount that digits or Chinese numerals say, up to 999; None when they say none."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text[:9])
    text = text.replace("廿", "二十")
    if text.startswith("十"):
        text = "一" + text
    match = re.fullmatch(r"(?:([一二两俩三四五六七八九])百)?零?(?:([一二三四五六七八九])十)?([零一二两俩三四五六七八九])?", text)
    if not match or not text:
        return None
    hundreds, tens, ones = (DIGITS.get(group or "零", 0) for group in match.groups())
    return float(hundreds * 100 + tens * 10 + ones)
