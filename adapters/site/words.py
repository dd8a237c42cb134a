"""What do the shared pages say: sign-in, account, refusals? Both languages; advice never stands here."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

from bot.messages import Lang

LANG_TAG: dict[Lang, str] = {"en": "en", "zh": "zh-Hans"}
"""The `lang` attribute, by which browsers choose fonts and screen readers a voice."""

WORDS: dict[str, dict[Lang, str]] = {
    "tagline": {"en": "Negotiation coach", "zh": "谈判教练"},
    "page_title": {"en": "Caucus, a negotiation coach", "zh": "Caucus 谈判教练"},
    "language": {"en": "Language of this page", "zh": "页面语言"},
    "to_chat_short": {"en": "Back to the coach", "zh": "返回教练"},
    "n_more": {"en": "{n} more", "zh": "还有 {n} 条"},
    "first_ones": {"en": "Back to the first", "zh": "回到开头"},
    "going_on": {"en": "Go on", "zh": "继续"},
    "sign_in": {"en": "Sign in", "zh": "登录"},
    "sign_in_how": {
        "en": "There is no password. A link that works once lets you in:",
        "zh": "这里不用密码，用一次性链接登录：",
    },
    "sign_in_chat": {
        "en": "On Slack, WeChat or WeCom, write “sign in” to the coach in a direct message. It answers with your link.",
        "zh": "在微信公众号、企业微信或 Slack 里私下给教练发“登录”，它会回一个链接给你。",
    },
    "sign_in_invite": {"en": "Or ask whoever runs Caucus for an invitation.", "zh": "也可以请管理员发一个邀请链接给你。"},
    "sign_in_mail": {"en": "Or have it sent by e-mail.", "zh": "也可以发到邮箱。"},
    "your_mail": {"en": "Your e-mail address", "zh": "邮箱地址"},
    "send_link": {"en": "Send me a link", "zh": "发送链接"},
    "mailed": {
        "en": "If we know this address, a link is on its way. It works once, within 20 minutes.",
        "zh": "如果这个邮箱在我们这里登记过，链接很快就到。链接只能用一次，20 分钟内有效。",
    },
    "mail_subject": {"en": "Your link to Caucus", "zh": "Caucus 登录链接"},
    "mail_text": {
        "en": "Somebody, probably you, asked to sign in to Caucus, the negotiation coach. This link works once, within 20 minutes:\n\n{link}\n\nIf it was not you, do nothing: without this link nobody gets in.\n",
        "zh": "有人（应该是你本人）想登录谈判教练 Caucus。下面的链接只能用一次，20 分钟内有效：\n\n{link}\n\n如果不是你本人，不用理会：没有这个链接，谁也登录不了。\n",
    },
    "welcome_in": {"en": "Welcome", "zh": "欢迎"},
    "welcome_name": {"en": "Welcome, {name}", "zh": "{name}，欢迎"},
    "enter": {"en": "Sign in at this browser", "zh": "在这个浏览器登录"},
    "enter_why": {
        "en": "You stay signed in here until you sign out, or for 30 days without a visit. Do it only on a device of your own.",
        "zh": "登录会一直有效，直到你退出，或者连续 30 天没有使用。请只在自己的设备上登录。",
    },
    "link_used": {
        "en": "This link has been used already; each works once. If it was not you who used it, sign out everywhere on your account page, or tell your admin.",
        "zh": "这个链接已经用过了，每个链接只能用一次。如果不是你本人用的，请在账号页面退出所有设备，或告诉管理员。",
    },
    "link_expired": {"en": "This link has expired. Please get a new one.", "zh": "这个链接已经过期，请重新拿一个。"},
    "link_unknown": {
        "en": "This is not a link of ours. Please check that you copied all of it.",
        "zh": "这个链接不对，请检查是否复制完整。",
    },
    "new_link": {"en": "How to get a link", "zh": "怎样拿到链接"},
    "account": {"en": "Your account", "zh": "我的账号"},
    "role_is": {"en": "Your role: {role}", "zh": "你的角色：{role}"},
    "role_member": {"en": "member", "zh": "成员"},
    "role_curator": {"en": "curator", "zh": "编者"},
    "role_admin": {"en": "admin", "zh": "管理员"},
    "all_mine": {"en": "Download all that is kept about me", "zh": "下载我的全部数据"},
    "all_mine_what": {
        "en": "Every entry, decrypted, as one file (JSON). Keep it where nobody else reads it.",
        "zh": "全部记录，已解密，一个 JSON 文件。请存放在别人看不到的地方。",
    },
    "signed_in_on": {"en": "Where you are signed in", "zh": "已登录的设备"},
    "unknown_device": {"en": "A browser", "zh": "某个浏览器"},
    "this_device": {"en": "this one", "zh": "本机"},
    "since": {"en": "since {at}", "zh": "登录于 {at}"},
    "last_seen": {"en": "last used {at}", "zh": "最近使用 {at}"},
    "whose_clock": {"en": "All times: {zone} time.", "zh": "以下均为{zone}时间。"},
    "end_session": {"en": "Sign out there", "zh": "退出这台"},
    "sign_out": {"en": "Sign out", "zh": "退出登录"},
    "sign_out_all": {"en": "Sign out everywhere", "zh": "退出所有设备"},
    "console": {"en": "Console", "zh": "控制台"},
    "to_chat": {"en": "Ask about your own case", "zh": "问问你自己的情况"},
    "no_card": {"en": "There is no such card.", "zh": "没有这张卡片。"},
    "no_session": {"en": "There is no such session of yours.", "zh": "你没有这个登录记录。"},
    "no_file": {"en": "There is no such file.", "zh": "没有这个文件。"},
    "unavailable": {
        "en": "The coach cannot reach its notes right now. Nothing was done; please try again in a moment.",
        "zh": "教练暂时打不开自己的记录。什么都没有改动，请稍后再试。",
    },
    "too_often": {"en": "That was a bit much at once. Please wait a minute.", "zh": "操作太频繁了，请过一分钟再试。"},
    "signed_out": {
        "en": "You are no longer signed in. Please sign in again; your words are kept on this page.",
        "zh": "登录已失效，请重新登录。你写的内容还留在这个页面上。",
    },
    "not_loopback": {
        "en": "This Caucus talks only to a browser on the very machine it runs on. CAUCUS_PUBLIC_URL opens it to others, with sign-in.",
        "zh": "这个 Caucus 只接受本机浏览器的访问。设置 CAUCUS_PUBLIC_URL 后，其他人可以登录使用。",
    },
    "not_our_name": {"en": "This is not the address of this Caucus.", "zh": "这不是本 Caucus 的网址。"},
    "not_same_origin": {
        "en": "This request came from another page, so it was not accepted.",
        "zh": "这个请求来自别的网页，因此没有接受。",
    },
    "not_yours": {
        "en": "Your role does not allow this. An admin can change that.",
        "zh": "你的角色没有这个权限，可以请管理员调整。",
    },
    "too_long": {"en": "That is too long for one message. Please shorten it.", "zh": "这一条太长了，请写短一些。"},
    "wrong_type": {"en": "Messages must come from the form of this page.", "zh": "消息要从本页的输入框发送。"},
    "broken_text": {"en": "The text arrived damaged (it is not valid UTF-8).", "zh": "收到的文字已损坏（不是有效的 UTF-8）。"},
    "wrong_fields": {
        "en": "The form holds something this page did not ask for, or lacks what it needs.",
        "zh": "提交的内容和本页的表单不符。",
    },
    "cut_off": {"en": "The message did not arrive whole.", "zh": "消息没有完整送达。"},
}


def spaces(words: Mapping[str, Mapping[Lang, str]]) -> dict[Lang, SimpleNamespace]:
    """All words of each language by name, for templates: `w.send`."""
    langs: tuple[Lang, ...] = ("en", "zh")
    return {lang: SimpleNamespace(**{name: both[lang] for name, both in words.items()}) for lang in langs}


def tongue(text: str) -> Lang:
    """The language a person's own words are most likely in, for the `lang` attribute only."""
    return "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"
