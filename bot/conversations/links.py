"""Linking the channels of one person, in conversation: a code here, typed there; unlinking; where reminders go."""

from __future__ import annotations

from bot.channel import Limits
from bot.conversations.answer import notice
from bot.conversations.turn import Turn
from bot.conversations.words import say
from bot.messages import Choice, Lang
from bot.people import linking
from bot.people.tables import AddressRow, PersonRow

UNASKED = ("slack", "wecom", "wechat")
"""Channels on which something can come unasked."""
_APART = ("解绑", "断开", "取消绑定", "解除绑定", "unlink", "disconnect", "unpair", "unbind")
_SHOW = ("绑了哪些", "绑定了哪些", "绑定情况", "which accounts", "what is linked", "linked accounts")
_PREFER = ("提醒发到", "提醒发在", "首选渠道", "发到哪", "preferred channel", "reminders go", "send reminders")


def link(turn: Turn) -> None:
    """Whatever the person wants of their channels: redeem a code, unlink, choose where reminders go, or get a code."""
    said = turn.inbound.text.casefold()
    if code := linking.code_in(turn.inbound.text):
        _redeem(turn, code)
    elif any(word in said for word in _APART):
        _offer(turn, "unlink", [address for address in _mine(turn) if address.id != turn.address.id])
    elif any(word in said for word in _PREFER):
        _offer(turn, "prefer", [address for address in _mine(turn) if address.channel in UNASKED])
    elif any(word in said for word in _SHOW):
        _show_linked(turn)
    else:
        code = linking.new_code(turn.session, turn.address, turn.now)
        turn.show(notice("link.code", turn.lang, title=say("link.title", turn.lang), code=f"{code[:3]} {code[3:]}"))


def press(turn: Turn, kind: str, address_id: str) -> bool:
    """Unlink or prefer one address of the person's own; False for any other."""
    found = next((address for address in _mine(turn) if address.id == address_id), None)
    if found is None:
        return False
    turn.intent = "link"
    if kind == "prefer":
        linking.prefer(turn.session, found)
        turn.show(notice("link.prefers", turn.lang, place=place(found, turn.lang)))
        if (limits := turn.limits(found.channel)) and not limits.may_speak_first:
            turn.show(caution(turn.lang, limits))
    else:
        linking.unlink(turn.session, found, turn.now)
        turn.show(notice("link.apart", turn.lang, place=place(found, turn.lang)))
    return True


def caution(lang: Lang, limits: Limits):  # noqa: ANN201 - a Card
    """What it means that a channel may not speak first, with another one offered."""
    name = "reach.answers" if limits.only_answers else "reach.window"
    return notice(name, lang, choices=[Choice(id="command:link", title=say("link.title", lang))])


def place(address: AddressRow, lang: Lang) -> str:
    """A channel's name as people know it."""
    name = f"place.{address.channel}"
    return say(name, lang)


def _redeem(turn: Turn, code: str) -> None:
    outcome, told_at = linking.redeem(turn.session, code, turn.address, turn.now)
    other = place(told_at, turn.lang) if told_at else ""
    if outcome == "done":
        turn.person = turn.session.get_one(PersonRow, turn.address.person_id)
        turn.show(notice("link.done", turn.lang, place=other, choices=_places(turn)))
    else:
        turn.show(notice(f"link.{outcome}", turn.lang, place=other))


def _places(turn: Turn) -> list[Choice]:
    """Where reminders may go, when there is more than one place."""
    places = [address for address in _mine(turn) if address.channel in UNASKED]
    return _choices("prefer", places, turn.lang) if len(places) > 1 else []


def _offer(turn: Turn, kind: str, places: list[AddressRow]) -> None:
    name = f"link.{kind}" if places else "link.alone"
    turn.show(notice(name, turn.lang, choices=_choices(kind, places[:8], turn.lang)))


def _choices(kind: str, places: list[AddressRow], lang: Lang) -> list[Choice]:
    return [
        Choice(id=f"{kind}:{address.id}", title=say(f"link.{kind}.to", lang, place=place(address, lang))) for address in places
    ]


def _show_linked(turn: Turn) -> None:
    mine = _mine(turn)
    names = ("、" if turn.lang == "zh" else ", ").join(place(address, turn.lang) for address in mine)
    others = [address for address in mine if address.id != turn.address.id]
    turn.show(notice("link.list", turn.lang, places=names, choices=_choices("unlink", others[:8], turn.lang)))


def _mine(turn: Turn) -> list[AddressRow]:
    return linking.addresses(turn.session, turn.person.id)
