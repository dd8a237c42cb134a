"""What Slack's own surfaces say in both languages: buttons, the Home tab, forms, installing."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "more": {"en": "More", "zh": "更多"},
    "share": {"en": "Share with the room", "zh": "分享到频道"},
    "shared": {"en": "shared this", "zh": "分享了这条建议"},
    "as-form": {"en": "Answer all in one form", "zh": "一次填完"},
    "only-you": {"en": "Only you can see this.", "zh": "只有你能看到。"},
    "chosen": {"en": "You chose: {what}", "zh": "你选了：{what}"},
    "close": {"en": "Close", "zh": "关闭"},
    "send": {"en": "Send", "zh": "提交"},
    "cancel": {"en": "Cancel", "zh": "取消"},
    "gone.title": {"en": "No longer here", "zh": "已不存在"},
    "gone": {
        "en": "This answer is no longer kept. Ask me again, and I will answer afresh.",
        "zh": "这条回答已经不在了。再问我一次就好。",
    },
    "ask.title": {"en": "Ask the coach", "zh": "问教练"},
    "ask.label": {"en": "What does the other side say or want?", "zh": "对方说了什么、想要什么？"},
    "ask.hint": {"en": "The answer comes to you as a direct message.", "zh": "回答会以私信发给你。"},
    "followup.title": {"en": "New follow-up", "zh": "新的跟进"},
    "followup.who": {"en": "Whose answer do you wait for?", "zh": "你在等谁回复？"},
    "followup.what": {"en": "About what?", "zh": "什么事？"},
    "followup.when": {"en": "When shall I remind you if there is none?", "zh": "没有回复的话，什么时候提醒你？"},
    "followup.when.hint": {
        "en": "For example: in three working days, or Tuesday 9:00.",
        "zh": "比如：三个工作日后，或者周二上午九点。",
    },
    "followup.said": {
        "en": "Remind me to follow up with {who} about {what} {when}",
        "zh": "{when}提醒我跟进{who}：{what}",
    },
    "home.followups": {"en": "My open follow-ups", "zh": "我在跟进的事"},
    "home.tips": {"en": "Tips", "zh": "小贴士"},
    "home.followups.all": {"en": "All my follow-ups", "zh": "全部跟进"},
    "home.followup.new": {"en": "New follow-up", "zh": "新的跟进"},
    "form.empty": {"en": "Choose at least one answer.", "zh": "请至少选一项。"},
    "home.hello": {"en": "The private huddle before you answer the other side", "zh": "回复对方之前，先私下商量"},
    "home.how": {
        "en": "Write to me in Messages, mention me in a room, type /coach and your question, or choose “Coach me on this” from the menu of any message.",
        "zh": "可以在“消息”里写给我，在频道里提到我，输入 /coach 加问题，或者在任意一条消息的菜单里选“帮我看看这条”。",
    },
    "home.ask": {"en": "For example", "zh": "比如"},
    "home.recent": {"en": "Cards you looked at lately", "zh": "最近看过的卡片"},
    "home.language": {"en": "Language of my answers", "zh": "回答使用的语言"},
    "home.follow": {"en": "as I write", "zh": "跟随我的提问"},
    "home.help": {"en": "What can you do?", "zh": "你能做什么？"},
    "home.sent": {"en": "The answer waits for you under Messages.", "zh": "回答已发到“消息”里。"},
    "status": {"en": "is looking through the cards…", "zh": "正在翻卡片……"},
    "prompts": {"en": "For example", "zh": "比如"},
}

EXAMPLES: dict[Lang, tuple[tuple[str, str], ...]] = {
    "en": (
        ("They ask for exclusivity", "They asked for exclusivity, what do I say?"),
        ("They want our drawings", "Should I send them the CAD files?"),
        ("“We will do our best”", "They promise to do their best. Is that enough?"),
        ("No reply for a week", "They have not answered my mail for a week. What now?"),
    ),
    "zh": (
        ("对方要独家", "对方要独家代理，怎么办？"),
        ("对方要图纸", "对方要我们发图纸，能给吗？"),
        ("“我们会尽力”", "对方只说会尽力，够吗？"),
        ("一周没有回复", "邮件发出去一周没有回音，怎么办？"),
    ),
}
"""(title, message): up to four, as Slack allows (assistant.threads.setSuggestedPrompts, read 2026-11)."""


def say(name: str, lang: Lang, **values: object) -> str:
    """The words of this name, with {values} filled in."""
    return WORDS[name][lang].format(**values) if values else WORDS[name][lang]
