"""What the coach says of what it keeps about somebody, in both languages."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "title": {"en": "What I keep about you", "zh": "我保存了你的哪些信息"},
    "said": {
        "en": "Questions and answers: {n}. Your words go after {words} days, the answers {days} days after the conversation has ended.",
        "zh": "问答：{n} 条。你说的话保存 {words} 天，回答在对话结束后保存 {days} 天。",
    },
    "unanswered": {
        "en": "Questions passed to the curators: {n}, for {days} days.",
        "zh": "转给编者的问题：{n} 条，保存 {days} 天。",
    },
    "votes": {"en": "Votes on cards: {n}, for {days} days.", "zh": "对卡片的评价：{n} 条，保存 {days} 天。"},
    "followups": {
        "en": "Follow-ups: {n} ({open} open). Each goes {days} days after it has ended.",
        "zh": "跟进：{n} 件（{open} 件未完成）。每件在结束 {days} 天后删除。",
    },
    "contacts": {
        "en": "Counterparts: {n}, until you have your data erased.",
        "zh": "联系人：{n} 位，保存到你要求删除为止。",
    },
    "mails": {
        "en": "Copied mails: {n}, what came of each but not the mail itself, for {days} days.",
        "zh": "抄送的邮件：{n} 封，只记处理结果，不存邮件本身，保存 {days} 天。",
    },
    "sent": {
        "en": "Messages from me to you: {n}. Each goes after {days} days.",
        "zh": "我发给你的消息：{n} 条，每条保存 {days} 天。",
    },
    "self": {"en": "About yourself: {what}.", "zh": "你的个人信息和设置：{what}。"},
    "name": {"en": "name", "zh": "姓名"},
    "email": {"en": "e-mail address", "zh": "邮箱"},
    "zone": {"en": "time zone", "zh": "时区"},
    "lang": {"en": "language", "zh": "语言"},
    "quiet": {"en": "quiet hours", "zh": "免打扰时间"},
    "places": {"en": "Where I know you: {places}.", "zh": "你在这些地方和我说过话：{places}。"},
    "tips": {"en": "Tips: {every}.", "zh": "小贴士：{every}。"},
    "tips.none": {"en": "none wanted", "zh": "不发"},
    "other": {
        "en": "Other entries, such as sign-ins and what happened to a follow-up: {n}.",
        "zh": "其他记录（登录、跟进的经过等）：{n} 条。",
    },
    "whole.web": {
        "en": "Here you can download every entry as one file (JSON). It is for you alone.",
        "zh": "点下面的链接可以下载全部记录（一个 JSON 文件），只有你本人能下载。",
    },
    "whole.link": {
        "en": "For every entry as one file (JSON), open this link and press “Download all that is kept about me”. It works once, within {minutes} minutes; pass it to nobody:\n\n{link}",
        "zh": "想要全部记录（一个 JSON 文件），请用浏览器打开这个链接，再点“下载我的全部数据”。链接只能用一次，{minutes} 分钟内有效，请不要转给别人：\n\n{link}",
    },
    "whole.often": {
        "en": "For every entry as one file, sign in at the web page: you have several links that are not used yet. Use one of them, or ask me again in {minutes} minutes.",
        "zh": "想要全部记录，请登录网页下载：你已经有几个还没用过的链接，请先用其中一个，或者过 {minutes} 分钟再问我。",
    },
    "whole.terminal": {
        "en": "For every entry as one file (JSON), type on this machine:\n\ncaucus person export {who} > my-data.json",
        "zh": "想要全部记录（一个 JSON 文件），在这台机器上运行：\n\ncaucus person export {who} > my-data.json",
    },
    "whole.admin": {
        "en": "For every entry as one file (JSON), ask whoever runs Caucus. They type:\n\ncaucus person export {who}",
        "zh": "想要全部记录（一个 JSON 文件），请联系管理员，他们可以运行：\n\ncaucus person export {who}",
    },
    "erase": {"en": "To have all of it erased, say “delete my data”.", "zh": "想全部删除，随时说“删除我的数据”。"},
    "private": {
        "en": "What I keep about you I tell you alone. Ask me in a direct message.",
        "zh": "我保存了你的哪些信息，只能告诉你本人，请私下单独问我。",
    },
    "elsewhere": {
        "en": "Ask me for your data in the web chat, on Slack, WeChat or WeCom: there I know that it is you.",
        "zh": "请在网页、微信公众号、企业微信或 Slack 里问我，在那里我才能确认是你本人。",
    },
}


def say(name: str, lang: Lang, **values: object) -> str:
    """The words of this name, with {values} filled in."""
    return WORDS[name][lang].format(**values)
