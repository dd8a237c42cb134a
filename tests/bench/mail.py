"""`make bench-mail`: how many copied mails are noted a second, from the LMTP port into the database, and what costs most?

Beside each figure stands the bare port, which takes the same mails and notes nothing: the ratio says what noting costs on
any machine. The processor time is that of this process (port, judging, database), without the readers' and the senders'.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import logging
import smtplib
import subprocess
import sys
import time

import structlog
from sqlalchemy import Engine, func, select

from adapters.email.listen import Listener, accepts
from adapters.email.reader import ReadingRoom
from adapters.email.session import Note
from bot import logs
from bot.db import reading, writing
from bot.followups import mail_addresses
from bot.followups.copied import Envelope
from bot.followups.note_email import MailIntake
from bot.followups.rules import Rules
from bot.followups.tables import FollowupRow
from bot.people import directory
from tests.adapters.test_email_hostile import READ, REFUSED
from tests.bench.delivery import KEYS
from tests.databases import fresh
from tests.mails import SERVER, judged, mail

NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
BODY = "Dear Mr Li,\n\nplease find our offer below.\n" + "Steel hammers, 500 g, carton of 24, price on request.\n" * 150


def firm(number: int) -> str:
    """A name that looks like no other."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:12]


def mails(number: int, who: str = "anna0@acme.test") -> list[bytes]:
    """Different mails of one person, about 8 kB each, each to its own counterpart."""
    return [
        mail(BODY, Message_ID=f"<{n}.{who}>", Subject=f"Offer {n}", To=f"Buyer {n} <buyer@{firm(n)}.test>", From=who)
        for n in range(number)
    ]


def send(port: int, rcpt: str, who: str, number: int) -> None:
    """One connection, in a process of its own, as a mail server is."""
    raws = mails(number, who)
    with smtplib.LMTP("127.0.0.1", port) as client:
        began = time.perf_counter()
        for raw in raws:
            client.sendmail(who, [rcpt], raw)
        print(time.perf_counter() - began)


def through(note: Note, load: dict[str, str], each: int) -> tuple[float, float]:
    """Mails a second, and this process's seconds of processor time for all: address → whose it is, `each` mails to each."""
    listener = Listener(accepts("in.coach.test", lambda _: True), note, lmtp_port=0)
    listener.start()
    spent = time.process_time()
    program = [sys.executable, "-m", "tests.bench.mail", "--send", str(listener.ports["lmtp"])]
    senders = [subprocess.Popen([*program, rcpt, who, str(each)], stdout=subprocess.PIPE) for rcpt, who in load.items()]
    took = [float(sender.communicate()[0]) for sender in senders]
    spent = time.process_time() - spent
    listener.stop()
    return len(senders) * each / max(took), spent


def people(engine: Engine, number: int) -> dict[str, str]:
    """So many people with an address: the address and whose it is."""
    load: dict[str, str] = {}
    with writing(engine) as session:
        for n in range(number):
            email = f"anna{n}@acme.test"
            person = directory.add_person(session, NOW, name="Anna", email=email, zone="Europe/Berlin")
            load[f"fu.{mail_addresses.set_token(session, person, NOW)}@in.coach.test"] = email
    return load


def bench(name: str, engine: Engine, number: int, connections: int) -> None:
    """One database; each connection brings the mails of one person."""
    room = ReadingRoom()
    intake = MailIntake(engine, room.read, Rules(), lambda: NOW, "in.coach.test", SERVER)
    load = people(engine, connections)
    intake.take(Envelope("nobody@x.test", next(iter(load))), mails(1, "nobody@x.test")[0])  # readers and calendars start once
    alone, _ = through(lambda *_: None, load, number // connections)
    rate, spent = through(intake.note, load, number // connections)
    with reading(engine) as session:
        made = session.scalar(select(func.count()).select_from(FollowupRow)) or 0
    print(
        f"{name:<11} {connections} connections: {rate:6.0f} mails/s noted ({spent / number * 1000:.1f} ms of CPU each here), "
        f"bare port {alone:6.0f}/s, ratio {rate / alone:.2f}; {made} follow-ups",
        flush=True,
    )
    room.close()


def worst() -> None:
    """Processor time of the hostile mails."""
    costs: list[tuple[float, str]] = []
    for name, raw in {**{name: raw for name, (raw, _) in REFUSED.items()}, **READ}.items():
        spent = time.process_time()
        judged(raw)  # read and judged, as every mail is
        costs.append((time.process_time() - spent, name))
    print(f"longest of {len(costs)} hostile mails, of which none may take more than 1 s:")
    for seconds, name in sorted(costs, reverse=True)[:5]:
        print(f"  {seconds:.3f} s of CPU: {name}")


def main() -> None:
    """All parts, or those that are named."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--mails", type=int, default=500)
    wanted.add_argument("--databases", nargs="*", default=["sqlite", "postgresql"])
    wanted.add_argument("--send", nargs=4, help=argparse.SUPPRESS)
    given = wanted.parse_args()
    if given.send:
        port, rcpt, who, number = given.send
        send(int(port), rcpt, who, int(number))
        return
    logs.configure(production=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    worst()
    for connections in (1, 4):
        for name in given.databases:
            with fresh(name, KEYS) as engine:
                bench(name, engine, given.mails, connections)


if __name__ == "__main__":
    main()
