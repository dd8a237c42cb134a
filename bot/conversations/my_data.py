"""What is kept about whoever asks, and how do they get it whole? Numbers and settings in a card, the rest as a file.

Only where nobody else reads along. How long things are kept is said from where that is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy import func, select

from bot.broadcasts import consent, tip_words
from bot.conversations.links import place
from bot.conversations.my_data_words import say
from bot.conversations.turn import Turn
from bot.followups.tables import OPEN_STATES, FollowupRow
from bot.messages import Card
from bot.people import linking, signin
from bot.people.data_map import DATA_MAP, SAID_DAYS
from bot.people.export import counts
from bot.settings import is_loopback

ON_THE_PAGE = "my-data.web"
"""The card under which the web chat puts the way to the file."""
LINES = {
    "inbounds": "said",
    "unanswered": "unanswered",
    "votes": "votes",
    "followups": "followups",
    "contacts": "contacts",
    "copied_mails": "mails",
    "deliveries": "sent",
}
"""Table → the words that tell how many rows of it there are, and for how long."""
TOLD_APART = ("people", "addresses", "subscriptions", "conversations")
"""Tables that are told in other words than their number."""


def tell(turn: Turn) -> None:
    """Say what is kept and how it is had whole; in a room, that it is told privately only."""
    turn.intent = "my-data"
    if not turn.known:
        _show(turn, "elsewhere", say("elsewhere", turn.lang))
    elif not turn.alone:
        _show(turn, "private", say("private", turn.lang))
    else:
        how, whole = _whole(turn)
        numbers = counts(turn.session, turn.person)
        kept = "\n".join(f"• {line}" for line in [*_counted(turn, numbers), *_settings(turn), *_other(turn, numbers)])
        _show(turn, how, f"{kept}\n\n{whole}\n\n{say('erase', turn.lang)}", title=say("title", turn.lang))


def _counted(turn: Turn, numbers: Mapping[str, int]) -> list[str]:
    days = {table: DATA_MAP[table].days for table in LINES} | {"inbounds": DATA_MAP["conversations"].days}
    more: dict[str, dict[str, object]] = {"inbounds": {"words": SAID_DAYS}}
    if numbers.get("followups"):
        open_ones = select(func.count()).where(FollowupRow.person_id == turn.person.id, FollowupRow.state.in_(OPEN_STATES))
        more["followups"] = {"open": turn.session.scalar(open_ones)}
    return [
        say(words, turn.lang, n=numbers[table], days=days[table], **more.get(table, {}))
        for table, words in LINES.items()
        if numbers.get(table)
    ]


def _settings(turn: Turn) -> list[str]:
    comma = "、" if turn.lang == "zh" else ", "
    told = comma.join(say(name, turn.lang) for name in ("name", "email", "zone", "lang", "quiet") if getattr(turn.person, name))
    places = dict.fromkeys(place(address, turn.lang).strip() for address in linking.addresses(turn.session, turn.person.id))
    tips = consent.subscription(turn.session, turn.person.id)
    every = tip_words.say(f"every.{tips.rhythm}", turn.lang) if tips and tips.tips else say("tips.none", turn.lang)
    return [
        *([say("self", turn.lang, what=told)] if told else []),
        say("places", turn.lang, places=comma.join(places)),
        *([say("tips", turn.lang, every=every)] if tips else []),
    ]


def _other(turn: Turn, numbers: Mapping[str, int]) -> list[str]:
    rest = sum(number for table, number in numbers.items() if table not in LINES and table not in TOLD_APART)
    return [say("other", turn.lang, n=rest)] if rest else []


def _whole(turn: Turn) -> tuple[str, str]:
    """(the way in which this person gets every row, the words for it)."""
    who, minutes = str(turn.inbound.address), int(signin.LASTS["chat"].total_seconds() // 60)
    how, link = turn.address.channel, ""
    if how not in ("web", "terminal"):
        how = "admin"
        if turn.site and not turn.inbound.outsider and not is_loopback(urlsplit(turn.site).hostname or ""):
            token = signin.new_link(turn.session, turn.person, "chat", turn.now)
            how, link = ("link", f"{turn.site}/sign-in/{token}?to=/me") if token else ("often", "")
    return how, say(f"whole.{how}", turn.lang, who=who, minutes=minutes, link=link)


def _show(turn: Turn, name: str, text: str, title: str = "") -> None:
    turn.show(Card(id=f"my-data.{name}", kind="notice", lang=turn.lang, title=title, text=text))
