"""What the coach says of the secret address for copied mail, in both languages."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "title": {"en": "Your address for copied mail", "zh": "你的抄送邮箱地址"},
    "made": {
        "en": (
            "{address}\n\nPut it in BCC when you write to a counterpart: I note the follow-up and remind you. It is yours alone and I tell it only now, "
            "so save it in your address book. If it gets known, say “new mail address”."
        ),
        "zh": (
            "{address}\n\n给对方发邮件时把它放进密送（BCC），我就会记下这次跟进，到时候提醒你。这个地址只属于你，我只显示这一次，"
            "请存到通讯录里。万一泄露了，说“换一个抄送地址”就行。"
        ),
    },
    "changed": {
        "en": "{address}\n\nThis is the new one; save it in your address book. Mail to the old address is refused from now on.",
        "zh": "{address}\n\n这是新地址，请存到通讯录里。旧地址即刻失效，再发过去会被退回。",
    },
    "since": {
        "en": "You have had one since {since}. I showed it then and keep only its fingerprint, so I cannot show it again: look in your address book or among the recipients of a mail you copied. Shall I make a new one? The old one then stops.",
        "zh": "你在 {since} 已经有一个地址了。当时显示过一次，我这边只留了指纹，没法再显示。可以在通讯录或者之前密送的邮件里找一找。要换一个新的吗？换了之后旧地址就失效。",
    },
    "change": {
        "en": "Make a new address for copied mail? The one you have had since {since} stops at once, and mail to it is refused.",
        "zh": "要换一个新的抄送地址吗？{since} 起用的旧地址会马上失效，再发过去会被退回。",
    },
    "new": {"en": "Make a new one", "zh": "换一个新的"},
    "keep": {"en": "Keep the old one", "zh": "保留原来的"},
    "kept": {"en": "Fine, the address stays as it is.", "zh": "好的，地址不变。"},
    "private": {
        "en": "That address is for you alone. Ask me for it in a direct message.",
        "zh": "抄送地址只能给你本人看，请私下单独问我。",
    },
    "elsewhere": {
        "en": "Ask me for your mail address in the web chat, on Slack, WeChat or WeCom: there I know that it is you.",
        "zh": "请在网页、微信公众号、企业微信或 Slack 里问我抄送地址，在那里我才能确认是你本人。",
    },
    "off": {
        "en": "Copied mail is not set up here yet; whoever runs Caucus can do that. Until then just tell me: “I emailed the buyer about the quote, remind me Thursday”.",
        "zh": "这里还没有开通邮件抄送，需要管理员先设置。在那之前直接告诉我就行：“刚给客户发了报价，周四提醒我”。",
    },
    "whose": {
        "en": "One thing is missing: I take copies only from your own e-mail address, and I do not know it yet. Tell me: “my email is …”.",
        "zh": "还差一步：我只认从你本人邮箱发来的抄送，而我还不知道你的邮箱。请告诉我：“我的邮箱是……”。",
    },
}


def say(name: str, lang: Lang, **values: object) -> str:
    """The words of this name, with {values} filled in."""
    return WORDS[name][lang].format(**values)
