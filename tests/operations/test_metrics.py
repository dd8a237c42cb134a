"""What the house says of itself is true, the same in every process, names nobody, and is not for strangers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event, select
from starlette.testclient import TestClient

from bot import metrics
from bot.channel import Installed
from bot.conversations.tables import ArrivalRow
from bot.db import writing
from bot.delivery import attempt, moves, outbox
from bot.delivery.tables import DeliveryRow, HoldRow
from bot.delivery.terms import terms_of
from bot.followups.tables import FollowupRow
from bot.messages import Address, Card, Inbound
from bot.people import directory, installations, keys
from bot.settings import read_settings
from bot.vendors import quotas
from bot.vendors.tokens import TokenShelf
from bot.wiring import App, build, watched, web
from bot.wiring_metrics import exposition
from tests.conftest import KEYS, NOW
from tests.fakes.vendor import FakeChannel, Vendor

MINUTE = dt.timedelta(minutes=1)
HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("203.0.113.9", 50_000)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(app: App) -> Samples:
    """(name, labels) → value, as a scrape finds them."""
    text = exposition(app).decode()
    return {(s.name, frozenset(s.labels.items())): s.value for f in text_string_to_metric_families(text) for s in f.samples}


def value(found: Samples, name: str, **labels: str) -> float | None:
    """One number of a scrape; None when it is not there."""
    return found.get((name, frozenset(labels.items())))


def deliver(app: App, person: str, *, kind: str = "nudge", late: dt.timedelta = MINUTE, **values: object) -> str:
    """A delivery to somebody on Slack, in whatever state; its id."""
    with writing(app.engine) as session:
        address = directory.at_address(session, Address(channel="slack", external_id=person, workspace="T1"), NOW)[1]
        row = outbox.row_of(
            address, Card(id="n", kind="notice", lang="en", title="Secret words"), kind, NOW, due_at=NOW - late, **values
        )
        session.add(row)
        session.flush()
        return row.id


def test_the_outbox_is_told_by_channel_kind_and_state_with_the_age_of_the_oldest(app: App) -> None:
    deliver(app, "U1", state="waiting", late=3 * MINUTE)
    deliver(app, "U2", state="waiting", late=MINUTE)
    deliver(app, "U3", state="waiting", late=-MINUTE, kind="tip")
    deliver(app, "U4", state="waiting", chunk="c1", late=2 * MINUTE)
    deliver(app, "U5", state="sending")
    deliver(app, "U6", state="held", late=99 * MINUTE)
    deliver(app, "U7", state="sent")
    found = samples(app)
    numbers = {(k, s): value(found, "caucus_outbox_deliveries", channel="slack", kind=k, state=s) for k, s in (
        ("nudge", "waiting"), ("nudge", "taken"), ("nudge", "sending"), ("nudge", "held"), ("tip", "waiting"), ("nudge", "sent"))}  # fmt: skip
    assert list(numbers.values()) == [2, 1, 1, 1, 1, None]
    assert value(found, "caucus_outbox_late_seconds", channel="slack", kind="nudge", state="waiting") == 180
    assert value(found, "caucus_outbox_late_seconds", channel="slack", kind="nudge", state="taken") == 120
    assert value(found, "caucus_outbox_late_seconds", channel="slack", kind="tip", state="waiting") == 0  # not due yet
    assert value(found, "caucus_outbox_late_seconds", channel="slack", kind="nudge", state="held") == 0  # waits for the person


def test_of_a_paused_broadcast_nothing_is_late(app: App) -> None:
    deliver(app, "U1", kind="broadcast", state="waiting", broadcast_id="b1")
    with writing(app.engine) as session:
        session.add(HoldRow(broadcast_id="b1", kind="pause", at=NOW))
    found = samples(app)
    assert value(found, "caucus_outbox_deliveries", channel="slack", kind="broadcast", state="waiting") == 1
    assert value(found, "caucus_outbox_late_seconds", channel="slack", kind="broadcast", state="waiting") == 0


def test_what_failed_or_is_in_doubt_is_counted_for_a_month(app: App) -> None:
    deliver(app, "U1", state="in_doubt")
    deliver(app, "U2", state="failed")
    old = deliver(app, "U3", state="failed")
    with writing(app.engine) as session:
        session.get_one(DeliveryRow, old).moved_at = NOW - dt.timedelta(days=31)
    found = samples(app)
    assert value(found, "caucus_troubled_deliveries", channel="slack", state="in_doubt") == 1
    assert value(found, "caucus_troubled_deliveries", channel="slack", state="failed") == 1


def test_a_look_at_the_outbox_reads_indexes_and_no_table_of_what_was_sent(app: App) -> None:
    deliver(app, "U1", state="waiting")
    asked: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, given: object, *___: object) -> None:
        if "FROM deliveries" in statement:
            asked.append((statement, given))

    event.listen(app.engine, "before_cursor_execute", note)
    exposition(app)
    event.remove(app.engine, "before_cursor_execute", note)
    assert len(asked) == 5
    explain = "EXPLAIN QUERY PLAN " if app.engine.dialect.name == "sqlite" else "EXPLAIN "
    with app.engine.connect() as connection:
        if app.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # its table is empty: it would read that
        plans = ["\n".join(map(str, connection.exec_driver_sql(explain + s, g))) for s, g in asked]  # type: ignore[arg-type]
    assert [plan for plan in plans if "ix_deliveries_" not in plan] == []


def test_follow_ups_arrivals_quotas_and_tokens_are_told(app: App) -> None:
    with writing(app.engine) as session:
        person = directory.add_person(session, NOW, name="Anna")
        session.add(FollowupRow(person_id=person.id, subject="x", due_at=NOW - 2 * MINUTE, zone="UTC", wall="x", created_at=NOW))
        session.add(ArrivalRow(channel="wechat", key="1", payload={}, arrived_at=NOW - MINUTE, open_at=NOW))
        session.add(ArrivalRow(channel="wechat", key="2", payload=None, arrived_at=NOW - 9 * MINUTE, open_at=None))
    quotas.count(app.engine, "wechat stable_token", NOW, 20)
    quotas.count(app.engine, "wecom message/send", NOW, 7)
    shelf = TokenShelf(app.engine)
    assert shelf.lease("wechat:wx1:abc", "t", NOW, 20)
    shelf.keep("wechat:wx1:abc", "t", "the token", NOW + 30 * MINUTE)
    found = samples(app)
    assert value(found, "caucus_nudge_lag_seconds") == 120
    assert value(found, "caucus_arrivals", channel="wechat") == 1
    assert value(found, "caucus_arrival_late_seconds", channel="wechat") == 60
    assert value(found, "caucus_quota_used", channel="wecom", call="message/send") == 7
    assert value(found, "caucus_quota_left", channel="wecom", call="message/send") is None  # nobody told us the most
    assert value(found, "caucus_quota_left", channel="wechat", call="stable_token") == 499_980
    assert value(found, "caucus_token_expires_seconds", channel="wechat") == 1_800


def test_the_first_end_of_a_channels_tokens_is_told_and_no_token_that_nobody_uses_any_more(app: App) -> None:
    shelf = TokenShelf(app.engine)
    for name, minutes in (("wecom:1000002:old", -90), ("wecom:1000002:new", 90), ("wecom:1000003:x", 30)):
        assert shelf.lease(name, "t", NOW, 20)
        shelf.keep(name, "t", "the token", NOW + minutes * MINUTE)
    with writing(app.engine) as session:
        for team, minutes in (("T1", 600), ("T2", -5), ("T3", None), ("T4", -999)):
            ends = None if minutes is None else NOW + minutes * MINUTE
            installations.save(session, "slack", Installed(team, "xoxb", "xoxe", ends), NOW)
    assert value(samples(app), "caucus_token_expires_seconds", channel="slack") == -999 * 60
    with writing(app.engine) as session:
        installations.remove(session, "slack", "T4", NOW, NOW)
    found = samples(app)
    assert value(found, "caucus_token_expires_seconds", channel="slack") == -300
    assert value(found, "caucus_token_expires_seconds", channel="wecom") == 1_800


def test_an_answer_is_counted_once_with_its_decision_and_its_time(app: App) -> None:
    labels = {"channel": "api", "decision": "sure"}
    before = samples(app)
    said = Inbound(
        address=Address(channel="api", external_id="k1"),
        message_id="m1",
        text="They want exclusivity, what do I say?",
        received_at=NOW,
    )
    for _ in range(2):  # the second is a repeat
        assert app.receive(said).decision == "sure"
    after = samples(app)
    assert (value(after, "caucus_answers_total", **labels) or 0) - (value(before, "caucus_answers_total", **labels) or 0) == 1
    timed = [value(found, "caucus_answer_seconds_count", channel="api") or 0 for found in (before, after)]
    assert timed[1] - timed[0] == 2


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.mark.parametrize(
    ("fault", "kind", "state"),
    [("later", "try_later", "waiting"), ("refuse", "rejected", "failed"), ("gone", "unreachable", "failed"), ("", "", "sent")],
)
def test_what_a_vendor_refuses_is_counted_by_kind(app: App, vendor: Vendor, fault: str, kind: str, state: str) -> None:
    channel = FakeChannel("lookup", vendor.port)
    key = deliver(app, "U1", state="sending")
    if fault:
        vendor.fail[key] = [fault]
    with app.engine.connect() as session:
        row = moves.ready(next(iter(moves.loaded(session, DeliveryRow.id == key))), 1)  # type: ignore[arg-type]
    before = samples(app)
    end = attempt.attempt(channel, terms_of({"slack": channel})["slack"], row, attempt.Cards(app.engine), NOW)
    after = samples(app)
    assert end.state == state

    def more(name: str, **labels: str) -> float:
        return (value(after, name, channel="slack", **labels) or 0) - (value(before, name, channel="slack", **labels) or 0)

    assert more("caucus_sends_total", state=state) == 1
    assert sum(more("caucus_vendor_errors_total", kind=k) for k in (*metrics.KINDS.values(), "fault")) == (1 if fault else 0)
    assert not kind or more("caucus_vendor_errors_total", kind=kind) == 1


def test_an_error_that_is_none_of_the_vendors_is_a_fault_and_goes_on() -> None:
    found = CollectorRegistry()
    found.register(metrics.VENDOR_ERRORS)
    before = found.get_sample_value("caucus_vendor_errors_total", {"channel": "x", "kind": "fault"}) or 0
    with pytest.raises(KeyError), metrics.asking("x"):
        raise KeyError
    assert found.get_sample_value("caucus_vendor_errors_total", {"channel": "x", "kind": "fault"}) == before + 1


def test_no_word_address_or_id_of_anybody_is_in_it(app: App) -> None:
    person = "U" + "0WNER" * 3
    deliver(app, person, state="waiting")
    app.receive(
        Inbound(address=Address(channel="api", external_id=person), message_id="m", text="zebra exclusivity", received_at=NOW)
    )
    text = exposition(app).decode()
    with writing(app.engine) as session:
        ids = [row.id for row in session.scalars(select(DeliveryRow))]
    assert ids
    assert not [word for word in (person, "T1", "zebra", "Secret", *ids) if word in text]
    assert not re.search(r"[0-9a-f]{32}", text)


def test_while_the_database_is_away_the_parts_still_say_so(impatient_app: App) -> None:
    impatient_app.engine.dispose()
    impatient_app.settings.data_dir.joinpath("caucus.db").write_bytes(b"no database" * 500)
    found = samples(impatient_app)
    assert value(found, "caucus_part_ready", part="database") == 0
    assert value(found, "caucus_part_ready", part="understanding") == 1
    assert value(found, "process_resident_memory_bytes")
    assert value(found, "caucus_nudge_lag_seconds") is None


@pytest.fixture
def impatient_app(settings: object, kb: object, matcher: object) -> App:
    """An app over a file that a test may break."""
    return build(settings, kb=kb, matcher=matcher, now=lambda: NOW)  # type: ignore[arg-type]


# who may look


def key_of(engine: Engine) -> dict[str, str]:
    with writing(engine) as session:
        return {"Authorization": f"Bearer {keys.make_key(session, 'prometheus', NOW)[0]}"}


def asks(app: App, at: tuple[str, int], base: str = "http://127.0.0.1:8000") -> TestClient:
    return TestClient(web(app), base_url=base, client=at)


def test_this_machine_sees_them_and_a_stranger_does_not(app: App) -> None:
    assert asks(app, HERE).get("/metrics").status_code == 200
    assert "caucus_part_ready" in asks(app, HERE).get("/metrics").text
    assert asks(app, ELSEWHERE).get("/metrics").status_code == 401
    assert asks(app, ELSEWHERE).get("/metrics", headers={"Authorization": "Bearer caucus_wrong"}).status_code == 401
    assert asks(app, ELSEWHERE).get("/metrics", headers={"Authorization": "Basic x"}).status_code == 401
    assert "caucus_" not in asks(app, ELSEWHERE).get("/metrics").text.replace("Bearer caucus_", "")


def test_what_comes_through_a_proxy_of_this_machine_is_a_stranger(app: App) -> None:
    through = asks(app, HERE).get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert through.status_code == 401
    assert asks(app, HERE, "http://rebound.example.com").get("/metrics").status_code == 401


def test_a_key_opens_them_from_elsewhere_and_in_production(app: App) -> None:
    client = asks(app, ELSEWHERE)
    answer = client.get("/metrics", headers=key_of(app.engine))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_a_key_that_was_valid_still_looks_while_the_database_is_away(impatient_app: App) -> None:
    client, header = asks(impatient_app, ELSEWHERE), key_of(impatient_app.engine)
    assert client.get("/metrics", headers=header).status_code == 200
    impatient_app.engine.dispose()
    impatient_app.settings.data_dir.joinpath("caucus.db").write_bytes(b"no database" * 500)
    assert client.get("/metrics", headers=header).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer caucus_other"}).status_code == 401


def test_what_only_watches_has_health_and_metrics_and_nothing_else(app: App) -> None:
    going = [True]
    client = TestClient(watched(app, lambda: going[0]), base_url="http://127.0.0.1:8001", client=HERE)
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json()["parts"]["database"] == "ok"
    assert client.get("/metrics").status_code == 200
    assert client.post("/api/ask", json={"text": "x"}).status_code == 404
    going[0] = False
    assert client.get("/health/live").status_code == 503


def test_settings_that_believe_everybody_are_refused_in_production() -> None:
    secure = {"CAUCUS_ENV": "production", "CAUCUS_SECRET_KEYS": KEYS[0], "CAUCUS_PUBLIC_URL": "https://coach.example.com"}
    assert read_settings({**secure, "CAUCUS_PROXIES": "127.0.0.1, 10.0.0.0/8"}).proxies
    for name, wrong in {"PROXIES": "0.0.0.0/0", "MAIL_PEERS": "::/0", "SECRET_KEYS": "x" * 40}.items():
        with pytest.raises(Exception, match=f"CAUCUS_{name}"):
            read_settings({**secure, f"CAUCUS_{name}": wrong})
    with pytest.raises(Exception, match="CAUCUS_PUBLIC_URL"):
        read_settings({**secure, "CAUCUS_PUBLIC_URL": "", "CAUCUS_HOST": "0.0.0.0"})
    assert read_settings({**secure, "CAUCUS_PUBLIC_URL": ""}).loopback_only
