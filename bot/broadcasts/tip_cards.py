"""How does a tip look? The one line, why it came, what to do with it; reading ends in the card it is from. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.broadcasts import tips
from bot.broadcasts.consent import WEEKS
from bot.broadcasts.tables import SubscriptionRow
from bot.broadcasts.tip_words import DAYS, say
from bot.followups.nudges import holiday_line
from bot.followups.times_echo import label
from bot.followups.worktime import Block
from bot.messages import Card, Choice, Lang
from knowledge.load import KnowledgeBase


def card(
    kb: KnowledgeBase, chosen: tips.Choice, shown_id: str, lang: Lang, holiday: Block | None, *, rhythm: str = "", on: bool = True
) -> Card:
    """A tip as a card. `rhythm`: it came unasked, so often; empty: somebody asked for it. `on`: tips come to them unasked."""
    tip = chosen.tip
    theme = getattr(kb.themes[tip.theme].title, lang)
    name = say(f"title.{rhythm}", lang) if rhythm else ""
    why = _why(kb, chosen, lang, holiday)
    return Card(
        id="tip",
        kind="notice",
        lang=lang,
        title=f"{name} · {theme}" if name else theme,
        verdict=getattr(tip.text, lang),
        verdict_label=say("label", lang),
        text="\n\n".join(part for part in (why, say("from", lang, title=kb.title(tip.card, lang))) if part),
        choices=_choices(tip, shown_id, lang, unasked=bool(rhythm), on=on),
    )


def read(tip: tips.Tip, lang: Lang) -> Choice:
    """The way to the whole card."""
    return Choice(id=f"card:{tip.card}", title=say("b.read", lang))


def every(row: SubscriptionRow, lang: Lang) -> str:
    """How often and on which day: one a week on Mondays."""
    day = say("day", lang, day=DAYS[lang][row.weekday])
    return say(f"every.{row.rhythm}", lang) + (f" {day}" if lang == "en" else f"，{day}")


def status(row: SubscriptionRow | None, zone: ZoneInfo, lang: Lang) -> tuple[str, list[Choice]]:
    """How tips come to somebody, in one line, and what can be changed about it."""
    ways = [Choice(id="command:tip-now", title=say("b.now", lang))]
    if row is None or not row.tips or row.next_tip_at is None:
        return say("status.off", lang), [*ways, Choice(id="tip:weekly", title=say("b.on", lang))]
    others = [rhythm for rhythm in WEEKS if rhythm != row.rhythm]
    ways += [Choice(id=f"tip:{rhythm}", title=say(f"b.{rhythm}", lang)) for rhythm in others]
    line = say("status.on", lang, every=every(row, lang), when=label(row.next_tip_at, zone, lang))
    return line, [*ways, Choice(id="tip:off", title=say("b.off", lang))]


def _choices(tip: tips.Tip, shown_id: str, lang: Lang, *, unasked: bool, on: bool) -> list[Choice]:
    votes = [Choice(id=f"tip:{vote}:{shown_id}", title=say(f"b.{vote}", lang)) for vote in ("useful", "not_now")]
    fewer = Choice(id=f"tip:fewer:{shown_id}", title=say("b.fewer", lang))
    another = Choice(id="command:tip-now", title=say("b.another", lang))
    start = Choice(id="tip:weekly", title=say("b.on", lang))
    ways = [fewer] if unasked else [another, *([fewer] if on else [start])]
    return [read(tip, lang), *votes, *ways]


def _why(kb: KnowledgeBase, chosen: tips.Choice, lang: Lang, holiday: Block | None) -> str:
    if chosen.why == "holiday" and holiday:
        return holiday_line(holiday, lang, say("why.holiday", lang))
    if chosen.why == "followup":
        return say("why.followup", lang, who=chosen.about) if chosen.about else say("why.followup.nobody", lang)
    if chosen.why == "asked" and chosen.about != chosen.tip.card:
        return say("why.asked", lang, about=kb.title(chosen.about, lang))
    return ""
