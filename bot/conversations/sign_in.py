"""How does somebody get into the web pages from a chat? They write "sign in" to the coach alone, and it tells a link."""

from __future__ import annotations

import re

from bot.conversations.answer import notice
from bot.conversations.turn import Turn
from bot.people import signin

_ASKED = re.compile(
    r"(?:/?caucus )?(?:sign ?-?in|log ?-?in|(?:open (?:the )?)?console)(?: link)?[.!]?"
    r"|(?:登录|登陆|登入|网页登录|打开控制台|控制台|后台)(?:链接)?[。！.!]?",
    re.IGNORECASE,
)
"""The whole message: a command that is typed, never guessed."""
_TELLS = frozenset({"slack", "wechat", "wecom", "terminal"})
"""Channels on which we know who writes. Not the API: a key may have lesser rights than its owner."""


def asked_for(text: str) -> bool:
    """Whether the message asks for a link, and is nothing else."""
    return len(text) <= 40 and _ASKED.fullmatch(text.strip()) is not None


def tell(turn: Turn) -> None:
    """Tell a link that lets this person in once; only where nobody else reads along."""
    turn.intent = "sign-in"
    channel = turn.address.channel
    if turn.inbound.outsider:
        turn.show(notice("outsider", turn.lang))
    elif channel not in _TELLS or not turn.site:
        turn.show(notice("sign-in.elsewhere", turn.lang))
    elif not turn.alone:
        turn.show(notice("sign-in.private", turn.lang))
    elif token := signin.new_link(turn.session, turn.person, "chat", turn.now):
        curates = turn.person.role in ("curator", "admin")
        link = f"{turn.site}/sign-in/{token}{'?to=/console' if curates else ''}"
        turn.show(notice("sign-in.console" if curates else "sign-in.chat", turn.lang, link=link))
    else:
        turn.show(notice("sign-in.often", turn.lang))
