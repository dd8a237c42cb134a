"""Links that sign in once, and sessions: hashed, expiring, used once, ended by their owner and by nobody else."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select, text

from bot.conversations import sign_in
from bot.db import reading, writing
from bot.messages import Address, Inbound
from bot.people import directory, linking, signin
from bot.people.tables import AddressRow, PersonRow, SignInLink, WebSession
from bot.wiring import App
from tests.conftest import NOW

SLACK = Address(channel="slack", external_id="T1/U1", workspace="T1")


def someone(engine: Engine, name: str = "Anna", role: str = "member") -> str:
    """A person's id."""
    with writing(engine) as session:
        return directory.add_person(session, NOW, name=name, role=role).id


def a_link(engine: Engine, person: str, purpose: signin.Purpose = "chat", now: dt.datetime = NOW) -> str:
    """A token."""
    with writing(engine) as session:
        token = signin.new_link(session, session.get_one(PersonRow, person), purpose, now)
        assert token
        return token


def use(engine: Engine, token: str, now: dt.datetime = NOW, browser: Address | None = None) -> str:
    """The key of the session, or why there is none."""
    with writing(engine) as session:
        found = signin.use(session, token, now, device="Chrome · Linux", browser=browser)
        return found if isinstance(found, str) else found[0]


def test_a_link_lets_its_person_in_once(engine: Engine) -> None:
    anna = someone(engine)
    token = a_link(engine, anna)
    key = use(engine, token)
    with reading(engine) as session:
        found = signin.signed(session, key, NOW)
        assert found
        assert found[1].id == anna
        assert found[0].device == "Chrome · Linux"
    assert use(engine, token) == "used"
    assert use(engine, token + "x") == "unknown"


def test_neither_token_nor_key_stands_in_the_database(engine: Engine) -> None:
    token = a_link(engine, someone(engine))
    key = use(engine, token)
    with reading(engine) as session:
        rows = [*session.execute(text("SELECT * FROM sign_in_links")), *session.execute(text("SELECT * FROM web_sessions"))]
    assert len(rows) == 2
    assert token not in str(rows)
    assert key not in str(rows)
    assert "Chrome" not in str(rows)


@pytest.mark.parametrize("purpose", list(signin.LASTS))
def test_a_link_ends_when_its_time_is_over(engine: Engine, purpose: signin.Purpose) -> None:
    token = a_link(engine, someone(engine), purpose)
    end = NOW + signin.LASTS[purpose]
    with reading(engine) as session:
        assert signin.fate(session, token, end - dt.timedelta(seconds=1))[0] == "open"
        assert signin.fate(session, token, end) == ("expired", None)
    assert use(engine, token, end) == "expired"


def test_of_two_who_use_a_link_at_the_same_moment_one_gets_in(engine: Engine) -> None:
    token = a_link(engine, someone(engine))
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(use(engine, token))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found.count("used") == 5
    with reading(engine) as session:
        assert len(session.scalars(select(WebSession)).all()) == 1


def test_a_new_invitation_voids_the_one_before_and_links_by_chat_are_limited(engine: Engine) -> None:
    anna = someone(engine)
    first, second = a_link(engine, anna, "invitation"), a_link(engine, anna, "invitation")
    assert use(engine, first) == "unknown"
    assert len(use(engine, second)) == 43
    for _ in range(signin.MOST_OPEN):
        a_link(engine, anna)
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        assert signin.new_link(session, person, "chat", NOW) is None
        assert signin.new_link(session, person, "chat", NOW + signin.LASTS["chat"])


def test_a_session_lasts_while_it_is_used_and_not_for_ever(engine: Engine) -> None:
    key = use(engine, a_link(engine, someone(engine)))
    at = NOW
    while at - NOW < signin.LONGEST - dt.timedelta(days=10):
        at += dt.timedelta(days=10)
        with writing(engine) as session:
            found = signin.signed(session, key, at)
            assert found
            assert signin.stale(found[0], at)
            signin.note_seen(session, found[0].id, at)
            assert not signin.stale(found[0], at)
    with reading(engine) as session:
        assert signin.signed(session, key, NOW + signin.LONGEST) is None
    other = use(engine, a_link(engine, someone(engine, "Bert")))
    with reading(engine) as session:
        assert signin.signed(session, other, NOW + signin.IDLE - dt.timedelta(seconds=1))
        assert signin.signed(session, other, NOW + signin.IDLE) is None


def test_one_ends_ones_own_sessions_and_nobody_elses(engine: Engine) -> None:
    anna, bert = someone(engine), someone(engine, "Bert")
    keys = [use(engine, a_link(engine, who)) for who in (anna, anna, bert)]
    waiting = a_link(engine, anna)
    with writing(engine) as session:
        theirs = signin.sessions(session, bert, NOW)[0].id
        assert signin.end(session, anna, theirs) == 0
        assert signin.end(session, anna, signin.sessions(session, anna, NOW)[0].id) == 1
        assert signin.end(session, anna) == 1
    assert use(engine, waiting) == "unknown", "signing out everywhere voids the links that wait"
    with reading(engine) as session:
        assert [bool(signin.signed(session, key, NOW)) for key in keys] == [False, False, True]


def test_erasing_a_person_ends_their_sessions(engine: Engine) -> None:
    anna = someone(engine)
    key, waiting = use(engine, a_link(engine, anna)), a_link(engine, anna)
    with writing(engine) as session:
        directory.erase(session, session.get_one(PersonRow, anna))
    with reading(engine) as session:
        assert signin.signed(session, key, NOW) is None
        assert signin.fate(session, waiting, NOW)[0] == "unknown"
        assert session.scalars(select(SignInLink)).all() == []


def test_a_person_has_one_page_on_all_devices(engine: Engine) -> None:
    anna = someone(engine)
    for _ in range(2):
        use(engine, a_link(engine, anna))
    with reading(engine) as session:
        assert [a.channel for a in linking.addresses(session, anna)] == ["web"]


def test_what_was_said_nameless_on_this_machine_comes_along_and_somebody_elses_does_not(engine: Engine) -> None:
    admin = someone(engine, "Admin", "admin")
    nameless, named = Address(channel="web", external_id="n" * 32), Address(channel="web", external_id="b" * 32)
    with writing(engine) as session:
        stranger, _ = directory.at_address(session, nameless, NOW)
        directory.at_address(session, named, NOW)[0].name = "Bert"
        before = stranger.id
    use(engine, a_link(engine, admin), browser=named)
    with writing(engine) as session:
        for row in linking.addresses(session, admin):
            session.delete(row)
    use(engine, a_link(engine, admin), browser=nameless)
    with reading(engine) as session:
        assert session.get(PersonRow, before) is None
        assert [a.external_id for a in linking.addresses(session, admin)] == [nameless.external_id]
        assert session.scalar(select(AddressRow.person_id).where(AddressRow.external_id == named.external_id)) != admin


def test_whoever_keeps_the_installation_is_the_first_admin(engine: Engine) -> None:
    with writing(engine) as session:
        made = signin.keeper(session, NOW)
        assert (made.role, made.id) == ("admin", signin.keeper(session, NOW).id)


@pytest.mark.parametrize(
    "said", ["sign in", "Sign-in", "login", "登录", "登陆。", "控制台", "console", "/caucus sign in", "登录链接"]
)
def test_the_command_is_the_whole_message(said: str) -> None:
    assert sign_in.asked_for(said)


@pytest.mark.parametrize(
    "said", ["they want me to sign in blood", "sign", "对方让我登录他们的系统", "console me", "should we sign in Beijing?", ""]
)
def test_a_question_is_no_command(said: str) -> None:
    assert not sign_in.asked_for(said)


def told(app: App, said: str, address: Address, room: str = "", **more: object) -> str:
    """What the coach answers."""
    inbound = Inbound(address=address, message_id=f"m{said}{room}", text=said, room=room, received_at=NOW, **more)
    return app.coach.receive(inbound).cards[0].text


def test_the_coach_tells_a_link_in_a_direct_message_and_only_there(build_app: Callable[..., App]) -> None:
    app = build_app()
    private = told(app, "登录", SLACK)
    assert "http://127.0.0.1:8000/sign-in/" in private
    assert "只能用一次" in private
    token = private.split("/sign-in/")[1].split()[0]
    with reading(app.engine) as session:
        fate, person = signin.fate(session, token, NOW)
        assert (fate, person and person.role) == ("open", "member")
    for address, room, more in (
        (SLACK, "C1/17.1", {}),
        (SLACK, "", {"outsider": True}),
        (Address(channel="api", external_id="key"), "", {}),
        (Address(channel="web", external_id="w"), "", {}),
    ):
        assert "/sign-in/" not in told(app, "sign in", address, room, **more), (address, room)


def test_a_curator_is_led_to_the_console(app: App) -> None:
    with writing(app.engine) as session:
        directory.at_address(session, SLACK, NOW)[0].role = "curator"
    assert told(app, "sign in", SLACK).rstrip().endswith("?to=/console")
