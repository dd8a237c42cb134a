"""A copied mail on its whole way: Debian's postfix, the LMTP port, the readers, both databases, chat."""

from __future__ import annotations

import datetime as dt
import smtplib
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from adapters.email.gate import Gate
from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import ledger, mail_addresses
from bot.followups.copied import Envelope
from bot.followups.mail_tables import CopiedMailRow
from bot.messages import Address, Card, Inbound
from bot.people import directory
from bot.people.tables import PersonRow
from bot.settings import Settings
from bot.wiring import App
from bot.wiring_mail import mail_gate
from tests.mails import RCPT, SERVER, TOKEN, from_li, mail
from tests.mailservers import Postfix, free_port, postfix

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("postfix")]
NOW = dt.datetime.fromisoformat("2026-11-25T10:30:00-05:00")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Postfix, int]]:
    """A mail server, and the LMTP port it hands over to."""
    port = free_port()
    with postfix(port) as running:
        yield running, port


@pytest.fixture
def settings(settings: Settings, server: tuple[Postfix, int]) -> Settings:
    """With copied mail behind that server."""
    changes = {"lmtp_port": server[1], "mail_domain": "in.coach.test", "mail_authserv_id": SERVER}
    return settings.model_copy(update=changes)


@pytest.fixture
def app(build_app: Callable[..., App]) -> App:
    return build_app(now=lambda: NOW)


class Noted:
    """Opens the gate of an app and counts the mails that were answered."""

    def __init__(self, app: App) -> None:
        gate = mail_gate(app)
        assert gate
        assert gate.listener
        self.gate: Gate = gate
        self.number, self._came = 0, threading.Condition()
        self._note, gate.listener.note = gate.listener.note, self._counted

    def _counted(self, envelope: Envelope, raw: bytes) -> None:
        self._note(envelope, raw)
        with self._came:
            self.number += 1
            self._came.notify_all()

    def wait_for(self, number: int) -> None:
        """Until so many mails have been noted."""
        with self._came:
            assert self._came.wait_for(lambda: self.number >= number, 30), f"{self.number} of {number} came"


@pytest.fixture
def noted(app: App) -> Iterator[Noted]:
    noted = Noted(app)
    noted.gate.start()
    yield noted
    noted.gate.stop()


def anna(app: App) -> str:
    """A person with a web chat and a secret address."""
    with writing(app.engine) as session:
        person = directory.add_person(session, NOW, name="Anna", email="anna@acme.test", zone="America/New_York", lang="en")
        directory.add_address(session, person, Address(channel="web", external_id="browser"), NOW)
        mail_addresses.set_token(session, person, NOW, TOKEN)
        return person.id


def send(port: int, raw: bytes, sender: str = "anna@acme.test", rcpt: str = RCPT) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail(sender, [rcpt], raw)


def test_a_mail_through_postfix_becomes_a_followup_and_the_reply_closes_it(
    server: tuple[Postfix, int], app: App, noted: Noted
) -> None:
    person = anna(app)
    # postfix stamps Anna's mails as authentic, as its milter would; the body asks for a time
    send(
        server[0].port,
        mail("Remind me on Monday at 10:00\n", To=f"Li Ming <li.ming@ningbo-tools.test>, {RCPT}", Authentication_Results=None),
    )
    noted.wait_for(1)
    with reading(app.engine) as session:
        (row,) = ledger.open_ones(session, session.get_one(PersonRow, person))
        (told,) = ledger.told(session, [row])
    assert (told["subject"], told["recipients"]) == ("Quote 4411 for hand tools", ["li.ming@ningbo-tools.test"])
    assert told["due_at"] == "2026-11-30T10:00:00-05:00"
    send(server[0].port, from_li(In_Reply_To="<new.1@acme.test>", References=None), "li.ming@ningbo-tools.test")
    noted.wait_for(2)
    with reading(app.engine) as session:
        assert [row.state for row in ledger.all_ones(session, session.get_one(PersonRow, person))] == ["closed"]


def test_a_mail_through_postfix_leads_to_a_nudge_on_the_web_chat_and_done(
    server: tuple[Postfix, int], app: App, noted: Noted
) -> None:
    person = anna(app)
    web = Address(channel="web", external_id="browser")
    send(server[0].port, mail("Remind me on Monday at 10:00\n", Message_ID="<j@acme.test>", Authentication_Results=None))
    noted.wait_for(1)
    monday = dt.datetime.fromisoformat("2026-11-30T10:00:00-05:00")
    assert app.nudge(monday - dt.timedelta(minutes=1)) == 0
    assert app.nudge(monday) == 1
    assert app.nudge(monday) == 0
    with reading(app.engine) as session:
        put = session.scalars(select(DeliveryRow).where(DeliveryRow.due_at == monday)).all()
        (nudge,) = [Card.model_validate(row.card) for row in put]
        assert [row.channel for row in put] == ["web"]
    assert nudge.say
    done = next(choice.id for choice in nudge.choices if choice.id.startswith("fu:done:"))
    pressed = Inbound(address=web, message_id="pressed", choice=done, received_at=monday + dt.timedelta(minutes=5))
    assert "Quote 4411" in app.receive(pressed).cards[0].model_dump_json()
    with reading(app.engine) as session:
        assert [row.state for row in ledger.all_ones(session, session.get_one(PersonRow, person))] == ["closed"]
    assert app.nudge(monday + dt.timedelta(days=30)) == 0


def test_postfix_refuses_an_unknown_address_at_once_and_forged_results_count_for_nothing(
    server: tuple[Postfix, int], app: App, noted: Noted
) -> None:
    person = anna(app)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(server[0].port, mail(), rcpt="fu.bbbbbbbbbbbbbbbb@in.coach.test")
    assert next(iter(refused.value.recipients.values()))[0] == 550
    forged = mail(Authentication_Results="elsewhere.test; dmarc=pass header.from=acme.test")
    send(server[0].port, forged, "mallory@evil.test")
    noted.wait_for(1)
    with reading(app.engine) as session:
        assert ledger.open_ones(session, session.get_one(PersonRow, person)) == []
        assert session.scalars(select(CopiedMailRow.action)).all() == ["quarantine"]


def test_what_comes_while_we_are_down_is_kept_by_postfix_and_noted_once(server: tuple[Postfix, int], app: App) -> None:
    person = anna(app)
    first = Noted(app)
    first.gate.start()
    send(server[0].port, mail("Hello\n", Message_ID="<up@acme.test>", Subject="Up", Authentication_Results=None))
    first.wait_for(1)
    first.gate.stop()
    send(server[0].port, mail("Hello\n", Message_ID="<down@acme.test>", Subject="Down", Authentication_Results=None))
    second = Noted(app)
    second.gate.start()
    try:
        server[0].ask("flush")
        second.wait_for(1)
    finally:
        second.gate.stop()
    with reading(app.engine) as session:
        rows = ledger.open_ones(session, session.get_one(PersonRow, person))
        assert sorted(row.subject for row in rows) == ["Down", "Up"]
