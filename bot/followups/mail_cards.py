"""What is a person told in chat about a copied mail? One question, or one line of news; most mails need neither.

Pure but for names of the follow-ups. Shows the excerpt as text; numbers of a mail that is not to be trusted are left out
before. A card never holds the secret address.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.followups import held, ledger
from bot.followups.copied import CopiedEmail
from bot.followups.mail_acts import Desk, Done, Making, Moved
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.mail_words import Caution, mail_says, reason_says
from bot.followups.nudges import date_of, joined, short
from bot.followups.party import matter_of, parties
from bot.followups.rules import zone_of
from bot.followups.tables import OPEN_STATES, FollowupRow
from bot.followups.times_echo import echo, label
from bot.followups.verdict import Judgement
from bot.followups.words import say
from bot.followups.worktime import find_zone
from bot.messages import Card, Choice, Remark

_TELLS = frozenset(
    {"several_open", "subject_changed", "declined", "time_unclear", "look_alike", "reply_elsewhere", "instructions"}
)
"""Warnings about a mail that was noted as usual which are worth a message of their own."""


def question(desk: Desk, row: CopiedMailRow, judgement: Judgement, making: Making | None, mail: CopiedEmail) -> Card:
    """One question about a mail, answered by a button or its number."""
    lang = desk.lang
    choices: list[Choice] = []
    if making:
        choices.append(Choice(id=f"mail:yes:{row.id}", title=mail_says("yes.mine", lang)))
    else:
        followups = [ledger.find(desk.session, desk.person, f.id) for f in judgement.followups[: held.MOST_OFFERED] if f.id]
        names = _names(desk, followups)
        one = len(followups) == 1
        choices = [
            Choice(
                id=f"mail:{f.id}:{row.id}", title=mail_says("yes", lang) if one else mail_says("about", lang, what=names[f.id])
            )
            for f in followups
        ]
    choices.append(Choice(id=f"mail:no:{row.id}", title=mail_says("no.not" if making else "no", lang)))
    about = [mail_says("from", lang, who=mail.sender.address or mail.sender.name, subject=mail.subject or "–")]
    if making:
        about.append(mail_says("to", lang, who=", ".join(making.matter.recipients)))
    elif followups := [f for f in judgement.followups if f.id]:
        about.append(mail_says("followup", lang, what=followups[0].subject) if len(followups) == 1 else "")
    if judgement.excerpt:
        about.append(mail_says("excerpt", lang, words=judgement.excerpt))
    return Card(
        id="mail",
        kind="question",
        lang=lang,
        title=mail_says("title", lang),
        verdict=reason_says(judgement.reason, lang),
        signal="care",
        text="\n\n".join(line for line in about if line),
        because=_said(judgement.warnings, desk),
        choices=choices,
    )


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
    lang, mine = desk.lang, find_zone(zone_of(desk.person))
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


def settled(desk: Desk, row: FollowupRow, *, made: bool) -> Card:
    """What came of a yes: a new follow-up, or one that was moved or has ended."""
    what = _names(desk, [row])[row.id]
    if made or row.state in OPEN_STATES:
        return _made(desk, row, what, ())
    return _card(
        desk, say("did.cancel" if row.state == "cancelled" else "did.replied", desk.lang, what=what), "", (), _undo(desk, [row])
    )


def _made(desk: Desk, row: FollowupRow, what: str, cautions: Sequence[Caution]) -> Card:
    at = echo(row.due_at, find_zone(row.zone), find_zone(zone_of(desk.person)), desk.lang)
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
