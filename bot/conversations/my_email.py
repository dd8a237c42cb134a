"""Which e-mail address is somebody's own? Said in chat, believed only when a code that was mailed there comes back.

Copied mail counts by its sender's address: taken on anybody's word, it would make other people's mail theirs.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata
from functools import partial

from bot.conversations.answer import notice
from bot.conversations.my_email_words import say
from bot.conversations.turn import Turn
from bot.messages import Card
from bot.people import directory

LASTS = dt.timedelta(minutes=30)
MOST_WRONG = 5
"""Wrong codes; then a new one has to be mailed."""
MOST_MAILS, WITHIN = 3, dt.timedelta(hours=1)
"""Codes mailed on the word of one talk: nobody's mailbox is filled by us."""
LONGEST = 254
_LINKED = re.compile(r"<mailto:([^|>\s]+)(?:\|[^>]*)?>")
"""As Slack writes an address."""
_EMAIL = r"(?P<email{}>[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{1,8}})"
_OWN = r"my (?:own |new |work |business |office |company |private |personal |actual )*(?:e-?mail|mail)(?: address| adress| id)?"
_SAID = re.compile(
    r"(?:(?:hi|hello|ok|okay|please|pls|and|so|yes|by the way|fyi)[,.!:]? )*(?:"
    rf"{_OWN}(?: is now| is| =|:|,| -)? ?:?{_EMAIL.format(1)}"
    rf"|(?:change|set|update|correct) {_OWN} to {_EMAIL.format(6)}"
    rf"|(?:use|take|register|note|save|add|set|remember) {_EMAIL.format(2)} (?:as|for) my (?:own |new |work )*(?:e-?mail|mail)(?: address)?"
    rf"|{_EMAIL.format(3)} is my (?:own |new |work |business |office |company |private |personal )*(?:e-?mail|mail)(?: address)?"
    r")(?: (?:now|please|thanks|from now on))*"
    rf"|(?:你好|请|麻烦|帮我|那|记一?下|登记一?下|对了)*(?:把|将)?我(?:自己|本人|个人|公司|工作|现在|新)*的?(?:工作|公司|个人|新)*(?:的)?(?:电子)?(?:邮箱|邮件|email|mail)(?:地址|账号)?(?:现在)?(?:是|为|改成|改为|换成|设为|设成|登记为|就是)?{_EMAIL.format(4)}"
    rf"|{_EMAIL.format(5)}(?:这个|就|才)?是我(?:自己|本人|个人|公司|工作|新)*的(?:工作|公司|个人|新)*(?:电子)?(?:邮箱|邮件|email)(?:地址)?",
)
_ZH_SPACES = re.compile(r"(?<=[\u3400-\u9fff])[\s:,，：]+|[\s:,，：]+(?=[\u3400-\u9fff])")
_CODE = re.compile(r"(?:(?:my |the )?(?:e-?mail )?code(?: is)?[: ]*|(?:邮箱)?验证码(?:是|为)?[: ]*)?(?<!\d)(\d{4})[ -]?(\d{4})")


def address_in(text: str) -> str | None:
    """The address that the message says is the writer's own; None for any other message. In lower case."""
    said = unicodedata.normalize("NFKC", _LINKED.sub(r"\1", text[: LONGEST + 200])).casefold()
    said = _ZH_SPACES.sub("", " ".join(said.split())).strip(" .!。！,;'\"“”")
    found = _SAID.fullmatch(said)
    email = next(filter(None, found.groupdict().values())) if found else None
    return email if email and len(email) <= LONGEST else None


def tell(turn: Turn, email: str) -> None:
    """Mail a code to the address, or say why not. Nothing is believed yet."""
    turn.intent = "my-email"
    owner = directory.by_email(turn.session, email)
    if turn.inbound.outsider:
        turn.show(notice("outsider", turn.lang))
    elif not turn.known or not turn.alone:
        _show(turn, "private" if turn.known else "elsewhere")
    elif owner:
        _show(turn, "same" if owner.id == turn.person.id else "taken", email=email)
    elif turn.mail is None:
        _show(turn, "admin", email=email, who=str(turn.inbound.address))
    else:
        before = turn.state.own_email or {}
        mailed = [at for at in before.get("mailed", []) if dt.datetime.fromisoformat(at) > turn.now - WITHIN]
        if len(mailed) >= MOST_MAILS:
            return _show(turn, "often")
        code, minutes = f"{secrets.randbelow(10**8):08}", int(LASTS.total_seconds() // 60)
        turn.state.own_email = {
            "email": email,
            "digest": directory.digest(code),
            "until": (turn.now + LASTS).isoformat(),
            "wrong": 0,
            "mailed": [*mailed, turn.now.isoformat()],
        }
        shown = f"{code[:4]} {code[4:]}"
        subject, text = (say(f"mail.{part}", turn.lang, code=shown, minutes=minutes) for part in ("subject", "text"))
        turn.after.append(partial(turn.mail, email, subject, text))
        _show(turn, "sent", email=email, minutes=minutes)
    return None


def answer(turn: Turn, text: str) -> bool:
    """Take a code that was mailed; False when none is waited for, or the message is none."""
    waits, found = turn.state.own_email, _CODE.fullmatch(text.strip(" .。!！").casefold())
    if not waits or not found or not waits.get("email") or not turn.known or not turn.alone:
        return False
    turn.intent = "my-email"
    email = waits["email"]
    if dt.datetime.fromisoformat(waits["until"]) <= turn.now or waits["wrong"] >= MOST_WRONG:
        _show(turn, "over")
    elif not secrets.compare_digest(directory.digest(found[1] + found[2]), waits["digest"]):
        turn.state.own_email = {**waits, "wrong": waits["wrong"] + 1}
        _show(turn, "wrong")
    else:
        turn.state.own_email = {"mailed": waits["mailed"]}
        owner = directory.by_email(turn.session, email)
        if owner and owner.id != turn.person.id:  # somebody was quicker
            _show(turn, "taken")
        else:
            directory.set_email(turn.session, turn.person, email)
            _show(turn, "done", email=email)
    return True


def _show(turn: Turn, name: str, **values: object) -> None:
    turn.show(Card(id=f"my-email.{name}", kind="notice", lang=turn.lang, text=say(name, turn.lang, **values)))
