"""What the coach says of somebody's own e-mail address, in chat and in the mail with the code; both languages."""

from __future__ import annotations

from bot.messages import Lang

WORDS: dict[str, dict[Lang, str]] = {
    "sent": {
        "en": "I have sent a mail with a code to {email}. Type the code here within {minutes} minutes, and I know that the address is yours.",
        "zh": "验证码已经发到 {email}。请在 {minutes} 分钟内把它发给我，我就能确认这个邮箱是你的。",
    },
    "done": {
        "en": "Thank you. {email} is your e-mail address from now on: copied mail from it counts as yours.",
        "zh": "好的，{email} 已登记为你的邮箱。以后从这个邮箱发来的抄送，我都会认。",
    },
    "same": {
        "en": "{email} is your e-mail address already; nothing has changed.",
        "zh": "{email} 已经是你登记的邮箱了，没有变化。",
    },
    "taken": {
        "en": "I cannot note this address for you: it is in use already. If you use me on another channel too, say “link” there and send me the code here; else ask whoever runs Caucus.",
        "zh": "这个邮箱已经登记过了，不能再用。如果你在另一个渠道也用我，请在那边说“绑定账号”，再把绑定码发到这里；否则请联系管理员。",
    },
    "admin": {
        "en": "I take an e-mail address only when I can check that it is yours, and I cannot send mail here. Please ask whoever runs Caucus to enter it. They type:\n\ncaucus person email {who} {email}",
        "zh": "邮箱要先确认是你本人的才能登记，而我这里发不了邮件。请让管理员帮你登记，他们可以运行：\n\ncaucus person email {who} {email}",
    },
    "wrong": {
        "en": "That code is not right. Please look again in the newest mail from me.",
        "zh": "验证码不对，请以我发的最新一封邮件为准，再核对一下。",
    },
    "over": {
        "en": "That code can no longer be used. Say “my email is …” again, and I send a new one.",
        "zh": "这个验证码已经失效。请再说一次“我的邮箱是……”，我会重新发一个。",
    },
    "often": {
        "en": "I have sent you several codes already. Please use the newest, or try again in an hour.",
        "zh": "我已经发过几次验证码了。请用最新的那个，或者一小时后再试。",
    },
    "private": {
        "en": "Please tell me your e-mail address in a direct message; here others read along.",
        "zh": "请私下把邮箱告诉我，这里还有别人能看到。",
    },
    "elsewhere": {
        "en": "Tell me your e-mail address in the web chat, on Slack, WeChat or WeCom: there I know that it is you.",
        "zh": "请在网页、微信公众号、企业微信或 Slack 里告诉我邮箱，在那里我才能确认是你本人。",
    },
    "mail.subject": {"en": "Caucus: your code is {code}", "zh": "Caucus 验证码：{code}"},
    "mail.text": {
        "en": "Somebody, probably you, told Caucus, the negotiation coach, that this is their e-mail address. If it was you, send this code to the coach in the chat within {minutes} minutes:\n\n{code}\n\nIf it was not you, do nothing: without the code the address is not taken.\n",
        "zh": "有人（应该是你本人）告诉谈判教练 Caucus，这是自己的邮箱。如果是你，请在 {minutes} 分钟内回到聊天里，把这个验证码发给教练：\n\n{code}\n\n如果不是你本人，不用理会：没有验证码，这个邮箱不会被登记。\n",
    },
}


def say(name: str, lang: Lang, **values: object) -> str:
    """The words of this name, with {values} filled in."""
    return WORDS[name][lang].format(**values)
