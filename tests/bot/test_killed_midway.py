"""A process is killed by SIGKILL at every single step of a transaction; after a repeat nothing is lost and nothing doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import count
from signal import SIGKILL
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import contacts, due, ledger, mail_addresses
from bot.followups.copied import Envelope
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.rules import Rules
from bot.followups.tables import FollowupEventRow, FollowupRow
from bot.messages import Address
from bot.people import directory
from bot.people.tables import PersonRow
from tests.conftest import KEYS
from tests.crash import steps
from tests.mails import RCPT, TOKEN, mail, passed

pytestmark = pytest.mark.slow
NOW = dt.datetime.fromisoformat("2026-11-25T10:30:00-05:00")
FEWEST_STEPS = 10
"""Steps of the shortest of these transactions; fewer, and the test would not kill where it means to."""


def anna(engine: Engine, name: str = "Anna") -> str:
    with writing(engine) as session:
        email = f"{name.lower()}@acme.test"
        person = directory.add_person(session, NOW, name=name, email=email, zone="America/New_York", lang="en")
        directory.add_address(session, person, Address(channel="slack", external_id=f"T/{name}", workspace="T"), NOW)
        return person.id


def killed(engine: Engine, target: Callable[..., None], *given: Any) -> Iterator[int]:
    """Run it in a process killed at its first step, then again at its second, and so on until one gets through; yields the step."""
    url = engine.url.render_as_string(hide_password=False)
    for step in count(1):
        process = steps.FORKS.Process(target=target, args=(url, KEYS, step, *(each(step) for each in given)))
        process.start()
        process.join(60)
        assert process.exitcode in (0, -SIGKILL), "it failed otherwise"
        yield step
        if process.exitcode == 0:
            assert step > FEWEST_STEPS
            return


def kept(engine: Engine) -> tuple[int, int, int, int]:
    """How many mails, follow-ups, deliveries and nudges in the histories there are."""
    with reading(engine) as session:
        nudged = select(FollowupEventRow).where(FollowupEventRow.what == "nudged")
        found = (select(CopiedMailRow), select(FollowupRow), select(DeliveryRow), nudged)
        mails, followups, deliveries, nudges = (len(session.scalars(each).all()) for each in found)
        return mails, followups, deliveries, nudges


@pytest.mark.parametrize(("authenticated", "makes"), [(True, (1, 1, 0)), (False, (1, 0, 1))], ids=["noted", "asked about"])
def test_a_mail_whose_reader_is_killed_anywhere_is_noted_once_when_it_comes_again(
    authenticated: bool, makes: tuple[int, int, int], engine: Engine
) -> None:
    person = anna(engine)
    with writing(engine) as session:
        mail_addresses.set_token(session, session.get_one(PersonRow, person), NOW, TOKEN)

    def raw(step: int) -> bytes:
        results = passed() if authenticated else None
        return mail(Authentication_Results=results, Subject=f"Quote {step}", Message_ID=f"<quote.{step}@acme.test>")

    def at(step: int) -> dt.datetime:  # nobody is asked about more than ten mails a day
        return NOW + step * dt.timedelta(hours=3)

    survived: list[bool] = []
    for step in killed(engine, steps.note, at, raw):
        before, whole = tuple(n * (step - 1) for n in makes), tuple(n * step for n in makes)
        assert kept(engine)[:3] in (before, whole), f"half of it is there after step {step}"
        survived.append(kept(engine)[:3] == whole)
        outcome = steps.intake(engine, at(step)).take(Envelope("anna@acme.test", RCPT), raw(step))
        assert outcome["action"] == ("create" if authenticated else "quarantine")
        assert kept(engine)[:3] == whole, f"lost or doubled after step {step}"
    assert survived == sorted(survived), "from the commit on it is there, and before it is not"
    assert len(set(survived[:-1])) == 2, "it was killed before the commit and after it"


def test_what_is_due_while_the_sweep_is_killed_anywhere_is_told_once(engine: Engine) -> None:
    def due_for(step: int) -> None:
        person_id = anna(engine, f"Anna{step}")
        with writing(engine) as session:
            person = session.get_one(PersonRow, person_id)
            for subject in ("Quote", "Samples"):
                contact = contacts.for_recipient(session, person, NOW, f"{subject}{step}@factory.cn")
                ledger.create(
                    session, person, NOW - dt.timedelta(hours=1), Rules(), subject=subject, contacts=[contact], due_at=NOW
                )

    def at(step: int) -> dt.datetime:
        return NOW

    survived: list[bool] = []
    due_for(1)
    for step in killed(engine, steps.sweep, at):
        before, whole = (step - 1, 2 * (step - 1)), (step, 2 * step)
        assert kept(engine)[2:] in (before, whole), f"half of it is there after step {step}"
        survived.append(kept(engine)[2:] == whole)
        for _ in range(1_000):  # PostgreSQL may still hold the dead process's locks for a moment: such people are left out
            if kept(engine)[2:] == whole:
                break
            due.sweep(engine, Rules(), NOW, steps.CHANNELS)
        due.sweep(engine, Rules(), NOW, steps.CHANNELS)
        assert kept(engine)[2:] == whole, f"lost or doubled after step {step}"
        due_for(step + 1)
    assert survived == sorted(survived)
    assert len(set(survived[:-1])) == 2
