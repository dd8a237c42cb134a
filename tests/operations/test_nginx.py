"""Debian's nginx with the configuration that we ship: events pass at once, nobody pretends to be somebody else, limits hold."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine

from adapters.http import LARGEST_BODY
from bot.db import writing
from bot.delivery import outbox
from bot.delivery.tables import DeliveryRow
from bot.messages import Card
from bot.people import directory, signin
from bot.settings import read_settings
from bot.wiring import App, build
from tests.conftest import KEYS, NOW, REPO
from tests.mailservers import folder, free_port, needs_root_and
from tests.site_world import OWN, a_link, served

SHIPPED = REPO / "deploy" / "nginx" / "caucus.conf"
NAME = "coach.example.com"
WHOLE = """
daemon off;
pid {at}/pid;
error_log {at}/errors;
events {{}}
http {{
    access_log off;
    client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;
    fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
    include {at}/caucus.conf;
}}
"""
"""What Debian's nginx.conf would be; the file that matters is the one that is shipped."""


@dataclass
class Front:
    """A running nginx: where it listens, and how it is asked."""

    plain: int
    tls: int
    app: App

    def connection(self, source: str = "127.0.0.1", timeout: float = 30) -> http.client.HTTPSConnection:
        """A client at an address of this machine, that looks at no certificate (it is of this test's own making)."""
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.tls, timeout=timeout, context=anybody, source_address=(source, 0))

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, source: str = "127.0.0.1", **headers: str
    ) -> http.client.HTTPResponse:
        """One request, its answer read whole."""
        connection = self.connection(source)
        host = f"{NAME}:{self.tls}"
        connection.request(method, path, body, {"Host": host} | {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        connection.close()
        return answer


def certificate(at: Path) -> None:
    """A certificate for NAME, as certbot lays it down."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(NOW - dt.timedelta(days=1)).not_valid_after(NOW + dt.timedelta(days=9_000))
    (at / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    forms = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (at / "privkey.pem").write_bytes(key.private_bytes(*forms))


def placed(at: Path, app_port: int, plain: int, tls: int) -> str:
    """The shipped file with this test's ports and certificate; nothing else is changed."""
    text = SHIPPED.read_text("utf-8")
    changes = {
        r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{app_port};",
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"listen 443 ssl http2;": f"listen 127.0.0.1:{tls} ssl http2;",
        r"listen \[::\]:\d+( ssl http2)?;\n": "\n",
        r"/etc/letsencrypt/live/coach\.example\.com": str(at),
    }
    for old, new in changes.items():
        text, number = re.subn(old, new, text)
        assert number, f"{old} is not in the shipped file"
    return text


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, kb: object, matcher: object) -> Iterator[Front]:
    """Caucus in production behind nginx."""
    program = needs_root_and("nginx")
    data = tmp_path_factory.mktemp("data")
    (data / "caucus.db").write_bytes(sqlite_template.read_bytes())
    plain, tls = free_port(), free_port()
    settings = read_settings(
        {
            "CAUCUS_ENV": "production",
            "CAUCUS_SECRET_KEYS": KEYS[0],
            "CAUCUS_DATA_DIR": str(data),
            "CAUCUS_PUBLIC_URL": f"https://{NAME}:{tls}",
            "CAUCUS_PROXIES": "127.0.0.1",
        }
    )
    app = build(settings, kb=kb, matcher=matcher)  # type: ignore[arg-type]
    with folder() as at, served(app) as url:
        certificate(at)
        (at / "caucus.conf").write_text(placed(at, int(url.rpartition(":")[2]), plain, tls))
        (at / "nginx.conf").write_text(WHOLE.format(at=at))
        tried = subprocess.run([program, "-t", "-c", at / "nginx.conf"], capture_output=True, text=True, check=False)
        assert tried.returncode == 0, tried.stderr
        server = subprocess.Popen([program, "-c", at / "nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            until_listening(tls)
            yield Front(plain, tls, app)
        finally:
            server.terminate()
            server.wait(20)


def until_listening(port: int) -> None:
    """Wait for nginx; it says nothing by itself."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        threading.Event().wait(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def signed_in(front: Front) -> tuple[str, str]:
    """(cookie, person) of somebody who pressed their link."""
    with writing(front.app.engine) as session:
        person = directory.add_person(session, front.app.now(), name="Anna", role="member").id
    answer = front.ask(a_link(front.app, person), "POST", b"", **OWN, Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 303, answer.text  # type: ignore[attr-defined]
    cookie = answer.headers["Set-Cookie"]
    assert "Secure" in cookie
    return cookie.partition(";")[0], person


def shown(engine: Engine, person: str, now: dt.datetime) -> None:
    """A card for somebody's open page."""
    with writing(engine) as session:
        address = signin.page_of(session, directory.find(session, person), now)
        row = outbox.put(session, address, Card(id="n", kind="notice", lang="en", text="The samples are due"), now, "nudge", now)
        session.flush()
        session.get_one(DeliveryRow, row.id).state = "sent"


def test_an_event_comes_at_once_through_it_while_the_stream_stays_open(front: Front) -> None:
    cookie, person = signed_in(front)
    connection = front.connection(timeout=20)
    connection.request("GET", "/events", headers={"Host": f"{NAME}:{front.tls}", "Cookie": cookie})
    stream = connection.getresponse()
    assert stream.status == 200
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.readline().startswith(b"retry:")  # a proxy that buffers would give nothing until the stream ends
    shown(front.app.engine, person, front.app.now())
    lines = [stream.readline() for _ in range(4)]
    assert any(b"The samples are due" in line for line in lines)
    assert not stream.isclosed()
    connection.close()


def test_the_address_of_a_client_is_its_own_whatever_it_says_of_itself(front: Front) -> None:
    """Wrong keys are let through at most 20 at once from one address."""
    wrong = {"Authorization": "Bearer caucus_wrong", "Content_Type": "application/json"}
    seen = []
    for number in range(30):
        forged = f"203.0.113.{number}"
        pretends = {"X_Forwarded_For": forged, "X_Real_IP": forged, "Forwarded": f"for={forged}"}
        seen.append(front.ask("/api/ask", "POST", b"{}", **wrong, **pretends).status)
    assert seen[:15] == [401] * 15
    assert 429 in seen
    assert front.ask("/api/ask", "POST", b"{}", source="127.0.0.7", **wrong).status == 401  # somebody else is not concerned


def test_nobody_is_this_machine_through_it(front: Front) -> None:
    for pretends in ({}, {"X_Forwarded_For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
        assert (
            front.ask(
                "/api/ask", "POST", b'{"text": "x"}', source="127.0.0.9", Content_Type="application/json", **pretends
            ).status
            == 401
        )
        assert front.ask("/metrics", **pretends).status == 404


def test_who_asks_without_tls_is_sent_to_it_and_told_to_stay(front: Front) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=20)
    connection.request("GET", "/cards/casual-yes?lang=zh", headers={"Host": NAME})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/cards/casual-yes?lang=zh")
    connection.close()
    assert front.ask("/health/live").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_body_is_as_large_as_the_house_takes_and_no_larger(front: Front) -> None:
    json = {"Content_Type": "application/json"}
    assert front.ask("/api/ask", "POST", b"x" * (LARGEST_BODY + 1), **json, source="127.0.0.8").status == 413
    assert front.ask("/api/ask", "POST", b"x" * (LARGEST_BODY - 1), **json, source="127.0.0.8").status == 401  # no key, but taken


def test_a_foreign_name_shows_no_page(front: Front) -> None:
    connection = front.connection()
    connection.request("GET", "/", headers={"Host": "evil.example.com"})
    assert connection.getresponse().status == 403
    connection.close()


def test_neither_version_nor_server_of_ours_is_told(front: Front) -> None:
    answer = front.ask("/health/ready")
    assert answer.status == 200
    assert answer.headers["Server"] == "nginx"


def test_where_the_house_itself_does_not_answer_it_says_so_within_seconds(tmp_path: Path) -> None:
    program = needs_root_and("nginx")
    tls = free_port()
    with folder() as at:
        certificate(at)
        (at / "caucus.conf").write_text(placed(at, free_port(), free_port(), tls))
        (at / "nginx.conf").write_text(WHOLE.format(at=at))
        server = subprocess.Popen([program, "-c", at / "nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            until_listening(tls)
            answer = Front(0, tls, None).ask("/health/live")  # type: ignore[arg-type]
            assert answer.status == 502
        finally:
            server.terminate()
            server.wait(20)
