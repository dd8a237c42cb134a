"""What the coach says when what was noted of a follow-up is corrected or completed, in both languages."""

from __future__ import annotations

from bot.messages import Lang

REVISED: dict[str, dict[Lang, str]] = {
    "did.revise": {"en": "Changed: {what}.\n{said}", "zh": "已更改：{what}。\n{said}"},
    "was.revise": {"en": "I have it so already: {what}.", "zh": "我这里记的就是这样：{what}。"},
    "rev.subject": {"en": "– It is about: {value}", "zh": "– 事由：{value}"},
    "rev.name": {"en": "– You wait for: {value}", "zh": "– 对方：{value}"},
    "rev.phone": {"en": "– Telephone of {who}: {value}", "zh": "– {who}的电话：{value}"},
    "rev.wechat": {"en": "– WeChat of {who}: {value}", "zh": "– {who}的微信：{value}"},
    "rev.organisation": {"en": "– {who} is with: {value}", "zh": "– {who}的公司：{value}"},
    "rev.zone": {"en": "– {who} goes by {value} time", "zh": "– {who}按{value}时间"},
    "rev.lang.en": {"en": "– Texts to {who} are in English", "zh": "– 给{who}的话用英文"},
    "rev.lang.zh": {"en": "– Texts to {who} are in Chinese", "zh": "– 给{who}的话用中文"},
    "rev.deadline": {"en": "– Deadline: {value}", "zh": "– 截止：{value}"},
    "rev.when": {"en": "– I will remind you on {value}", "zh": "– 我会在{value}提醒你"},
    "rev.check.phone": {
        "en": "I do not keep a number of {who} now: bank details are being checked with them, and only a number you had before that mail may count. Tell me the number once the check is done.",
        "zh": "{who}的收款账户正在核对，只能用收到那封邮件之前就有的号码，所以我现在不记新号码。核对完成之后再告诉我。",
    },
    "rev.check.name": {
        "en": "Whom this check is about stays as it is. Call the number you had before that mail.",
        "zh": "这项核对针对的人不能更改。请按收到那封邮件之前就有的号码打电话。",
    },
    "rev.deadline.past": {
        "en": "That deadline is past. Nothing was changed; tell me another date.",
        "zh": "这个截止时间已经过去了，什么都没改。请说另一个日期。",
    },
    "made.deadline": {
        "en": "Deadline: {day}. I make sure to ask on the last working day before it.",
        "zh": "截止日期：{day}。我会在之前最后一个工作日再提醒。",
    },
    "made.deadline.fixed": {"en": "Deadline: {day}.", "zh": "截止日期：{day}。"},
    "made.several": {"en": "Noted: {number} follow-ups", "zh": "已记下 {number} 件"},
    "made.one": {"en": "– {what}: {when}", "zh": "– {what}：{when}"},
    "n.deadline.ahead": {"en": "The date you are working towards is {day}.", "zh": "你要赶的日期是{day}。"},
    "left.who": {
        "en": "The reminder about {what} is not noted: whom you wait for was still open. Tell me again if you want it.",
        "zh": "关于{what}的那条提醒还没记下，因为还没说在等谁。需要的话请再告诉我一次。",
    },
}
