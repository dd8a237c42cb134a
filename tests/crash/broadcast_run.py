"""`make crash-broadcast`: one broadcast to thousands, and SIGKILLs from its start to its end; what got lost or doubled?

Workers also begin the run, so that a kill may come in the middle of the fan-out. At the end the report's numbers must
be the vendor's: nothing lost, nothing doubled where the vendor can look up or takes a key, elsewhere every doubt said.
"""

from __future__ import annotations

import random
import time

from sqlalchemy import Engine, insert, update

from bot.broadcasts.broadcast_tables import BroadcastRow
from bot.broadcasts.desk import Desk
from bot.db import writing
from bot.messages import Address
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow, new_id
from tests.crash import broadcast_worker
from tests.crash.broadcast_worker import KINDS, now, ports
from tests.crash.run import Site, judge, main
from tests.crash.worker import KEYS
from tests.databases import fresh
from tests.fakes.vendor import FakeChannel


def people(engine: Engine, number: int) -> None:
    """So many, in equal parts on every kind of vendor; an admin writes, who is reached by none."""
    with writing(engine) as session:
        admin, _ = directory.at_address(session, Address(channel="nowhere", external_id="admin"), now())
        admin.role = "admin"
        ids = [(new_id(), new_id(), KINDS[n % len(KINDS)]) for n in range(number)]
        same = {"role": "member", "zone": "Asia/Shanghai", "quiet": "off", "created_at": now()}
        session.execute(insert(PersonRow), [{"id": p, **same} for p, _, _ in ids])
        rows = [{"id": a, "channel": kind, "external_id": f"T/{a}", "person_id": p, "created_at": now()} for p, a, kind in ids]
        session.execute(insert(AddressRow), rows)


def crash(which: str, *, kills: int, sends: int, workers: int, seed: int) -> list[str]:
    """Run; returns what went wrong, nothing if all is well."""
    chance = random.Random(seed)
    with fresh(which, KEYS) as engine:
        people(engine, sends)
        site = Site(engine.url.render_as_string(hide_password=False), workers, seed, broadcast_worker.main)
        try:
            channels = {kind: FakeChannel(kind, site.port) for kind in KINDS}
            desk = Desk(engine, ports({name: channel.limits for name, channel in channels.items()}), now)

            def who(session):
                return directory.find(session, "nowhere:admin")

            broadcast = desk.draft(who, {"segment": "role:member", "en": "Ask twice.", "zh": "多问一遍。"})["id"]
            began = time.time()
            with writing(engine) as session:  # as `start` does, without beginning it in this process; on a working day
                plan = {"plan": {}, "next_at": now(), "state": "scheduled"}
                session.execute(update(BroadcastRow).where(BroadcastRow.id == broadcast).values(plan))
            for _ in range(kills):
                time.sleep(chance.uniform(0.1, 0.8))
                victim = chance.randrange(workers)
                site.kill(victim)
                if chance.random() < 0.7:
                    site.ready(victim)
            told = wait_for_the_end(desk, broadcast)
            wrong = judge(engine, site.ask("GET", "/arrived"), sends, kills, time.time() - began)
            arrived = site.ask("GET", "/arrived")
            reported = told["sent"] + told["in_doubt"]
            print(
                f"report: {told['sent']} sent, {told['in_doubt']} in doubt, {told['failed']} failed; the vendor got {len(arrived)}"
            )
            if (told["state"], told["audience"], reported, told["failed"], told["waiting"]) != ("done", sends, sends, 0, 0):
                wrong.append(f"the report: {told['state']} {reported} of {told['audience']}")
            if not told["sent"] <= len(arrived) <= reported:
                wrong.append(f"the vendor got {len(arrived)}")
            return wrong
        finally:
            site.close()


def wait_for_the_end(desk: Desk, broadcast: str) -> dict:
    """Until it is done, or for two minutes without any change."""
    last, since = None, time.time()
    while True:
        told = desk.act(lambda _: None, broadcast, "status")
        numbers = (told["waiting"], told["sent"], told["in_doubt"])
        if numbers != last:
            last, since = numbers, time.time()
        if told["state"] == "done" or time.time() - since > 120:
            return told
        time.sleep(0.5)


if __name__ == "__main__":
    main(crash, kills=30, sends=10_000)
