"""What did somebody press? A choice is kept by its id; people read what stood on the button, never the id. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from bot.broadcasts.content import NAMES
from bot.broadcasts.tip_words import WORDS as TIP_WORDS
from bot.conversations.broadcast_words import WORDS as BROADCAST_WORDS
from bot.conversations.mail_address_words import WORDS as ADDRESS_WORDS
from bot.conversations.words import WORDS, say
from bot.followups.mail_words import mail_says
from bot.followups.words import WORDS as FOLLOWUP_WORDS
from bot.messages import Exchange, Lang
from knowledge.flow_schema import UNKNOWN
from knowledge.load import KnowledgeBase

_ID = re.compile(r"([a-z]+):([^\s]+)")
_FOLLOWUP = {"new": "remind", "again": "when", "pick": "when", "at": "when", "all": "yes", "keep": "no", "back": "undo"}
"""Actions on follow-ups whose button has a word of another name."""
_BROADCAST = {"status": "show", "cancel": "discard"}
_MAIL = {"yes": "yes.mine", "no": "no"}


def in_words(kb: KnowledgeBase, told: Iterable[Exchange], lang: Lang) -> list[Exchange]:
    """The same exchanges, oldest first, with what was pressed as it was offered in them; else as `title` has it."""
    offered: dict[str, str] = {}
    spoken: list[Exchange] = []
    for each in told:
        said = offered.get(each.said) or title(kb, each.said, lang) or each.said
        spoken.append(each.model_copy(update={"said": said, "vote": each.said.startswith("vote:")}))
        offered |= {choice.id: choice.title for card in each.answer.cards for choice in card.choices}
    return spoken


def title(kb: KnowledgeBase, said: str, lang: Lang) -> str | None:
    """What stands on the button of this id, also where it was offered by no answer: on a reminder, beside the chat.

    None for words that are no id. A button that has since gone from the house's words is "a button".
    """
    found = _ID.fullmatch(said)
    if found is None or found[1] not in KINDS:
        return None
    return KINDS[found[1]](kb, found[2], lang) or say("pressed", lang)


def _flow(kb: KnowledgeBase, value: str, lang: Lang) -> str | None:
    if value == "more":
        return say("flow.more", lang)
    if value == "resume":
        return say("flow.on", lang)
    flow = kb.flows.get(value.partition(":")[0])
    return flow and say("flow.start", lang, title=getattr(flow.title, lang))


def _fact(kb: KnowledgeBase, value: str, lang: Lang) -> str | None:
    flow_id, _, rest = value.partition(":")
    fact_id, _, answer = rest.partition(":")
    flow = kb.flows.get(flow_id)
    fact = next((fact for fact in flow.facts if fact.id == fact_id), None) if flow else None
    if fact and answer == UNKNOWN:
        return say("flow.unknown" if fact.values else "flow.skip", lang)
    return next((getattr(each.label, lang) for each in fact.values if each.id == answer), None) if fact else None


def _titled(kb: KnowledgeBase, value: str, lang: Lang) -> str | None:
    return kb.title(value, lang) if value in kb.cards or value in kb.commands else None


def _theme(kb: KnowledgeBase, value: str, lang: Lang) -> str | None:
    return getattr(kb.themes[value].title, lang) if value in kb.themes else None


def _broadcast(_kb: KnowledgeBase, value: str, lang: Lang) -> str | None:
    word = value.partition(":")[0]
    return _of({**BROADCAST_WORDS, **NAMES}, _BROADCAST.get(word, word), lang) if word != "now" else None


def _mail(_kb: KnowledgeBase, value: str, lang: Lang) -> str:
    return mail_says(_MAIL.get(value.partition(":")[0], "yes"), lang)


def _by(words: dict[str, dict[Lang, str]], prefix: str = "", names: dict[str, str] | None = None) -> _Named:
    """By the first part of what follows the kind, in a table of words."""

    def named(_kb: KnowledgeBase, value: str, lang: Lang) -> str | None:
        word = value.partition(":")[0]
        return _of(words, prefix + (names or {}).get(word, word), lang)

    return named


def _of(words: dict[str, dict[Lang, str]], name: str, lang: Lang) -> str | None:
    return words[name][lang] if name in words else None


_Named = Callable[[KnowledgeBase, str, Lang], str | None]
_UNNAMED: _Named = lambda _kb, _value, _lang: None  # noqa: E731 - offered by the answer just before, which holds its title
KINDS: dict[str, _Named] = {
    "card": _titled,
    "command": _titled,
    "theme": _theme,
    "flow": _flow,
    "form": _flow,
    "fact": _fact,
    "step": _by(WORDS, "flow."),
    "fu": _by(FOLLOWUP_WORDS, "b.", _FOLLOWUP),
    "tip": _by(TIP_WORDS, "b."),
    "mail": _mail,
    "address": _by(ADDRESS_WORDS),
    "bc": _broadcast,
    "vote": _by(WORDS, names={"not": "not-useful"}),
    "erase": _by(WORDS, "erase."),
    "lang": lambda _kb, value, _lang: {"en": "English", "zh": "中文"}.get(value),
    "clock": _UNNAMED,
    "quiet": _UNNAMED,
    "unlink": _UNNAMED,
    "prefer": _UNNAMED,
    "share": _UNNAMED,
}
"""Every kind of choice there is."""
