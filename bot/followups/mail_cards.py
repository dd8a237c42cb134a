"""What is a person told in chat about a copied mail? One question, or one line of news; most mails need neither.

Pure but for names of the follow-ups. Shows the excerpt as text; numbers of a mail that is not to be trusted are left out
before. A card never holds the secret address.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.followups import held, ledger
from bot.followups.mail_acts import Desk, Done, Moved
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.mail_words import Caution, mail_says, reason_says
from bot.followups.nudges import date_of, joined, short
from bot.followups.party import matter_of, parties
from bot.followups.tables import OPEN_STATES, FollowupRow
from bot.followups.times_echo import echo, label
from bot.followups.verdict import Judgement
from bot.followups.words import say
from bot.followups.worktime import find_zone
from bot.messages import Card, Choice, Lang, Remark

WHOM = "mail.whom"
"""The id of a question that is answered by a name."""
_TELLS = frozenset(
    {"several_open", "subject_changed", "declined", "time_unclear", "look_alike", "reply_elsewhere", "instructions"}
)
"""Warnings about a mail that was noted as usual which are worth a message of their own."""


def question(desk: Desk, row: CopiedMailRow, kept: held.Held, *, last: bool = False, mine: bool = False) -> Card:
    """One question about a mail, answered by a button or its number; whom it is about is typed.

    `last`: today further ones wait without being asked about. `mine`: the person has said that the mail is theirs.
    """
    lang = desk.lang
    whom = kept.lacks_somebody and (mine or kept.reason == "no_counterpart")
    about = [mail_says("from", lang, who=kept.sender, subject=kept.subject or "–") if not whom else mail_says("type", lang)]
    if whom:
        choices = [Choice(id=f"mail:{said}:{row.id}", title=mail_says(f"whom.{said}", lang)) for said in ("nobody", "no")]
    elif kept.making:
        to_do = kept.reason in ("unknown_sender", "no_open_followup")  # written by somebody else
        answers = (("yes", "yes.answer"), ("no", "no.leave")) if to_do else (("yes", "yes.mine"), ("no", "no.not"))
        choices = [Choice(id=f"mail:{said}:{row.id}", title=mail_says(words, lang)) for said, words in answers]
        if not to_do and kept.making.matter.recipients:
            about.append(mail_says("to", lang, who=", ".join(kept.making.matter.recipients)))
    else:
        choices, names = _which(desk, row, kept)
        about.append(mail_says("followup", lang, what=names[0]) if len(names) == 1 else "")
    if excerpt := row.outcome.get("excerpt"):
        about.append(mail_says("excerpt", lang, words=excerpt))
    others = held.unasked(desk.session, desk.person)
    if last or others:
        about.append(mail_says("wait.more", lang, n=others) if others else mail_says("wait.last", lang, n=held.MOST_A_DAY))
        choices.append(show_waiting(lang))
    return Card(
        id=WHOM if whom else "mail",
        kind="question",
        lang=lang,
        title=mail_says("title.whom", lang, subject=kept.subject or "–") if whom else mail_says("title", lang),
        verdict=reason_says("no_counterpart" if whom else _asks(kept), lang),
        signal="care",
        text="\n\n".join(line for line in about if line),
        because=_said(kept.warnings, desk),
        choices=choices,
    )


def listing(desk: Desk, rows: Sequence[CopiedMailRow]) -> Card:
    """The mails that wait for a word; one opens its question."""
    lang = desk.lang
    if not rows:
        return _card(desk, "", mail_says("wait.none", lang), (), [])
    titles: dict[str, str] = {}
    for row in rows:
        kept = held.read(row)
        subject = kept.subject or (kept.making.matter.subject if kept.making else "")
        titles[row.id] = ": ".join(part for part in (kept.sender, subject) if part) or reason_says(row.reason, lang)
    return Card(
        id="mail.waiting",
        kind="choices",
        lang=lang,
        title=mail_says("wait.title", lang),
        text=mail_says("wait.text", lang),
        choices=[
            Choice(id=f"mail:show:{mail_id}", title=title if len(title) <= 60 else title[:59].rstrip() + "…")
            for mail_id, title in titles.items()
        ],
    )


def with_waiting(desk: Desk, card: Card) -> Card:
    """The card, and a way to the mails that nobody was asked about, where there are any."""
    if not (others := held.unasked(desk.session, desk.person)):
        return card
    text = "\n\n".join(part for part in (card.text, mail_says("wait.more", desk.lang, n=others)) if part)
    return card.model_copy(update={"text": text, "choices": [*card.choices, show_waiting(desk.lang)]})


def show_waiting(lang: Lang) -> Choice:
    """The button that lists what waits."""
    return Choice(id="mail:waiting:all", title=mail_says("wait.show", lang))


def _which(desk: Desk, row: CopiedMailRow, kept: held.Held) -> tuple[list[Choice], list[str]]:
    """The answers to "is it about this one?", and the subjects of those; where it can be about none, only that it was read."""
    found = [ledger.find(desk.session, desk.person, followup_id) for followup_id in kept.followups]
    names, one = _names(desk, found), len(found) == 1
    yes = [
        Choice(
            id=f"mail:{f.id}:{row.id}",
            title=mail_says("yes", desk.lang) if one else mail_says("about", desk.lang, what=names[f.id]),
        )
        for f in found
    ]
    no = Choice(id=f"mail:no:{row.id}", title=mail_says("no" if found else "no.leave", desk.lang))
    return [*yes, no], [f.subject for f in found]


def _asks(kept: held.Held) -> str:
    """The reason as it is told: where there is nothing to choose from, nothing is asked."""
    if kept.reason == "sender_not_authenticated" and not kept.making:
        return "foreign_not_authenticated"
    return "bounce_not_ours" if kept.reason == "bounce_unclear" and not kept.followups else kept.reason


def news(desk: Desk, judgement: Judgement, done: Done) -> Card | None:
    """What the person should know of a mail that needed no question: it is closed, its time, a warning. Mostly nothing.

    Escalations and checks by telephone are told by their own nudge.
    """
    lang = desk.lang
    if not done.rows or judgement.action in ("escalate", "ignore") or done.rows[0].kind == "verify_by_phone":
        return None
    cautions = [caution for caution in (*judgement.warnings, *done.cautions) if caution.code in _TELLS]
    if judgement.action != "close" and not (done.when.at or cautions or done.moved):
        return None
    what = "; ".join(_names(desk, done.rows).values())
    if done.moved:
        return _away(desk, done.moved, cautions)
    if judgement.action == "close":
        return _card(desk, say("did.replied", lang, what=what), judgement.excerpt, cautions, _undo(desk, done.rows))
    return _made(desk, done.rows[0], what, cautions)


def _away(desk: Desk, moved: Sequence[Moved], cautions: Sequence[Caution]) -> Card:
    """Times that the person had named have moved, since the counterpart is away until later."""
    lang, mine = desk.lang, find_zone(desk.zone)
    who = joined(list(dict.fromkeys(name for each in moved for name in each.names)), lang)
    day = date_of(max(each.back_on for each in moved), lang)
    lines = [
        say(
            "away.moved",
            lang,
            what=each.row.subject or say("it", lang),
            was=label(each.was, find_zone(each.zone), lang),
            when=echo(each.row.due_at, find_zone(each.row.zone), mine, lang),
        )
        for each in moved
    ]
    text = "\n\n".join([*lines, say("away.undo", lang)])
    return _card(desk, say("away.title", lang, who=who, day=day), text, cautions, _undo(desk, [each.row for each in moved]))


def settled(desk: Desk, row: FollowupRow) -> Card:
    """What came of a yes: a new follow-up, or one that was moved or has ended."""
    what = _names(desk, [row])[row.id]
    if row.state in OPEN_STATES:
        return _made(desk, row, what, ())
    return _card(
        desk, say("did.cancel" if row.state == "cancelled" else "did.replied", desk.lang, what=what), "", (), _undo(desk, [row])
    )


def _made(desk: Desk, row: FollowupRow, what: str, cautions: Sequence[Caution]) -> Card:
    at = echo(row.due_at, find_zone(row.zone), find_zone(desk.zone), desk.lang)
    words = "made" if row.fixed or row.kind == "verify_by_phone" else "made.planned"
    change = [Choice(id=f"fu:{name}:{row.id}", title=say(f"b.{name}", desk.lang)) for name in ("when", "cancel")]
    return _card(desk, say("made.title", desk.lang, what=what), say(words, desk.lang, when=at), cautions, change)


def _undo(desk: Desk, rows: Sequence[FollowupRow]) -> list[Choice]:
    names = _names(desk, rows) if len(rows) > 1 else {}
    apart = "：" if desk.lang == "zh" else ": "
    return [
        Choice(id=f"fu:undo:{row.id}", title=apart.join(filter(None, (say("b.undo", desk.lang), names.get(row.id)))))
        for row in rows
    ]


def _card(desk: Desk, title: str, text: str, cautions: Sequence[Caution], choices: list[Choice]) -> Card:
    return Card(id="mail", kind="notice", lang=desk.lang, title=title, text=text, because=_said(cautions, desk), choices=choices)


def _said(cautions: Sequence[Caution], desk: Desk) -> list[Remark]:
    return [Remark(text=caution.says(desk.lang)) for caution in cautions]


def _names(desk: Desk, rows: Sequence[FollowupRow]) -> dict[str, str]:
    """Follow-up id → who and what, short."""
    about = parties(desk.session, rows)
    return {row.id: short(matter_of(desk.person, row, about[row.id], desk.rules), desk.lang) for row in rows}
