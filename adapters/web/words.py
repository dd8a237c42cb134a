"""What does the page itself say, around the cards? The interface's words in both languages; advice never stands here."""

from __future__ import annotations

from types import SimpleNamespace

from bot.messages import Lang

LANG_TAG: dict[Lang, str] = {"en": "en", "zh": "zh-Hans"}
"""The `lang` attribute, by which browsers choose fonts and screen readers a voice."""

WORDS: dict[str, dict[Lang, str]] = {
    "tagline": {"en": "Negotiation coach", "zh": "谈判教练"},
    "page_title": {"en": "Caucus, a negotiation coach", "zh": "Caucus 谈判教练"},
    "skip": {"en": "Skip to the question box", "zh": "跳到提问框"},
    "language": {"en": "Language of this page", "zh": "页面语言"},
    "welcome": {"en": "What did the other side say?", "zh": "对方说了什么？"},
    "welcome_more": {
        "en": "Tell it in your own words. You get a verdict, the reasons, and the words to send back.",
        "zh": "用你自己的话说就行。你会得到结论、理由，以及可以直接发给对方的话。",
    },
    "for_example": {"en": "For example", "zh": "比如"},
    "conversation": {"en": "Conversation", "zh": "对话"},
    "you": {"en": "You", "zh": "你"},
    "coach": {"en": "Coach", "zh": "教练"},
    "earlier": {"en": "Earlier messages are not shown here.", "zh": "更早的消息这里不再显示。"},
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
    "to_chat": {"en": "Ask about your own case", "zh": "问问你自己的情况"},
    "to_chat_short": {"en": "Back to the coach", "zh": "返回教练"},
    "no_file": {"en": "There is no such file.", "zh": "没有这个文件。"},
    "no_card": {"en": "There is no such card.", "zh": "没有这张卡片。"},
    "unavailable": {
        "en": "The coach cannot reach its notes right now. Nothing was done; please try again in a moment.",
        "zh": "教练暂时打不开自己的记录。什么都没有改动，请稍后再试。",
    },
    "not_loopback": {
        "en": "For now Caucus talks only to a browser on the very machine it runs on.",
        "zh": "目前 Caucus 只接受本机浏览器的访问。",
    },
    "not_same_origin": {
        "en": "This request came from another page, so it was not accepted.",
        "zh": "这个请求来自别的网页，因此没有接受。",
    },
    "too_long": {"en": "That is too long for one message. Please shorten it.", "zh": "这一条太长了，请写短一些。"},
    "wrong_type": {"en": "Messages must come from the form of this page.", "zh": "消息要从本页的输入框发送。"},
    "broken_text": {"en": "The text arrived damaged (it is not valid UTF-8).", "zh": "收到的文字已损坏（不是有效的 UTF-8）。"},
    "wrong_fields": {
        "en": "A message has either a text or a choice, and nothing the page does not know.",
        "zh": "一条消息只能是文字或选项之一，不能有页面不认识的内容。",
    },
    "cut_off": {"en": "The message did not arrive whole.", "zh": "消息没有完整送达。"},
    "going_on": {"en": "Open the conversation", "zh": "打开对话"},
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

_SPACES: dict[Lang, SimpleNamespace] = {
    "en": SimpleNamespace(**{name: both["en"] for name, both in WORDS.items()}),
    "zh": SimpleNamespace(**{name: both["zh"] for name, both in WORDS.items()}),
}


def words(lang: Lang) -> SimpleNamespace:
    """All words of one language by name, for templates: `w.send`."""
    return _SPACES[lang]


def tongue(text: str) -> Lang:
    """The language a person's own words are most likely in, for the `lang` attribute only."""
    return "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"
