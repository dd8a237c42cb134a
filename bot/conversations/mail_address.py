"""To which secret address does somebody copy mail? Made when first asked for, told once, and changed only after a second word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.conversations.mail_address_words import say
from bot.conversations.turn import Turn
from bot.followups import mail_addresses
from bot.messages import Card, Choice

_NEW = re.compile(
    r"(?<![a-z])(?:new|another|other|fresh|different|replacement|change|rotate|replace|reset|renew|regenerate|swap|leaked|spam"
    r"|stop using)(?![a-z])"
    r"|新|换|改|重置|更换|作废|泄露|别的|另|重新",
    re.IGNORECASE,
)


def tell(turn: Turn) -> None:
    """Tell the address when there was none, ask before it is changed, and only where nobody else reads along."""
    if not turn.known:
        _tell(turn, "elsewhere")
    elif not turn.alone:
        _tell(turn, "private")
    elif not turn.mail_domain:
        _tell(turn, "off")
    elif since := mail_addresses.made_at(turn.session, turn.person):
        turn.state.pending = "mail-address"
        choices = [Choice(id=f"address:{word}", title=say(word, turn.lang)) for word in ("new", "keep")]
        name = "change" if _NEW.search(turn.inbound.text) else "since"
        _tell(turn, name, choices, since=f"{since:%Y-%m-%d}")
    else:
        _make(turn, "made")


def press(turn: Turn, value: str) -> bool:
    """Make a new address, or keep the one there is. False when that was not asked just now."""
    if turn.state.pending != "mail-address" or value not in ("new", "keep"):
        return False
    turn.intent, turn.state.pending = "mail-address", None
    if value == "keep":
        _tell(turn, "kept")
    else:
        _make(turn, "changed")
    return True


def _make(turn: Turn, name: str) -> None:
    token = mail_addresses.set_token(turn.session, turn.person, turn.now)
    _tell(turn, name, title=say("title", turn.lang), address=mail_addresses.address(token, turn.mail_domain))
    if not turn.person.email:
        _tell(turn, "whose")


def _tell(turn: Turn, name: str, choices: Sequence[Choice] = (), title: str = "", **values: str) -> None:
    text = say(name, turn.lang, **values)
    turn.show(Card(id=f"mail-address.{name}", kind="notice", lang=turn.lang, title=title, text=text, choices=list(choices)))
