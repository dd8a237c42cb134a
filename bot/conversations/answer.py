"""How does a decision become cards? From the knowledge, in one language, to what people see. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.conversations.words import say
from bot.followups.words import say as say_followup
from bot.messages import Card, Choice, Lang, Ready, Remark, Source
from knowledge import schema
from knowledge.load import KnowledgeBase

FOLLOWED_UP = frozenset(
    {"email-unreliable", "confirm-by-text-or-phone", "channel-mix", "email-tone-face", "never-ending-negotiation"}
)
"""Cards about answers that do not come: under them a reminder is offered."""


def advice(
    kb: KnowledgeBase,
    card_id: str,
    lang: Lang,
    *,
    only: Sequence[str] = (),
    heading: str = "",
    instead: Iterable[str] = (),
    vote: bool = True,
) -> Card:
    """The card as people see it. `only` keeps these fields (an answer to "why?"); `instead` are other likely intents."""
    card = kb.cards[card_id]
    kind = kb.verdicts[card.verdict.kind]

    def text(line: object) -> str:
        return getattr(line, lang)

    claims = [*card.claims, *(claim for reason in card.because for claim in reason.claims)]
    sources = [kb.sources[name] for name in dict.fromkeys(kb.claims[claim].source for claim in claims)]
    whole = Card(
        id=card.id,
        kind="advice",
        lang=lang,
        title=text(card.title),
        verdict=text(card.verdict),
        verdict_kind=kind.id,
        verdict_label=text(kind.label),
        signal=kind.signal,
        because=[_remark(line, lang) for line in card.because],
        do=[text(line) for line in card.do],
        avoid=[text(line) for line in card.avoid],
        say=[Ready(to=line.to, text=text(line)) for line in card.say],
        ask=[text(line) for line in card.ask],
        watch_for=[text(line) for line in card.watch_for],
        unless=[_remark(line, lang) for line in card.unless],
        sources=[Source(id=s.id, title=s.title, author=s.author, publisher=s.publisher) for s in sources],
        choices=[*_ways_on(kb, card, lang, instead), *(votes(card.id, lang) if vote else [])],
    )
    if not only:
        return whole
    shown = {name: getattr(whole, name) for name in only}
    return Card(id=card.id, kind="advice", lang=lang, title=f"{heading}: {whole.title}" if heading else whole.title, **shown)


def offer(kb: KnowledgeBase, intents: Sequence[str], lang: Lang) -> Card:
    """A question back: two or three titles to choose from, and a way out."""
    choices = [choice(kb, intent, lang) for intent in intents]
    return Card(
        id="ask", kind="choices", lang=lang, text=say("ask", lang), choices=[*choices, Choice(id="none", title=say("none", lang))]
    )


def unknown(kb: KnowledgeBase, lang: Lang, *, kept: bool = True) -> Card:
    """An honest "I do not know that", with what the coach does know; `kept`: the question is noted for the curators."""
    return Card(
        id="unknown",
        kind="notice",
        lang=lang,
        title=say("unknown.title", lang),
        text=f"{say('unknown' if kept else 'unknown.apart', lang)}\n\n{say('unknown.known', lang)}",
        choices=[Choice(id=f"theme:{theme.id}", title=getattr(theme.title, lang)) for theme in kb.themes.values()],
    )


def shelf(kb: KnowledgeBase, theme: str, lang: Lang) -> Card:
    """All cards of a theme, to choose from."""
    return Card(
        id=f"theme-{theme}",
        kind="choices",
        lang=lang,
        title=getattr(kb.themes[theme].title, lang),
        text=say("theme", lang),
        choices=[choice(kb, card.id, lang) for card in kb.by_theme[theme]],
    )


def notice(name: str, lang: Lang, *, title: str = "", choices: Sequence[Choice] = (), **values: object) -> Card:
    """The coach's own words as a card."""
    return Card(id=name, kind="notice", lang=lang, title=title, text=say(name, lang, **values), choices=list(choices))


def choice(kb: KnowledgeBase, intent: str, lang: Lang) -> Choice:
    """A card or command as something to press."""
    return Choice(id=f"{'card' if intent in kb.cards else 'command'}:{intent}", title=kb.title(intent, lang))


def votes(card_id: str, lang: Lang) -> list[Choice]:
    """Useful, not useful."""
    return [
        Choice(id=f"vote:useful:{card_id}", title=say("useful", lang)),
        Choice(id=f"vote:not:{card_id}", title=say("not-useful", lang)),
    ]


def _remark(line: schema.Reason | schema.Caveat, lang: Lang) -> Remark:
    return Remark(
        text=getattr(line, lang),
        claims=list(line.claims) if isinstance(line, schema.Reason) else [],
        note=line.note.source if line.note else "",
    )


def _ways_on(kb: KnowledgeBase, card: schema.Card, lang: Lang, instead: Iterable[str]) -> list[Choice]:
    ways: list[Choice] = []
    if card.flow in kb.flows:
        title = say("flow.start", lang, title=getattr(kb.flows[card.flow].title, lang))
        ways.append(Choice(id=f"flow:{card.flow}", title=title))
    likely = next((intent for intent in instead if intent in kb.cards and intent != card.id), None)
    if likely:
        ways.append(Choice(id=f"card:{likely}", title=say("instead", lang, title=kb.title(likely, lang))))
    if card.id in FOLLOWED_UP:
        ways.append(Choice(id=f"fu:new:{card.id}", title=say_followup("b.remind", lang)))
    near = [other for other in card.near if other in kb.cards and other != likely]
    ways += [Choice(id=f"card:{other}", title=say("near", lang, title=kb.title(other, lang))) for other in near[:2]]
    return ways
