"""Sign-in over HTTP: nothing is shown before it, links do what they say and once, sessions end, others' stay shut."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from starlette.testclient import TestClient

from bot.db import writing
from bot.messages import Address, Inbound
from bot.people import directory, signin
from bot.people.tables import PersonRow
from bot.settings import Settings
from bot.wiring import App, web
from tests.conftest import NOW

SITE = "https://coach.example"
OWN = {"Sec-Fetch-Site": "same-origin", "Origin": SITE}
NASTY = "<script>alert(1)</script>"


@pytest.fixture
def public(settings: Settings, build_app: Callable[..., App]) -> App:
    """The app behind a proxy with a name."""
    return build_app(settings=settings.model_copy(update={"public_url": SITE}))


def client(app: App, **headers: str) -> TestClient:
    return TestClient(web(app), base_url=SITE, client=("10.0.0.7", 1), follow_redirects=False, headers=headers)


def invited(app: App, name: str = "Anna", role: str = "member", **more: str) -> tuple[str, str]:
    """(a person's id, the path of a link for them)."""
    with writing(app.engine) as session:
        person = directory.add_person(session, NOW, name=name, role=role, **more)
        return person.id, f"/sign-in/{signin.new_link(session, person, 'invitation', NOW)}"


def signed_in(app: App, name: str = "Anna", role: str = "member") -> TestClient:
    here = client(app)
    assert here.post(invited(app, name, role)[1], data={"to": "/me"}, headers=OWN).status_code == 303
    return here


@pytest.mark.parametrize("path", ["/", "/cards/exclusivity-request", "/me"])
def test_without_a_session_every_page_leads_to_sign_in_and_back(public: App, path: str) -> None:
    refused = client(public).get(path)
    assert (refused.status_code, refused.headers["location"]) == (303, f"/sign-in?to={path}")
    assert "set-cookie" not in refused.headers


def test_without_a_session_nothing_is_said_heard_or_answered(public: App) -> None:
    here = client(public)
    fragment = here.post("/chat", data={"text": "exclusive?"}, headers={**OWN, "X-Caucus": "fragment"})
    assert (fragment.status_code, fragment.headers["X-Caucus"]) == (401, "fragment")
    assert "sign in again" in fragment.text
    assert here.post("/chat", data={"text": "exclusive?"}, headers=OWN).status_code == 401
    assert here.get("/events", headers={"Accept": "text/event-stream"}).status_code == 401
    assert here.get("/events", headers={"X-Caucus": "fragment"}).status_code == 401, "which the page's script asks for"


def test_a_link_shows_a_button_and_only_pressing_it_signs_in(public: App) -> None:
    _, path = invited(public)
    here = client(public)
    for _ in range(3):  # a chat's preview, a mail scanner, the person
        page = here.get(f"{path}?to=/cards/casual-yes")
        assert page.status_code == 200
        assert "Welcome, Anna" in page.text
        assert "set-cookie" not in page.headers
    done = here.post(path, data={"to": "/cards/casual-yes"}, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, "/cards/casual-yes")
    cookie = done.headers["set-cookie"]
    assert re.match(r"__Host-caucus_in=[A-Za-z0-9_-]{43};", cookie)
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"))
    assert "Domain" not in cookie
    assert here.get("/").status_code == 200
    again = client(public).post(path, data={"to": "/"}, headers=OWN)
    assert again.status_code == 410
    assert "used already" in again.text


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "javascript:alert(1)", "x"])
def test_a_link_leads_to_no_other_site(public: App, to: str) -> None:
    _, path = invited(public)
    here = client(public)
    assert "evil" not in here.get(path, params={"to": to}).text
    assert here.post(path, data={"to": to}, headers=OWN).headers["location"] == "/"


@pytest.mark.parametrize("token", ["x", "a" * 43, "..%2f..", "%00", "%3Cscript%3E", "a" * 5000])
def test_a_forged_link_is_refused_in_a_word(public: App, token: str) -> None:
    for answer in (
        client(public).get(f"/sign-in/{token}"),
        client(public).post(f"/sign-in/{token}", data={"to": "/"}, headers=OWN),
    ):
        assert answer.status_code == 404
        assert "<script>" not in answer.text


def test_an_expired_link_says_so(public: App, settings: Settings, build_app: Callable[..., App]) -> None:
    _, path = invited(public)
    later = build_app(settings=public.settings, now=lambda: NOW + signin.LASTS["invitation"])
    assert client(later).get(path).status_code == 410
    assert client(later).post(path, data={"to": "/"}, headers=OWN).status_code == 410


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_another_site_can_sign_nobody_in_or_out(public: App, headers: dict[str, str]) -> None:
    _, path = invited(public)
    assert client(public).post(path, data={"to": "/"}, headers=headers).status_code == 403
    here = signed_in(public, "Bert")
    assert here.post("/me/end", data={"session": ""}, headers=headers).status_code == 403
    assert here.get("/me").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "coach.example.evil", "coach.example:444", ""])
def test_another_name_for_our_address_is_refused(public: App, host: str) -> None:
    assert signed_in(public).get("/", headers={"Host": host}).status_code == 403


def test_a_link_from_a_chat_finds_the_session_although_the_cookie_is_strict(public: App) -> None:
    page = client(public).get("/cards/casual-yes?lang=zh", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert html.unescape(page.text).count("0; url=/cards/casual-yes?lang=zh") == 1


def test_one_sees_and_ends_ones_own_sessions_only(public: App) -> None:
    anna = client(public, **{"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140 Safari/537"})
    person, path = invited(public)
    anna.post(path, data={"to": "/"}, headers=OWN)
    with writing(public.engine) as session:
        second = f"/sign-in/{signin.new_link(session, session.get_one(PersonRow, person), 'chat', NOW)}"
    phone = client(public, **{"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8"})
    phone.post(second, data={"to": "/"}, headers=OWN)
    bert = signed_in(public, "Bert")
    page = anna.get("/me").text
    assert "Chrome · Linux" in page
    assert "WeChat · iPhone" in page
    theirs = re.findall(r'name="session" value="([0-9a-f]{32})"', bert.get("/me").text)
    assert anna.post("/me/end", data={"session": theirs[0]}, headers=OWN).status_code == 404
    assert bert.get("/me").status_code == 200
    assert anna.post("/me/end", data={"session": ""}, headers=OWN).headers["location"] == "/sign-in"
    assert (anna.get("/me").status_code, phone.get("/me").status_code) == (303, 303)


@pytest.mark.parametrize(
    ("zone", "lang", "told"),
    [
        ("Europe/Berlin", "en", ["since 2026-11-23 02:30", "All times: Berlin time."]),
        ("America/New_York", "zh", ["登录于 2026-11-22 20:30", "以下均为纽约时间。"]),
        (None, "zh", ["登录于 2026-11-23 09:30", "以下均为北京时间。"]),
        (None, "en", ["since 2026-11-23 01:30", "All times: UTC time."]),
    ],
)
def test_the_account_page_tells_times_on_ones_own_clock_and_names_it(
    settings: Settings, build_app: Callable[..., App], zone: str | None, lang: str, told: list[str]
) -> None:
    moment = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
    app = build_app(settings=settings.model_copy(update={"public_url": SITE}), now=lambda: moment)
    here = client(app)
    here.post(invited(app, **({"zone": zone} if zone else {}))[1], data={"to": "/me"}, headers=OWN)
    page = here.get("/me", headers={"Accept-Language": lang}).text
    assert [each for each in told if each not in page] == []


@pytest.mark.parametrize("form", [{"session": "x", "person": "1"}, {"role": "admin"}, {"to": "/", "role": "admin"}])
def test_fields_the_page_does_not_have_are_refused(public: App, form: dict[str, str]) -> None:
    assert signed_in(public).post("/me/end", data=form, headers=OWN).status_code == 422
    assert client(public).post(invited(public, "Carl")[1], data=form, headers=OWN).status_code == 422


def test_a_name_is_text_wherever_it_stands(public: App) -> None:
    _, path = invited(public, NASTY)
    assert NASTY not in client(public).get(path).text
    assert NASTY not in signed_in(public, NASTY).get("/me").text


def test_devices_of_one_person_share_the_conversation(public: App) -> None:
    person, path = invited(public)
    first, second = client(public), client(public)
    first.post(path, data={"to": "/"}, headers=OWN)
    first.post("/chat", data={"text": "They asked for exclusivity, what do I say?"}, headers=OWN)
    with writing(public.engine) as session:
        token = signin.new_link(session, session.get_one(PersonRow, person), "chat", NOW)
    second.post(f"/sign-in/{token}", data={"to": "/"}, headers=OWN)
    assert "They want to be our only partner" in second.get("/").text
    assert "They want to be our only partner" not in signed_in(public, "Bert").get("/").text


def test_on_the_machine_itself_nobody_signs_in_but_may(app: App) -> None:
    here = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1), follow_redirects=False)
    own = {"Sec-Fetch-Site": "same-origin"}
    assert here.get("/").status_code == 200
    here.post("/chat", data={"text": "They asked for exclusivity, what do I say?"}, headers=own)
    _, path = invited(app, "Admin", "admin")
    assert here.post(path, data={"to": "/"}, headers=own).status_code == 303
    assert "They want to be our only partner" in here.get("/").text, "what was asked before comes along"


@pytest.mark.parametrize("changes", [{"host": "0.0.0.0"}, {"env": "production"}, {"public_url": SITE}])
def test_sign_in_is_required_as_soon_as_the_server_is_not_for_this_machine_alone(
    settings: Settings, build_app: Callable[..., App], changes: dict[str, str]
) -> None:
    app = build_app(settings=settings.model_copy(update=changes))
    here = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1), follow_redirects=False)
    assert here.get("/").status_code == (403 if "public_url" in changes else 303)


class Inbox:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.mails.append((envelope.rcpt_tos, envelope.content))  # type: ignore[attr-defined]
        return "250 kept"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    from tests.mailservers import free_port

    kept, port = Inbox(), free_port()
    server = Controller(kept, "127.0.0.1", port)
    server.start()
    yield kept, port
    server.stop()


@pytest.mark.enable_socket
def test_a_link_comes_by_mail_to_whom_we_know_and_the_page_tells_nobody_whether(
    settings: Settings, build_app: Callable[..., App], inbox: tuple[Inbox, int]
) -> None:
    kept, port = inbox
    mailing = {"mail_send_url": SecretStr(f"smtp://127.0.0.1:{port}"), "mail_from": "Caucus <c@example.com>", "public_url": SITE}
    app = build_app(settings=settings.model_copy(update=mailing))
    invited(app, "Anna", email="anna@example.com", lang="zh")
    here = TestClient(web(app), base_url=SITE, client=("10.0.0.7", 1), follow_redirects=False)
    stranger, known = (here.post("/sign-in", data={"email": e}, headers=OWN).text for e in ("no@example.com", "ANNA@example.com"))
    assert stranger == known
    import time

    end = time.monotonic() + 20
    while not kept.mails and time.monotonic() < end:
        time.sleep(0.02)
    ((to, raw),) = kept.mails
    mail = message_from_bytes(raw, policy=default)
    assert to == ["anna@example.com"]
    assert mail["Subject"] == "Caucus 登录链接"
    path = re.search(rf"{SITE}(/sign-in/[\w-]+)", mail.get_content())
    assert path
    assert here.post(path[1], data={"to": "/"}, headers=OWN).status_code == 303
    for wrong in ("", "x", "a@" + "b" * 300):
        assert here.post("/sign-in", data={"email": wrong}, headers=OWN).status_code == 422


@pytest.mark.enable_socket
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_code_for_ones_own_address_comes_by_mail(
    settings: Settings, build_app: Callable[..., App], inbox: tuple[Inbox, int]
) -> None:
    kept, port = inbox
    mailing = {"mail_send_url": SecretStr(f"smtp://127.0.0.1:{port}"), "mail_from": "Caucus <c@example.com>"}
    app = build_app(settings=settings.model_copy(update=mailing))
    said = Inbound(
        address=Address(channel="web", external_id="a"), message_id="m", text="我的邮箱是anna@example.com", received_at=NOW
    )
    assert app.coach.receive(said).cards[0].id == "my-email.sent"
    import time

    end = time.monotonic() + 20
    while not kept.mails and time.monotonic() < end:
        time.sleep(0.02)
    ((to, raw),) = kept.mails
    mail = message_from_bytes(raw, policy=default)
    assert (to, mail["Auto-Submitted"]) == (["anna@example.com"], "auto-generated")
    found = re.search(r"(?m)^\d{4} \d{4}$", mail.get_content())
    assert found and mail["Subject"] == f"Caucus 验证码：{found[0]}"
    typed = said.model_copy(update={"message_id": "n", "text": found[0]})
    assert app.coach.receive(typed).cards[0].id == "my-email.done"


def test_without_outgoing_mail_none_is_offered(public: App) -> None:
    assert 'name="email"' not in client(public).get("/sign-in").text
    assert client(public).post("/sign-in", data={"email": "a@b.c"}, headers=OWN).status_code == 422


def test_a_link_told_in_a_chat_leads_to_everything_kept_and_only_of_its_person(public: App) -> None:
    slack = Address(channel="slack", external_id="T1/U1", workspace="T1")
    for n, (address, said) in enumerate(
        ((slack, "blue giraffe"), (slack.model_copy(update={"external_id": "T1/U2"}), "green walrus"), (slack, "export my data"))
    ):
        answer = public.coach.receive(Inbound(address=address, message_id=f"m{n}", text=said, received_at=NOW))
    found = re.search(rf"{SITE}(/sign-in/[\w-]+)\?to=(\S+)", answer.cards[0].text)
    assert found
    here = client(public)
    assert here.get("/me/export").headers["location"] == "/sign-in?to=/me/export"
    entered = here.post(found[1], data={"to": found[2]}, headers=OWN)
    assert 'href="/me/export" download' in here.get(entered.headers["location"]).text
    told = here.get("/me/export")
    assert {row["said"] for row in told.json()["inbounds"]} == {"blue giraffe", "export my data"}
    assert "walrus" not in told.text
    stranger = signed_in(public, "Bert")
    assert "giraffe" not in stranger.get("/me/export").text
