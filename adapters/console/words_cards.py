"""What does the console say about cards and their changes? Both languages, each written for its readers."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "find_card": {"en": "Find a card", "zh": "查找卡片"},
    "phrasings_n": {"en": "{n} phrasings", "zh": "{n} 种问法"},
    "votes_n": {"en": "useful {yes}, not {no}", "zh": "有用 {yes}，没用 {no}"},
    "looks": {"en": "As people see it", "zh": "用户看到的样子"},
    "c_web": {"en": "Web", "zh": "网页"},
    "c_slack": {"en": "Slack", "zh": "Slack"},
    "c_wechat": {"en": "WeChat", "zh": "微信公众号"},
    "c_wecom": {"en": "WeCom", "zh": "企业微信"},
    "c_terminal": {"en": "Terminal", "zh": "终端"},
    "c_email": {"en": "E-mail", "zh": "邮件"},
    "c_api": {"en": "API", "zh": "API"},
    "its_phrasings": {"en": "How people ask for it", "zh": "大家怎么问"},
    "in_en": {"en": "English", "zh": "英文"},
    "in_zh": {"en": "Chinese", "zh": "中文"},
    "read_card": {"en": "Open its page", "zh": "打开卡片页"},
    "to_zh": {"en": "See it in Chinese", "zh": "看中文版"},
    "to_en": {"en": "See it in English", "zh": "看英文版"},
    "belongs_to": {"en": "Belongs to", "zh": "属于"},
    "add_phrasing": {"en": "Add to this card", "zh": "加到这张卡片"},
    "new_card": {"en": "Write a new card", "zh": "写一张新卡片"},
}
