"""`caucus followup …` and `caucus contact …`: what waits for whom, for operators and scripts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from bot.cli.shared import database, print_json, settings
from bot.db import reading, writing
from bot.errors import NotThere, Refused
from bot.followups import contacts as people_there
from bot.followups import desk, ledger
from bot.followups.rules import read_rules
from bot.followups.tables import FollowupRow
from bot.people import directory
from bot.people.tables import PersonRow
from bot.wiring_ground import clock

app = typer.Typer(help="Follow-ups: what waits for whom, and until when.", no_args_is_help=True, rich_markup_mode=None)
contact_app = typer.Typer(help="Counterparts a person already knows.", no_args_is_help=True, rich_markup_mode=None)
Json = Annotated[bool, typer.Option("--json", help="One JSON value.")]
Whose = Annotated[str, typer.Option(help="Whose: id, e-mail or address (web:ID, slack:TEAM/USER).")]
MaybeWhose = Annotated[str, typer.Option(help="Whose; otherwise whoever has a follow-up of this id.")]


@app.command(
    epilog='Example: caucus followup add --person anna@acme.test --email li@factory.cn --about quotation --when "Friday 10:00"'
)
def add(
    person: Whose,
    about: Annotated[str, typer.Option(help="What it is about.")],
    name: Annotated[str, typer.Option(help="The counterpart's name.")] = "",
    email: Annotated[list[str] | None, typer.Option(help="Their e-mail address; several times for several counterparts.")] = None,
    when: Annotated[str, typer.Option(help="When to nudge, in words; otherwise by their working hours.")] = "",
    by: Annotated[str, typer.Option(help="wechat, text, phone, email or meeting.")] = "",
    as_json: Json = False,
) -> None:
    """Note a follow-up."""
    found = settings()
    now = clock(found)()
    with writing(database()) as session:
        owner = directory.find(session, person)
        made = desk.add(
            session, owner, now, read_rules(found.data_dir), subject=about, name=name, emails=email or [], when=when, reach=by
        )
        told = ledger.told(session, [made])
    _show(told, as_json, one=True)


@app.command("list", epilog="Example: caucus followup list --person anna@acme.test --json")
def list_(
    person: Whose, everything: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False, as_json: Json = False
) -> None:
    """What waits, or everything."""
    with reading(database()) as session:
        owner = directory.find(session, person)
        _show(ledger.told(session, (ledger.all_ones if everything else ledger.open_ones)(session, owner)), as_json)


@app.command(epilog='Example: caucus followup snooze 3f2a… --until "tomorrow 9:00"')
def snooze(
    followup: str,
    until: Annotated[str, typer.Option(help="In words, or ISO with offset.")],
    person: MaybeWhose = "",
    as_json: Json = False,
) -> None:
    """Put one off."""
    _change(followup, "snooze", person, as_json, when=until)


@app.command(epilog="Example: caucus followup done 3f2a… --how replied")
def done(
    followup: str,
    how: Annotated[str, typer.Option(help="done, replied or called.")] = "done",
    person: MaybeWhose = "",
    as_json: Json = False,
) -> None:
    """Close one. A check of bank details is closed by --how called only: on the number already known."""
    if how not in ("done", "replied", "called"):
        raise typer.BadParameter("done, replied or called", param_hint="--how")
    _change(followup, how, person, as_json)


@app.command(epilog="Example: caucus followup cancel 3f2a…")
def cancel(followup: str, person: MaybeWhose = "", as_json: Json = False) -> None:
    """Drop one without an answer."""
    _change(followup, "cancel", person, as_json)


@app.command(epilog='Example: caucus followup change 3f2a… --about "contract draft" --phone "+86 21 5555"')
def change(
    followup: str,
    about: Annotated[str, typer.Option(help="What it is about.")] = "",
    name: Annotated[str, typer.Option(help="Whom it waits for.")] = "",
    phone: Annotated[str, typer.Option(help="A number known to be theirs; refused while bank details are checked.")] = "",
    wechat: Annotated[str, typer.Option()] = "",
    organisation: Annotated[str, typer.Option()] = "",
    zone: Annotated[str, typer.Option(help="The counterpart's, such as Asia/Shanghai.")] = "",
    lang: Annotated[str, typer.Option(help="Of the ready texts: en or zh.")] = "",
    deadline: Annotated[str, typer.Option(help="ISO with offset: the last step comes a working day before.")] = "",
    person: MaybeWhose = "",
    as_json: Json = False,
) -> None:
    """Correct or complete what is noted; what is left out stays."""
    given = {"subject": about, "name": name, "phone": phone, "wechat": wechat, "organisation": organisation}
    given |= {"contact_zone": zone, "contact_lang": lang}
    limit = _moment(deadline) if deadline else None
    if deadline and limit is None:
        raise typer.BadParameter("a deadline is written like 2026-12-15T18:00:00+08:00", param_hint="--deadline")
    _change(followup, "change", person, as_json, deadline=limit, **given)


@contact_app.command(
    "add",
    epilog="Example: caucus contact add --person anna@acme.test --name 'Li Wei' --email li@factory.cn --phone '+86 21 5555'",
)
def add_contact(
    person: Whose,
    name: Annotated[str, typer.Option()] = "",
    email: Annotated[list[str] | None, typer.Option(help="Several times for several addresses.")] = None,
    organisation: Annotated[str, typer.Option()] = "",
    phone: Annotated[str, typer.Option(help="A number known to be theirs, never one from a mail.")] = "",
    wechat: Annotated[str, typer.Option()] = "",
    reach: Annotated[str, typer.Option(help="wechat, text, phone, email or meeting.")] = "",
    lang: Annotated[str, typer.Option(help="Of the ready texts: en or zh.")] = "",
    zone: Annotated[str, typer.Option(help="Such as Asia/Shanghai.")] = "",
    as_json: Json = False,
) -> None:
    """Add a counterpart; one with the same e-mail address is completed."""
    now = clock(settings())()
    given = {"organisation": organisation, "phone": phone, "wechat": wechat, "reach": reach, "lang": lang, "zone": zone}
    with writing(database()) as session:
        owner = directory.find(session, person)
        row = people_there.add(session, owner, now, name=name, emails=email or [], **given)
        told = _contact(row, people_there.emails_of(session, [row.id])[row.id])
    if as_json:
        print_json(told)
    else:
        print("  ".join(str(value or "-") for value in told.values()))


@contact_app.command("list", epilog="Example: caucus contact list --person anna@acme.test --json")
def list_contacts(person: Whose, as_json: Json = False) -> None:
    """The counterparts of a person."""
    with reading(database()) as session:
        rows = people_there.everybody(session, directory.find(session, person))
        emails = people_there.emails_of(session, [row.id for row in rows])
        told = [_contact(row, emails[row.id]) for row in rows]
    if as_json:
        print_json(told)
        return
    for one in told:
        print("  ".join(str(value or "-") for value in one.values()))


def _change(
    followup: str,
    action: str,
    person: str,
    as_json: bool,
    *,
    when: str = "",
    deadline: dt.datetime | None = None,
    **given: str,
) -> None:
    found = settings()
    now, rules = clock(found)(), read_rules(found.data_dir)
    with writing(database()) as session:
        if person:
            owner = directory.find(session, person)
        else:
            row = session.get(FollowupRow, followup)
            if row is None:
                raise NotThere("there is no such follow-up")
            owner = session.get_one(PersonRow, row.person_id)
        changed, _ = desk.change(
            session, owner, followup, action, now, rules, when=when, until=_moment(when), deadline=deadline, **given
        )
        told = ledger.told(session, [changed])
    _show(told, as_json, one=True)


def _moment(text: str) -> dt.datetime | None:
    """A time written exactly; None for words."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        raise Refused("a time needs an offset, such as 2026-11-26T09:00:00+08:00, or words")
    return moment


def _contact(row: people_there.ContactRow, emails: list[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "emails": emails,
        "organisation": row.organisation,
        "phones": row.phones,
        "wechat": row.wechat,
        "reach": row.reach,
        "lang": row.lang,
        "zone": row.zone,
    }


def _show(told: list[dict[str, Any]], as_json: bool, *, one: bool = False) -> None:
    if as_json:
        print_json(told[0] if one else told)
        return
    for each in told:
        words = [str(each[name] or "-") for name in ("id", "state", "due_at", "contact_name", "subject")]
        print("  ".join([*words, *(["(the last nudge could not be delivered)"] if each["undelivered"] else [])]))
