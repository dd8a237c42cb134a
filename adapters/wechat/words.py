"""What the official account says itself, where the coach has nothing to say. Chinese first, then the same in English."""

from __future__ import annotations

ONLY_TEXT = "抱歉，图片、视频、链接和文件我还看不懂。请用文字把情况告诉我，比如：“对方要独家代理，怎么办？”\n\nSorry, I read words only. Please tell me in a few words what happened."
NO_WORDS_HEARD = "抱歉，这条语音没有识别出文字。请再说一遍，或者直接打字。\n\nSorry, no words came with that voice message. Please say it again, or type."
LATER = "这个问题我需要多想一会儿。请稍后回复任意内容（例如“好了吗”），我会把答案先发给你。\n\nThis takes me a moment. Send me anything in a little while, and you will get the answer."
CHOOSE = "请选择（也可以直接回复数字）："
CHOOSE_EN = "Please choose, or reply with the number:"
NEWS = "你有一条新消息"
"""The title of a subscription or template message; its text follows in the account."""
