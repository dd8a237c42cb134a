"""`caucus person …`: who is here, and what they may do."""

from __future__ import annotations

import datetime as dt
import re
import sys
from typing import Annotated, Any

import typer

from bot.cli.shared import database, print_json, settings
from bot.db import reading, writing
from bot.errors import Refused
from bot.followups import mail_addresses
from bot.people import audit, directory, keys, roles, signin
from bot.people.audit import Actor
from bot.people.export import export as everything_of
from bot.people.tables import PersonRow
from bot.wiring_ground import clock
from bot.wiring_site import link

EMAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,189}")
app = typer.Typer(
    help="Add, list and erase people; a person is named by id, e-mail or address (web:ID, slack:TEAM/USER).", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="One JSON value.")]


@app.command(epilog="Example: caucus person add --name Anna --email anna@example.com --zone Europe/Berlin --lang en")
def add(
    name: Annotated[str, typer.Option()],
    email: Annotated[str, typer.Option()] = "",
    zone: Annotated[str, typer.Option(help="Such as Asia/Shanghai.")] = "",
    lang: Annotated[str, typer.Option(help="en or zh.")] = "",
    role: Annotated[str, typer.Option(help="member, curator or admin.")] = "member",
    mail_token: Annotated[str, typer.Option(help="The token of their secret mail address: 16 characters of a–z and 2–7.")] = "",
    as_json: Json = False,
) -> None:
    """Add a person."""
    with writing(database()) as session:
        now = dt.datetime.now(dt.UTC)
        person = directory.add_person(session, now, name=name, email=email, zone=zone, lang=lang, role=role)
        if mail_token:
            mail_addresses.set_token(session, person, now, mail_token)
        _show([_told(person)], as_json, one=True)


@app.command("list", epilog="Example: caucus person list --json")
def list_(as_json: Json = False) -> None:
    """Everybody."""
    with reading(database()) as session:
        _show([_told(person) for person in directory.everybody(session)], as_json)


@app.command(epilog="Example: caucus person role anna@example.com curator")
def role(
    person: str,
    role: str,
    who: Annotated[str, typer.Option("--as", help="The admin who gives it; otherwise the operator.")] = "",
) -> None:
    """Give a person a role. It leaves a line in the audit trail."""
    now = clock(settings())()
    with writing(database()) as session:
        found = directory.find(session, person)
        roles.give(session, found, role, Actor.of(directory.find(session, who) if who else None), now)
        print(f"{found.id}: {found.role}")


@app.command(epilog="Example: caucus person export anna@example.com > anna.json")
def export(person: str) -> None:
    """Print everything that is kept of a person, as one JSON value."""
    with reading(database()) as session:
        print_json(everything_of(session, directory.find(session, person)))


@app.command(epilog="Example: caucus person trail --json")
def trail(as_json: Json = False) -> None:
    """Who did what lately: roles and broadcasts, never what was said."""
    with reading(database()) as session:
        lines = audit.trail(session)
    if as_json:
        print_json(lines)
        return
    for line in lines:
        print("  ".join(str(value) for value in line.values() if value is not None))


@app.command(epilog="Example: caucus person erase web:5f1c…")
def erase(person: str, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Erase all that is known of a person; their own API keys end. It leaves a line in the audit trail that names nobody."""
    engine = database()
    with reading(engine) as session:
        found = directory.find(session, person)
        name, owned = found.id, len(keys.of_person(session, found))
    theirs = f", and end their API keys ({owned})" if owned else ""
    if not yes:
        typer.confirm(f"Erase {name} and everything they said{theirs}? This cannot be undone", abort=True)
    with writing(engine) as session:
        directory.erase(session, directory.find(session, name))
        audit.note(session, audit.OPERATOR, "person.erase", clock(settings())(), keys=owned)
    print(f"{name}: erased" + (f", with {owned} API key{'s' * (owned > 1)}" if owned else ""))


@app.command(epilog="Example: caucus person invite anna@example.com")
def invite(person: str, as_json: Json = False) -> None:
    """Make a link that signs a person in at the web, once, within seven days. An earlier unused one is void."""
    found_settings, now = settings(), dt.datetime.now(dt.UTC)
    with writing(database()) as session:
        found = directory.find(session, person)
        token = signin.new_link(session, found, "invitation", now) or ""
        address = link(found_settings, token, "" if found.role == "member" else "/console")
    if as_json:
        print_json({"person": found.id, "link": address, "until": (now + signin.LASTS["invitation"]).isoformat()})
    else:
        print(f"{address}\nIt works once, within seven days, and is not shown again: hand it to that person alone.")


@app.command("sign-out", epilog="Example: caucus person sign-out anna@example.com")
def sign_out(person: str) -> None:
    """End all of a person's sessions at the web, and void the links that wait."""
    with writing(database()) as session:
        found = directory.find(session, person)
        print(f"{found.id}: {signin.end(session, found.id)} signed out")


@app.command(epilog="Example: caucus person email slack:T1/U1 anna@example.com")
def email(person: str, address: str) -> None:
    """Enter a person's own e-mail address: copied mail from it counts as theirs. It leaves a line in the audit trail."""
    if not EMAIL.fullmatch(address):
        raise Refused(f"{address} is no e-mail address")
    with writing(database()) as session:
        found = directory.find(session, person)
        directory.set_email(session, found, address)
        audit.note(session, Actor.of(None), "person.email", clock(settings())(), subject=found)
        print(f"{found.id}: {found.email}")


@app.command("mail-address", epilog="Example: caucus person mail-address anna@example.com --rotate")
def mail_address(
    person: str,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new one; the old one is refused from now on.")] = False,
    as_json: Json = False,
) -> None:
    """Make the secret address that a person copies mail to. It is told once and kept as a hash only."""
    domain = settings().mail_domain
    with writing(database()) as session:
        found = directory.find(session, person)
        since = mail_addresses.made_at(session, found)
        token = "" if since and not rotate else mail_addresses.set_token(session, found, dt.datetime.now(dt.UTC))
    address = mail_addresses.address(token, domain) if token else None
    if as_json:
        print_json({"address": address, "since": since.isoformat() if since and not token else None})
    elif address:
        print(f"{address}\nIt is not shown again. Copy (BCC) mail to it; if it becomes known, make a new one with --rotate.")
    else:
        print(f"has an address since {since:%Y-%m-%d}; it was shown then and is not kept. --rotate makes a new one.")
    if address and not domain:
        print("CAUCUS_MAIL_DOMAIN is not set: put your mail domain there.", file=sys.stderr)


def _told(person: PersonRow) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "zone": person.zone,
        "lang": person.lang,
        "role": person.role,
    }


def _show(people: list[dict[str, Any]], as_json: bool, *, one: bool = False) -> None:
    if as_json:
        print_json(people[0] if one else people)
        return
    for person in people:
        print("  ".join(str(value or "-") for value in person.values()))
