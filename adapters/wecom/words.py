"""What the WeCom app says itself, where the coach has nothing to say."""

from __future__ import annotations

from bot.messages import Lang

ONLY_TEXT = "抱歉，语音、图片、视频和文件我还看不懂。请用文字把情况告诉我，比如：“对方要独家代理，怎么办？”\n\nSorry, I read words only. Please tell me in a few words what happened."
CHOSEN = "已选择"
REFERENCE: dict[Lang, str] = {"zh": "（编号 {key}）", "en": "(ref. {key})"}
"""At the end of what is sent unasked: two reminders of the same wording must not pass for one (see send.py)."""
TITLES: dict[Lang, str] = {"zh": "请选择", "en": "Please choose"}
