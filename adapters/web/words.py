"""What does the page itself say, around the cards? The interface's words in both languages; advice never stands here."""

from __future__ import annotations

from types import SimpleNamespace

from adapters.site.words import LANG_TAG, spaces, tongue
from adapters.site.words import WORDS as SHARED
from bot.messages import Lang

__all__ = ["EXAMPLES", "LANG_TAG", "WORDS", "tongue", "words"]

WORDS: dict[str, dict[Lang, str]] = {
    **SHARED,
    "skip": {"en": "Skip to the question box", "zh": "跳到提问框"},
    "welcome": {"en": "What did the other side say?", "zh": "对方说了什么？"},
    "welcome_more": {
        "en": "Tell it in your own words. You get a verdict, the reasons, and the words to send back.",
        "zh": "用你自己的话说就行。你会得到结论、理由，以及可以直接发给对方的话。",
    },
    "for_example": {"en": "For example", "zh": "比如"},
    "conversation": {"en": "Conversation", "zh": "对话"},
    "you": {"en": "You", "zh": "你"},
    "coach": {"en": "Coach", "zh": "教练"},
    "earlier": {"en": "Earlier messages are not shown here:", "zh": "更早的消息这里不再显示："},
    "ask_label": {"en": "Your question", "zh": "你的问题"},
    "ask_hint": {"en": "What did they say, or want?", "zh": "对方说了什么、想要什么？"},
    "send": {"en": "Send", "zh": "发送"},
    "keys": {"en": "Enter sends, Shift + Enter starts a new line.", "zh": "按 Enter 发送，Shift + Enter 换行。"},
    "thinking": {"en": "Looking through the cards…", "zh": "正在翻卡片……"},
    "failed": {"en": "This did not get through. Your words are kept.", "zh": "没有发出去，你写的内容还在。"},
    "retry": {"en": "Try again", "zh": "重试"},
    "edit": {"en": "Edit", "zh": "修改"},
    "copy": {"en": "Copy", "zh": "复制"},
    "copied": {"en": "Copied", "zh": "已复制"},
    "message": {"en": "message", "zh": "第"},
    "copy_by_hand": {
        "en": "Your browser does not let me copy. The text is selected: copy it with the keyboard.",
        "zh": "浏览器不允许自动复制。文字已选中，请用键盘复制。",
    },
    "slots": {"en": "Fill in the marked places.", "zh": "标出的地方请自己填。"},
    "choices": {"en": "Choices", "zh": "可选"},
    "related": {"en": "More on this", "zh": "相关内容"},
    "was_it": {"en": "Was this useful?", "zh": "这张卡片有用吗？"},
    "open_card": {"en": "Link and print", "zh": "链接与打印"},
    "print": {"en": "Print", "zh": "打印"},
    "tour_ask": {
        "en": "Ask in your own words, in English or Chinese: you get a verdict and words to send.",
        "zh": "用自己的话提问，中英文都行：你会得到结论和可以直接发的话。",
    },
    "tour_follow": {
        "en": "Say “remind me Thursday, I wrote to the buyer”: I come back at an hour when they can be reached.",
        "zh": "说“周四提醒我，已经给客户发了邮件”，我会在对方方便的时间提醒你。",
    },
    "tour_again": {
        "en": "After an answer, ask: why? what do I write? and if they insist?",
        "zh": "看完回答接着问：为什么？怎么写？对方坚持呢？",
    },
    "tour": {"en": "How it works, in three lines", "zh": "三句话说明用法"},
    "my_matters": {"en": "My follow-ups", "zh": "我的跟进"},
    "no_matters": {"en": "None open.", "zh": "没有待跟进的事。"},
    "matter_show": {"en": "Open", "zh": "查看"},
    "matter_done": {"en": "Done", "zh": "完成"},
    "their_clock": {"en": "{at} in {place}", "zh": "{place} {at}"},
    "your_clock": {"en": "{at} for you", "zh": "你这边 {at}"},
    "late": {"en": "overdue", "zh": "已过期"},
    "history": {"en": "What I asked before", "zh": "历史提问"},
    "search": {"en": "Search", "zh": "搜索"},
    "search_for": {"en": "Words of a question or its answer", "zh": "问题或回答里的词"},
    "found_none": {"en": "Nothing found.", "zh": "没有找到。"},
    "words_gone": {"en": "(words no longer kept)", "zh": "（原话已不再保留）"},
    "words_kept": {
        "en": "Your own words are kept for 14 days; the answers stay longer.",
        "zh": "你的原话保留 14 天，回答保留得更久。",
    },
    "take_along": {"en": "Take it along:", "zh": "导出："},
    "as_text": {"en": "as text", "zh": "文本"},
    "as_json": {"en": "as JSON", "zh": "JSON"},
    "notify": {"en": "Show reminders on this desktop", "zh": "在桌面显示提醒"},
    "notify_on": {"en": "Reminders are shown on this desktop while this page is open.", "zh": "打开本页时，提醒会显示在桌面上。"},
    "notify_off": {
        "en": "The browser does not allow it; its settings can change that.",
        "zh": "浏览器不允许通知，可以在浏览器设置里打开。",
    },
    "missed": {"en": "Came while you were away", "zh": "你不在的时候收到的"},
    "copy_link": {"en": "Copy the link", "zh": "复制链接"},
}

EXAMPLES: dict[Lang, tuple[str, str, str]] = {
    "en": (
        "They asked for exclusivity, what do I say?",
        "Should I send them the CAD files?",
        "They promise to do their best. Is that enough?",
    ),
    "zh": ("对方要独家代理，怎么办？", "对方要我们发图纸，能给吗？", "只靠邮件沟通行吗？"),
}
"""Three questions to begin with, one press each."""

_SPACES = spaces(WORDS)


def words(lang: Lang) -> SimpleNamespace:
    """All words of one language by name, for templates: `w.send`."""
    return _SPACES[lang]
