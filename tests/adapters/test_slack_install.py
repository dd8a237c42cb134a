"""Workspaces let us in and take it back: OAuth with a state used once, tokens encrypted and changed under a lock."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from sqlalchemy import Engine, select, text

from adapters.slack import assembly
from bot.channel import Installed
from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.engine import Worker
from bot.delivery.tables import DeliveryRow
from bot.errors import TryLater, Unavailable, Unreachable
from bot.messages import Address, Card
from bot.people import directory, installations
from bot.people.tables import AddressRow, Installation
from bot.wiring import App
from tests.adapters.slack_site import Site, many_workspaces, seen
from tests.conftest import NOW
from tests.fakes import slack_says as say
from tests.fakes.slack import FakeSlack, Team

ASKED = "They asked for exclusivity, what do I say?"
CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> dt.datetime:
        return self.at


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    slack = FakeSlack()
    for number in (1, 2):
        slack.codes[f"code{number}"] = Team(f"T{number}", "", rooms={"C1"})
    slack.person("U1")
    slack.person("UADMIN")
    yield slack
    slack.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path, clock: Clock) -> Site:
    return Site(build_app(settings=many_workspaces(slack, str(tmp_path)), now=clock), slack)


def begin(site: Site) -> str:
    """The state of an installation that a browser began."""
    answer = site.client.get("/slack/install")
    assert answer.status_code == 302
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["client_id"] == ["111.222"]
    assert "chat:write" in asked["scope"][0].split(",")
    return asked["state"][0]


def install(site: Site, number: int = 1) -> None:
    state = begin(site)
    answer = site.client.get("/slack/oauth_redirect", params={"state": state, "code": f"code{number}"})
    assert answer.status_code == 200, answer.text


def again(site: Site, number: int = 1) -> None:
    """Install once more."""
    site.slack.codes[f"code{number}"] = next(
        (t for t in site.slack.teams.values() if t.id == f"T{number}"), Team(f"T{number}", "")
    )
    install(site, number)


def uninstalled(site: Site, *, ago: float = 0.0, team: str = "T1") -> None:
    payload = say.event({"type": "app_uninstalled"}, team=team)
    site.app.arrivals.store("slack", payload["event_id"], "", {**payload, "event_time": int(time.time() - ago)})
    site.app.arrivals.once()


def test_a_workspace_installs_is_greeted_and_asks(site: Site) -> None:
    install(site)
    (welcome,) = site.slack.posts
    assert (welcome["channel"], "Hello" in seen(welcome)) == ("DT1UADMIN", True)
    (post,) = site.event(say.direct(ASKED))
    assert post["team"] == "T1"


def test_tokens_lie_encrypted_in_the_database(site: Site) -> None:
    install(site)
    with site.app.engine.connect() as connection:
        stored = bytes(connection.execute(text("SELECT secrets FROM installations")).scalar_one())
    assert b"xox" not in stored
    with reading(site.app.engine) as session:
        assert session.scalars(select(Installation)).one().secrets["token"].startswith("xoxe.xoxb-T1")


def test_a_state_is_used_once_by_its_own_browser_and_ends(site: Site, clock: Clock) -> None:
    state = begin(site)
    site.client.cookies.clear()
    assert site.client.get("/slack/oauth_redirect", params={"state": state, "code": "code1"}).status_code == 400
    state = begin(site)
    assert site.client.get("/slack/oauth_redirect", params={"state": state, "code": "code1"}).status_code == 200
    assert site.client.get("/slack/oauth_redirect", params={"state": state, "code": "code2"}).status_code == 400
    state = begin(site)
    clock.at += dt.timedelta(minutes=11)
    assert site.client.get("/slack/oauth_redirect", params={"state": state, "code": "code2"}).status_code == 400
    assert site.client.get("/slack/oauth_redirect").status_code == 400


def test_of_many_that_use_one_state_at_the_same_moment_one_succeeds(engine: Engine) -> None:
    with writing(engine) as session:
        state = installations.new_state(session, NOW)
    start, won = threading.Barrier(4), []

    def use() -> None:
        start.wait()
        with writing(engine) as session:
            won.append(installations.use_state(session, state, NOW))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]


def test_leave_refused_or_a_wrong_code_installs_nothing(site: Site) -> None:
    state = begin(site)
    assert site.client.get("/slack/oauth_redirect", params={"state": state, "error": "access_denied"}).status_code == 400
    state = begin(site)
    page = site.client.get("/slack/oauth_redirect", params={"state": state, "code": "<script>"})
    assert page.status_code == 502
    assert "<script>" not in page.text
    with reading(site.app.engine) as session:
        assert session.scalars(select(Installation)).all() == []


def test_people_of_two_workspaces_are_strangers_to_each_other_whatever_their_ids(site: Site) -> None:
    install(site, 1)
    install(site, 2)
    site.event(say.direct(ASKED), team="T1")
    (post,) = site.event(say.direct("why?"), team="T2")
    assert post["team"] == "T2"
    assert "only partner" not in seen(post)  # nothing of what the same id said in the other workspace
    with reading(site.app.engine) as session:
        rows = {row.external_id: row for row in session.scalars(select(AddressRow)) if row.external_id.endswith("/U1")}
        assert set(rows) == {"T1/U1", "T2/U1"}
        assert len({row.person_id for row in rows.values()}) == len({row.workspace_id for row in rows.values()}) == 2
    assert site.app.slack.tokens.installed("T1").token != site.app.slack.tokens.installed("T2").token


def test_an_unknown_workspace_gets_its_200_and_no_answer(site: Site) -> None:
    assert site.event(say.direct(ASKED), team="T9") == []


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_after_uninstalling_nothing_is_sent_tokens_are_gone_and_reinstalling_resumes(site: Site, clock: Clock, kind: str) -> None:
    install(site)
    site.event(say.direct(ASKED))
    address = Address(channel="slack", external_id="T1/U1", workspace="T1")
    inner = {"type": kind} if kind == "app_uninstalled" else {"type": kind, "tokens": {"bot": ["UBOT"]}}
    payload = say.event(inner)
    site.app.arrivals.store("slack", "gone", "", payload)
    site.app.arrivals.once()
    with reading(site.app.engine) as session:
        row = session.scalars(select(Installation)).one()
        assert (row.secrets, row.removed_at) == (None, NOW)
    with pytest.raises(Unreachable):
        site.app.slack.channel.send(address, CARD, "k1")
    with writing(site.app.engine) as session:
        _, row = directory.at_address(session, address, NOW)
        key = outbox.put(session, row, CARD, NOW, "nudge", NOW).id
    worker = Worker(site.app.engine, site.app.channels, site.app.now, site.app.terms)
    posts = len(site.slack.posts)
    worker.once()
    with reading(site.app.engine) as session:
        assert session.get_one(DeliveryRow, key).state == "waiting"
    clock.at += dt.timedelta(hours=1)
    again(site)
    worker.once()
    with reading(site.app.engine) as session:
        assert session.get_one(DeliveryRow, key).state == "sent"
    assert len(site.slack.posts) == posts + 1
    uninstalled(site, ago=3_600)  # the old event once more, late
    assert site.app.slack.tokens.installed("T1")


def test_somebodys_own_token_revoked_is_no_matter_to_us(site: Site) -> None:
    install(site)
    site.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
    assert site.app.slack.tokens.installed("T1")


def test_a_month_after_uninstalling_its_people_are_erased(site: Site, clock: Clock) -> None:
    install(site)
    site.event(say.direct(ASKED))
    uninstalled(site)
    with writing(site.app.engine) as session:
        assert installations.erase_removed(session, "slack", NOW) == 0
        assert installations.erase_removed(session, "slack", NOW + dt.timedelta(days=1)) == 2
        assert session.scalars(select(AddressRow)).all() == []


# tokens that end


def test_a_token_that_ends_soon_is_changed_by_the_job_and_used_at_once(site: Site, clock: Clock) -> None:
    site.slack.expires_in = 43_200
    install(site)
    first = site.app.slack.tokens.installed("T1").token
    assert site.app.slack.tokens.rotate_due() == 0
    clock.at += dt.timedelta(hours=10, minutes=1)
    assert site.app.slack.tokens.rotate_due() == 1
    site.app.slack.tokens.forget("T1")
    assert site.app.slack.tokens.installed("T1").token != first
    (post,) = site.event(say.direct(ASKED))
    assert post["team"] == "T1"


def test_the_job_keeps_the_token_of_an_idle_workspace_from_ending_so_that_one_over_means_a_fault(
    site: Site, clock: Clock
) -> None:
    site.slack.expires_in = 43_200
    install(site)
    for _ in range(30):
        clock.at += dt.timedelta(hours=1)
        site.app.slack.tokens.rotate_due()
        with reading(site.app.engine) as session:
            assert installations.token_ends(session)["slack"] > clock.at + dt.timedelta(hours=1)


def test_no_fault_ends_what_keeps_house_and_its_words_stay_out_of_the_log(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, erased, slack = iter((RuntimeError("xoxe.secret"), ValueError("xoxe.secret"))), threading.Event(), site.app.slack

    def rotate() -> int:
        raise next(turns)  # a third turn finds StopIteration, as good a fault as any

    def erase() -> int:
        if turns.__length_hint__():
            raise RuntimeError("xoxe.secret")
        erased.set()
        return 2

    monkeypatch.setattr(assembly, "ROTATE_EVERY", 0.001)
    monkeypatch.setattr(assembly, "ERASE_EVERY", 0.0)
    monkeypatch.setattr(slack.tokens, "rotate_due", rotate)
    object.__setattr__(slack._ports.installations, "erase_removed", erase)
    with structlog.testing.capture_logs() as lines:
        slack.start()
        assert erased.wait(20)
        slack.stop()
    assert {line.get("reason") for line in lines} >= {"RuntimeError", "ValueError"}
    assert "xoxe.secret" not in str(lines)


def test_one_workspaces_token_that_cannot_be_changed_keeps_no_other_from_it(
    site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.slack.expires_in = 43_200
    for number in (1, 2):
        install(site, number)
    clock.at += dt.timedelta(hours=11)
    slack = site.app.slack
    begin_rotation = slack._ports.installations.begin_rotation

    def broken(workspace: str, ends: dt.datetime) -> bool:
        if workspace == "T1":
            raise KeyError(workspace)
        return begin_rotation(workspace, ends)

    object.__setattr__(slack._ports.installations, "begin_rotation", broken)
    assert slack.tokens.rotate_due() == 1


def test_a_new_token_that_could_not_be_written_down_is_not_lost(site: Site, clock: Clock) -> None:
    site.slack.expires_in = 43_200
    install(site)
    clock.at += dt.timedelta(hours=11)
    slack = site.app.slack
    change = slack._ports.installations.change

    def away(installed: Installed) -> None:
        object.__setattr__(slack._ports.installations, "change", change)
        raise Unavailable("the database is away or locked")

    object.__setattr__(slack._ports.installations, "change", away)
    assert slack.tokens.rotate_due() == 0
    clock.at += dt.timedelta(minutes=1)
    assert slack.tokens.rotate_due() == 1
    assert site.slack.spent["T1"] == 2, "its refresh token was spent by the first try"
    clock.at += dt.timedelta(hours=2)
    slack.tokens.forget("T1")
    slack.channel.send(Address(channel="slack", external_id="T1/U1", workspace="T1"), CARD, "k")


def test_two_workers_never_spend_one_refresh_token(site: Site, clock: Clock, build_app: Callable[..., App]) -> None:
    site.slack.expires_in = 43_200
    install(site)
    clock.at += dt.timedelta(hours=11)
    other = build_app(settings=site.app.settings, now=clock)
    start = threading.Barrier(2)

    def rotate(app: App) -> None:
        start.wait()
        app.slack.tokens.rotate_due()

    threads = [threading.Thread(target=rotate, args=(app,)) for app in (site.app, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.slack.spent["T1"] == 2  # the installation, and one change
    for app in (site.app, other):
        app.slack.tokens.forget("T1")
        app.slack.channel.send(Address(channel="slack", external_id="T1/U1", workspace="T1"), CARD, "k")


def test_a_reminder_in_a_quiet_workspace_finds_a_token_that_lives(site: Site, clock: Clock) -> None:
    site.slack.expires_in = 43_200
    install(site)
    clock.at += dt.timedelta(days=3)
    site.app.slack.channel.send(Address(channel="slack", external_id="T1/U1", workspace="T1"), CARD, "k1")
    assert site.slack.posts[-1]["metadata"]["event_payload"]["delivery"] == "k1"


def test_while_slack_refuses_to_change_an_ended_token_sending_waits(site: Site, clock: Clock) -> None:
    site.slack.expires_in = 43_200
    install(site)
    clock.at += dt.timedelta(days=3)
    site.slack.faults["oauth.v2.access"] = ["500"]
    with pytest.raises(TryLater):
        site.app.slack.channel.send(Address(channel="slack", external_id="T1/U1", workspace="T1"), CARD, "k1")
    clock.at += dt.timedelta(minutes=2)
    site.app.slack.channel.send(Address(channel="slack", external_id="T1/U1", workspace="T1"), CARD, "k1")
