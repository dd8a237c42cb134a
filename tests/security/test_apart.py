"""Are two workspaces apart? Each has people with something in every table; then one asks the other for it, in every way there is.

Whatever is the first workspace's carries a word that stands nowhere else. Routes and commands are found, not listed:
what is added later is tried too.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from adapters.email.parse import parse
from bot.broadcasts.broadcast_tables import BroadcastRow, SegmentMemberRow
from bot.conversations import unanswered
from bot.db import Table, reading, writing
from bot.delivery import outbox
from bot.delivery.tables import DeliveryRow
from bot.followups import desk, mail_addresses
from bot.followups.cadence import usual
from bot.followups.copied import Envelope
from bot.followups.note_email import MailIntake
from bot.followups.tables import CadenceRow, ContactRow, FollowupRow
from bot.messages import Address, Card, Inbound
from bot.people import directory, keys, linking, sight, signin
from bot.people.data_map import DATA_MAP
from bot.people.export import export
from bot.people.tables import AddressRow, PersonRow, Workspace
from bot.vendors.tables import WindowRow
from bot.wiring import App
from tests.conftest import NOW, REPO
from tests.mails import SERVER, mail, passed
from tests.security.doors import SAMPLES, knock, routes, visitor
from tests.security.test_routes import signed_in

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
MARK = "zanzibarquux"
"""In every text of the first workspace."""
COMMANDS = yaml.safe_load((REPO / "knowledge" / "commands.yaml").read_text("utf-8"))


def settle(session: Session, app: App, team: str, mark: str) -> dict[str, str]:
    """People of one workspace, with rows in as many tables as can hold something; role → person id, and ids of what is theirs."""
    found: dict[str, str] = {}
    for role in ("admin", "curator", "member"):
        person = directory.add_person(session, NOW, name=f"{mark} {role}", email=f"{role}@{mark}.example", role=role)
        slack = Address(channel="slack", external_id=f"{team}/{role}", workspace=team)
        address = directory.add_address(session, person, slack, NOW)
        signin.page_of(session, person, NOW)
        found[role] = person.id
        unanswered.keep(session, address, f"{mark} asks about pineapples", "en", "unknown", [], NOW)
        card = Card(id="nudge", kind="notice", lang="en", text=f"{mark} card")
        row = outbox.put(session, address, card, NOW, "nudge", NOW)
        row.state, row.reason = "failed", f"{mark} reason"
        row.moved_at = NOW
        found["delivery"] = row.id
        made = desk.add(session, person, NOW, app.rules, name=f"{mark} Li", subject=f"{mark} samples", when="Thursday 10:00",
                        address=address, emails=[f"li@{mark}.example"])  # fmt: skip
        found["followup"] = made.id
        found[f"{role} token"] = mail_addresses.set_token(session, person, NOW)
        keys.make_key(session, f"{mark} key", NOW, person=person, role=role)
        for device in (f"{mark} laptop", ""):  # one link used, one not
            if (link := signin.new_link(session, person, "chat", NOW)) and device:
                signin.use(session, link, NOW, device=device)
        linking.new_code(session, address, NOW)
        session.add(WindowRow(address_id=address.id, opened_by="slack", left=1, until=NOW + dt.timedelta(hours=1)))
    team_row = session.get_one(Workspace, address.workspace_id)
    session.add(CadenceRow(workspace_id=team_row.id, steps=usual().model_dump(mode="json"), set_at=NOW))
    session.add(SegmentMemberRow(segment="channel:slack", address_id=address.id))
    return found


def everything_said(app: App, people: dict[str, str], team: str, mark: str) -> None:
    """They talk, copy a mail that is noted and one that is not trusted, and their curator speaks to many."""
    said = (f"{mark} they want exclusivity", f"{mark} qwertz asdf", f"remind me tomorrow to call {mark}",
            "send me a tip every week")  # fmt: skip
    for n, text in enumerate(said):
        address = Address(channel="slack", external_id=f"{team}/member", workspace=team)
        app.coach.receive(Inbound(address=address, message_id=f"{team}{n}", text=text, received_at=NOW))
    vote = "vote:useful:exclusivity-request"
    app.coach.receive(Inbound(address=address, message_id=vote, choice=vote, received_at=NOW))
    drafted = app.broadcasts.draft(
        lambda session: session.get_one(PersonRow, people["curator"]),
        {"segment": "role:member", "en": f"{mark} broadcast", "zh": f"{mark} 通知"},
    )
    people["broadcast"] = drafted["id"]
    intake = MailIntake(app.engine, parse, app.rules, app.now, "in.coach.test", SERVER, ("slack",))
    for n, proof in enumerate((passed(f"{mark}.example"), None)):
        rcpt = f"fu.{people['member token']}@in.coach.test"
        raw = mail(f"Dear Mr Li,\n\n{mark} quote.\n", Authentication_Results=proof, From=f"member@{mark}.example",
                   To=f"Wang <wang{n}@{mark}-buyers.example>", Subject=f"{mark} offer {n}", Message_ID=f"<{n}@{mark}.example>")  # fmt: skip
        outcome = intake.take(Envelope(f"member@{mark}.example", rcpt), raw)
        assert outcome["action"] == ("create" if proof else "quarantine"), outcome


@pytest.fixture
def two(public: App) -> tuple[dict[str, str], dict[str, str]]:
    """(people of T1 with the mark, people of T2 without it)."""
    sides = []
    for team, mark in (("T1", MARK), ("T2", "ordinary")):
        with writing(public.engine) as session:
            people = settle(session, public, team, mark)
        everything_said(public, people, team, mark)
        sides.append(people)
    return sides[0], sides[1]


def samples_of(people: dict[str, str]) -> list[dict[str, str]]:
    """Values for the names in paths, so that they point at what is the first workspace's."""
    theirs = {
        "person": people["member"],
        "delivery": people["delivery"],
        "broadcast": people["broadcast"],
        "broadcast_id": people["broadcast"],
        "followup_id": people["followup"],
    }
    return [{**SAMPLES, **theirs, "action": action} for action in ("status", "report", "preview")]


def test_two_workspaces_are_two_houses(public: App, two: Any) -> None:
    theirs, mine = two
    with reading(public.engine) as session:
        assert sight.scope_of(session, mine["admin"])
        assert sight.sees(session, mine["admin"], mine["member"])
        assert sight.sees(session, mine["admin"], theirs["member"]) is None


def test_the_first_workspace_has_something_in_every_table_that_a_person_can_be_asked_for(public: App, two: Any) -> None:
    """Else the tests below would find nothing because nothing is there."""
    with reading(public.engine) as session:
        filled = {name for name in DATA_MAP if session.scalar(select(func.count()).select_from(Table.metadata.tables[name]))}
        told = str(export(session, session.get_one(PersonRow, two[0]["member"])))
    wanted = {"people", "addresses", "workspaces", "conversations", "inbounds", "unanswered", "contacts", "contact_emails",
              "followups", "followup_contacts", "followup_events", "deliveries", "broadcasts", "broadcast_versions", "audit",
              "votes", "followup_mails", "mail_addresses", "copied_mails", "cadences", "subscriptions", "segment_members",
              "link_codes", "sign_in_links", "web_sessions", "api_keys", "windows"}  # fmt: skip
    assert wanted <= filled
    assert told.count(MARK) > 8


@pytest.mark.parametrize("role", ["admin", "curator", "member"])
def test_no_page_shows_the_other_workspaces_words(public: App, server: FastAPI, two: Any, role: str, monkeypatch) -> None:
    theirs, mine = two
    client = signed_in(public, server, mine[role])
    own = 0
    for samples in samples_of(theirs):
        monkeypatch.setattr("tests.security.doors.SAMPLES", samples)
        for method, path in routes(server):
            if path in ("/events", "/me/end") or path.startswith(("/sign-in", "/slack", "/wechat", "/wecom")):
                continue  # a stream; signing out; and doors that no session opens
            answer = knock(client, method, path)
            assert answer.status_code < 500, (method, path)
            assert MARK not in answer.text, (method, path)
            assert theirs["member"] not in answer.text.replace(path, ""), (method, path)
            own += "ordinary" in answer.text
    assert own > 3, "one's own are not shown either"


@pytest.mark.parametrize("role", ["admin", "curator", "member"])
def test_no_route_of_the_api_tells_the_other_workspaces_words(
    public: App, server: FastAPI, two: Any, role: str, monkeypatch
) -> None:
    theirs, mine = two
    with writing(public.engine) as session:
        key, _ = keys.make_key(session, "crm", NOW, person=session.get_one(PersonRow, mine[role]), role=role)
    client: TestClient = visitor(server)
    headers = {"Authorization": f"Bearer {key}"}
    statuses: list[int] = []
    for samples in samples_of(theirs):
        monkeypatch.setattr("tests.security.doors.SAMPLES", samples)
        for method, path in routes(server):
            if not path.startswith("/api"):
                continue
            bodies = [{"text": f"what about {word}"} for word in ("exclusivity", "the samples", "broadcast status")]
            bodies += [{"action": "done"}, {}] if method != "GET" else []
            for body in bodies if method != "GET" else [None]:
                answer = knock(client, method, path, headers=headers, **({} if body is None else {"json": body}))
                assert answer.status_code < 500, (method, path)
                assert MARK not in answer.text, (method, path)
                statuses.append(answer.status_code)
    assert 404 in statuses and 200 in statuses


def phrases() -> list[tuple[str, str]]:
    """(command, something one says for it), in both languages."""
    return [(each["id"], each["phrasings"][lang][0]) for each in COMMANDS for lang in ("en", "zh")]


@pytest.mark.parametrize("role", ["admin", "member"])
def test_no_command_tells_or_touches_what_is_of_the_other_workspace(public: App, two: Any, role: str) -> None:
    theirs, _ = two
    address = Address(channel="slack", external_id=f"T2/{role}", workspace="T2")
    before = theirs_of(public, theirs)
    said = phrases()
    said += [("broadcast", f"broadcast {verb} {theirs['broadcast'][:8]}") for verb in ("status", "report", "start", "cancel")]
    said += [("followup-done", f"{name} replied") for name in ("Li", "li", "everybody")]
    for n, (name, text) in enumerate(said):
        inbound = Inbound(address=address, message_id=f"try{n}", text=text, received_at=NOW + dt.timedelta(minutes=n))
        answer = public.coach.receive(inbound)
        assert MARK not in answer.model_dump_json(), (name, text)
        for press in [choice.id for card in answer.cards for choice in card.choices][:3]:
            if press.startswith("erase"):
                continue
            pressed = Inbound(
                address=address, message_id=f"press{n}{press}"[:200], choice=press, received_at=NOW + dt.timedelta(minutes=n)
            )
            assert MARK not in public.coach.receive(pressed).model_dump_json(), (name, press)
    assert theirs_of(public, theirs) == before


def test_pressing_what_was_offered_to_the_other_workspace_does_nothing(public: App, two: Any) -> None:
    theirs, _ = two
    address = Address(channel="slack", external_id="T2/member", workspace="T2")
    before = theirs_of(public, theirs)
    sources = "".join(path.read_text("utf-8") for path in (REPO / "bot" / "conversations").glob("*.py"))
    verbs = set(re.findall(r"""["'](?:fu:)?([a-z-]{2,20})["':]""", sources))  # every word that could be one
    assert {"undo", "cancel", "called", "when", "why", "at"} <= verbs and len(verbs) < 1_500
    for verb in sorted(verbs):
        for form in (f"fu:{verb}:{theirs['followup']}", f"{verb}:{theirs['followup']}", f"{verb}:{theirs['broadcast']}"):
            told = public.coach.receive(Inbound(address=address, message_id=form, choice=form, received_at=NOW))
            assert MARK not in told.model_dump_json(), form
    assert theirs_of(public, theirs) == before


def test_who_exports_or_erases_gets_and_takes_their_own_rows_only(public: App, two: Any) -> None:
    theirs, mine = two
    with reading(public.engine) as session:
        assert not re.search(MARK, str(export(session, session.get_one(PersonRow, mine["member"]))))
    before = theirs_of(public, theirs)
    with writing(public.engine) as session:
        directory.erase(session, session.get_one(PersonRow, mine["member"]))
    assert theirs_of(public, theirs) == before


def theirs_of(public: App, people: dict[str, str]) -> list[Any]:
    """What the first workspace has, as it stands in the database."""
    with reading(public.engine) as session:
        own = [people[role] for role in ("admin", "curator", "member")]
        addresses = select(AddressRow.id).where(AddressRow.person_id.in_(own))
        return [
            sorted(session.execute(select(FollowupRow.id, FollowupRow.state).where(FollowupRow.person_id.in_(own))).all()),
            sorted(session.execute(select(DeliveryRow.id, DeliveryRow.state).where(DeliveryRow.address_id.in_(addresses))).all()),
            sorted(session.scalars(select(ContactRow.id).where(ContactRow.person_id.in_(own)))),
            session.execute(select(BroadcastRow.id, BroadcastRow.state).where(BroadcastRow.id == people["broadcast"])).all(),
            sorted(session.execute(select(PersonRow.id, PersonRow.role).where(PersonRow.id.in_(own))).all()),
        ]
