"""What the coach says of the channel by which the person wants to follow up, in both languages."""

from __future__ import annotations

from bot.messages import Lang

CHANNEL: dict[str, dict[Lang, str]] = {
    "by.wechat": {"en": "on WeChat", "zh": "通过微信"},
    "by.text": {"en": "by text message", "zh": "发短信"},
    "by.phone": {"en": "by phone", "zh": "打电话"},
    "by.email": {"en": "by e-mail", "zh": "发邮件"},
    "by.meeting": {"en": "in person", "zh": "当面"},
    "made.by": {"en": "You then follow up {by}.", "zh": "到时{by}跟进。"},
    "made.by.at": {"en": "You then follow up {by}: {known}.", "zh": "到时{by}跟进：{known}。"},
    "n.by": {"en": "Follow up {by}.", "zh": "{by}跟进。"},
    "n.by.at": {"en": "Follow up {by}: {known}", "zh": "{by}跟进：{known}"},
    "n.notice.wechat": {"en": "Tell them on WeChat that the e-mail is there", "zh": "在微信上告诉对方邮件已发"},
    "n.notice.text": {"en": "Send a text message that the e-mail is there", "zh": "发条短信，告诉对方邮件已发"},
    "n.notice.phone": {"en": "Call to say that the e-mail is there", "zh": "打个电话，告诉对方邮件已发"},
    "n.call.wechat": {"en": "Write to them on WeChat and offer the main points", "zh": "在微信上联系，可以把要点发过去"},
    "n.call.text": {"en": "Send a text message and offer the main points", "zh": "发条短信，可以把要点发过去"},
    "n.not_delivered.wechat": {"en": "The e-mail did not arrive: write to them on WeChat", "zh": "邮件没有送达：在微信上联系"},
    "n.not_delivered.text": {"en": "The e-mail did not arrive: send a text message", "zh": "邮件没有送达：发短信联系"},
    "n.not_delivered.phone": {"en": "The e-mail did not arrive: call them", "zh": "邮件没有送达：打电话联系"},
}
