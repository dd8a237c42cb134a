"""What does the console say about messages to many? Both languages, each written for its readers."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "new_broadcast": {"en": "A new one", "zh": "新建群发"},
    "one_broadcast": {"en": "Broadcast", "zh": "群发"},
    "segment": {"en": "To whom", "zh": "发给谁"},
    "segments_are": {
        "en": "Parts joined by commas: workspace, wecom:department:ID, wecom:tag:ID, slack:room:ID, lang:zh, theme:THEME, role:ROLE.",
        "zh": "多个条件用英文逗号隔开：workspace、wecom:department:ID、wecom:tag:ID、slack:room:ID、lang:zh、theme:主题、role:角色。",
    },
    "text_en": {"en": "Text in English", "zh": "英文内容"},
    "text_zh": {"en": "Text in Chinese", "zh": "中文内容"},
    "save_draft": {"en": "Keep as a draft", "zh": "存为草稿"},
    "would_reach": {"en": "It would reach {n} people now.", "zh": "现在发送会送达 {n} 人。"},
    "local_time": {"en": "At this time on each reader's clock (empty: now)", "zh": "按各收件人当地时间发送（不填则立即发送）"},
    "b_audience": {"en": "chosen", "zh": "目标人数"},
    "b_waiting": {"en": "waiting", "zh": "等待发送"},
    "b_sent": {"en": "sent", "zh": "已送达"},
    "b_in_doubt": {"en": "in doubt", "zh": "存疑"},
    "b_failed": {"en": "failed", "zh": "失败"},
    "b_opted_out": {"en": "opted out", "zh": "已退订"},
    "b_cancelled": {"en": "cancelled", "zh": "已取消"},
    "b_unreachable": {"en": "cannot be reached", "zh": "无法送达"},
    "b_votes": {"en": "useful / not useful", "zh": "有用 / 没用"},
    "do_test": {"en": "Send it to me", "zh": "先发给我看"},
    "do_approve": {"en": "Approve", "zh": "批准"},
    "do_start": {"en": "Start", "zh": "开始发送"},
    "do_pause": {"en": "Pause", "zh": "暂停"},
    "do_resume": {"en": "Go on", "zh": "继续发送"},
    "do_cancel": {"en": "Cancel it", "zh": "取消群发"},
}
