"""What the coach says of broadcasts, to those who send them and those who get them, in both languages."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "how.title": {"en": "Broadcasts", "zh": "群发"},
    "how": {
        "en": (
            "Write, each on lines of its own:\n\nbroadcast to SEGMENT\nthe English text\n---\nthe Chinese text\n\n"
            "SEGMENT is one or several of {kinds}, joined by commas. Behind it you can say when: at 2026-11-30T09:30 (on everybody's "
            "own clock), or with an offset such as at 2026-11-30T09:30+08:00.\n\nI show you who gets it and how it looks before anything is sent."
        ),
        "zh": (
            "请这样写，各占一行：\n\n群发给 SEGMENT\n中文内容\n---\n英文内容\n\n"
            "SEGMENT 可以是这些里的一个或几个，用英文逗号隔开：{kinds}。后面还可以写时间：于 2026-11-30T09:30（按每个人当地时间），"
            "或带时区，如 于 2026-11-30T09:30+08:00。\n\n发送之前，我会先给你看发给谁、多少人、长什么样。"
        ),
    },
    "confirm.title": {"en": "Send this to {number} people?", "zh": "确定发给 {number} 个人吗？"},
    "confirm": {
        "en": "To: {segment} ({number} people: {channels}).\nWhen: {when}.{left}\n\nEnglish: {en}\n\nChinese: {zh}",
        "zh": "发给：{segment}（共 {number} 人：{channels}）。\n时间：{when}。{left}\n\n中文：{zh}\n\n英文：{en}",
    },
    "left": {"en": "\nLeft out: {left}.", "zh": "\n不发给：{left}。"},
    "left.opted_out": {"en": "{number} opted out", "zh": "{number} 人已退订"},
    "left.off": {"en": "{number} have the day off", "zh": "{number} 人当天休息"},
    "left.late": {"en": "for {number} it is too late", "zh": "{number} 人已过时间"},
    "left.unreachable": {"en": "{number} are reached by no channel", "zh": "{number} 人没有可用的渠道"},
    "left.later": {
        "en": "{number} get it after their quiet hours or day off",
        "zh": "{number} 人要等免打扰时段或休息日过后才收到",
    },
    "when.now": {"en": "now", "zh": "现在"},
    "when.local": {"en": "{at} on everybody's own clock", "zh": "{at}（每个人的当地时间）"},
    "when.at": {"en": "{at}", "zh": "{at}"},
    "problems": {"en": "This stands in the way:\n{problems}", "zh": "现在还不能发：\n{problems}"},
    "go": {"en": "Send to {number}", "zh": "发给 {number} 人"},
    "test": {"en": "Test to me", "zh": "先发给我看"},
    "discard": {"en": "Do not send", "zh": "不发了"},
    "pause": {"en": "Pause", "zh": "暂停"},
    "resume": {"en": "Go on", "zh": "继续发送"},
    "cancel": {"en": "Cancel", "zh": "取消群发"},
    "approve": {"en": "Approve", "zh": "批准"},
    "show": {"en": "How far is it?", "zh": "看进度"},
    "report": {"en": "Report", "zh": "看报告"},
    "tested": {"en": "On its way to you alone.", "zh": "正在只发给你一个人。"},
    "state": {
        "en": "{state}. Sent {sent}, waiting {waiting}, failed {failed}, in doubt {in_doubt}, opted out {opted_out}, cancelled {cancelled}.",
        "zh": "{state}。已送达 {sent}，等待 {waiting}，失败 {failed}，结果不明 {in_doubt}，已退订 {opted_out}，已取消 {cancelled}。",
    },
    "more": {
        "en": "\nUseful: {useful}, not: {not_useful}. Questions that followed: {questions}.",
        "zh": "\n觉得有用 {useful}，没用 {not_useful}。之后的提问 {questions} 个。",
    },
    "refused": {"en": "That was not done: {why}.", "zh": "没有执行：{why}。"},
    "voted": {"en": "Thank you, noted.", "zh": "谢谢，已记下。"},
    "stopped": {
        "en": "All right: no more tips and broadcasts. Your own reminders stay. To hear them again, say “send me tips”.",
        "zh": "好的，以后不再给你发小贴士和群发消息，你自己的提醒不受影响。想再收到，说“订阅小贴士”。",
    },
    "only-test": {"en": "That was the test: nothing was counted.", "zh": "这是测试消息，没有计入。"},
    "unreadable": {
        "en": "I need both texts: English and Chinese, with a line of --- between them.",
        "zh": "中英文都要有，中间用一行 --- 隔开。",
    },
}
STATES: dict[str, dict[Lang, str]] = {
    "draft": {"en": "Draft", "zh": "草稿"},
    "approved": {"en": "Approved", "zh": "已批准"},
    "scheduled": {"en": "Scheduled", "zh": "已排期"},
    "running": {"en": "Being sent", "zh": "发送中"},
    "paused": {"en": "Paused", "zh": "已暂停"},
    "done": {"en": "Done", "zh": "已完成"},
    "cancelled": {"en": "Cancelled", "zh": "已取消"},
    "stopped": {"en": "Stopped", "zh": "已停止"},
}


def say(name: str, lang: Lang, **values: object) -> str:
    """One text, filled in."""
    return WORDS[name][lang].format(**values)
