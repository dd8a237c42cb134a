"""Mails built to hurt: refused with a reason or read within bounds, never anything else. Work is counted, not seconds."""

from __future__ import annotations

import base64
import contextlib
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.email import limits
from adapters.email.limits import Unreadable, Work
from tests.mails import judged, mail, multipart, pieces, read


def nested(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\n\nend"
    for level in range(depth):
        inner = f"Content-Type: multipart/mixed; boundary=b{level}\n\n".encode() + pieces(inner, boundary=f"b{level}")
    return multipart(inner)


def letters(depth: int) -> bytes:
    inner = b"From: a@x.test\n\nend"
    for _ in range(depth):
        inner = b"Content-Type: message/rfc822\n\n" + inner
    return multipart(inner)


REFUSED = {
    "nothing": (b"", "empty"),
    "blank lines": (b"\r\n" * 1000, "empty"),
    "headers of 100 kB": (mail(extra="\r\n".join(f"X-{n}: {'y' * 900}" for n in range(120))), "headers_too_large"),
    "1000 headers": (mail(extra="\r\n".join(f"X-{n}: y" for n in range(1000))), "too_many_headers"),
    "a To line of 60 kB": (mail(To=b'"a,' * 20_000), "header_too_long"),
    "a folded To line of 60 kB": (mail(To=b"a@x.test,\r\n " * 5000), "header_too_long"),
    "a From line of 12 kB": (mail(From=b"(" * 12_000), "header_too_long"),
    "500 recipients": (mail(To=b",".join(b"a%d@x.test" % n for n in range(500))), "too_many_recipients"),
    "500 recipients in many lines": (mail(extra="\r\n".join(f"Cc: a{n}@x.test" for n in range(300))), "too_many_recipients"),
    "50,000 parts": (multipart(*[b"\nx"] * 50_000), "too_many_parts"),
    "300 parts": (multipart(*[b"Content-Type: text/plain\n\nx"] * 300), "too_many_parts"),
    "500 multiparts deep": (nested(500), "too_deep"),
    "1500 letters deep": (letters(1500), "too_deep"),
    "two From": (mail(extra="From: x@y.test"), "two_from"),
}


@pytest.mark.parametrize("bomb", REFUSED)
def test_a_bomb_is_refused_with_its_reason_and_little_work(bomb: str) -> None:
    raw, code = REFUSED[bomb]
    work = Work()
    with pytest.raises(Unreadable) as refusal:
        read(raw, work=work)
    assert refusal.value.code == code
    assert work.spent <= limits.WORK
    outcome = judged(raw)
    assert (outcome.action, outcome.reason) == ("reject", code)
    assert outcome.detail == limits.REASONS[code]


BIG = base64.b64encode(b"\0" * 2_000_000)
READ = {
    "a huge attachment": multipart(
        "Content-Type: text/plain\n\nsee",
        b"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n" + BIG,
    ),
    "a huge text in base64": mail(BIG, Content_Transfer_Encoding="base64"),
    "2 MB of empty lines": mail(b"\n" * 2_000_000),
    "4 MB in one line": mail(b"x" * 4_000_000),
    "2 MB of >": mail(b">" * 2_000_000),
    "quoted-printable soft breaks": mail(b"=\n" * 500_000, Content_Transfer_Encoding="quoted-printable"),
    "a broken end of base64": mail(b"QUJD*RUZH=====\xff", Content_Transfer_Encoding="base64"),
    "html of open tags": mail(b"<div " * 200_000, Content_Type="text/html"),
    "html of comments": mail(b"<!--" * 200_000, Content_Type="text/html"),
    "html of scripts": mail(b"<script>" * 100_000, Content_Type="text/html"),
    "html 20,000 deep": mail(b"<div>" * 20_000 + b"x", Content_Type="text/html"),
    "entities": mail(b"&#" + b"9" * 100_000 + b";" + b"&amp" * 50_000, Content_Type="text/html"),
    "labels without end": mail(b"From: a@x.test\n" * 100_000),
    "markers without end": mail(b"---- Original Message ----\n" * 50_000),
    "wrote without end": mail(b"On Monday a@x.test\n" * 50_000),
    "a Message-ID of brackets": mail(Message_ID="<" * 9000),
    "references without end": mail(References=" ".join(f"<{n}@x.test>" for n in range(2000))),
    "boundaries that are prefixes": mail(b"--aaaa x\n" * 100_000, Content_Type="multipart/mixed; boundary=a"),
    "a boundary for regular expressions": mail(b"--(a+)+$\n\nx\n", Content_Type='multipart/mixed; boundary="(a+)+$"'),
    "no boundary": mail(b"--B\n\nx", Content_Type="multipart/mixed"),
    "parameters without end": mail(Content_Type='text/plain; a="' + '\\"' * 4000),
    "semicolons": mail(Content_Type="text/plain" + ";" * 9000),
    "a subject of encoded words": mail(Subject="=?utf-8?Q?x?=" * 700),
    "an unknown charset": mail("您好".encode("gbk"), Content_Type="text/plain; charset=" + "z" * 900),
    "the charset of an archive": mail(b"x\x9c", Content_Type="text/plain; charset=zip"),
    "NULs everywhere": mail(b"a\0b\0" * 1000, Subject=b"q\0uote"),
    "bare line feeds": mail().replace(b"\r\n", b"\n"),
    "bare carriage returns": mail().replace(b"\r\n", b"\r"),
    "header injection": mail(Subject="=?utf-8?Q?x=0D=0ABcc=3A_evil=40x.test=0D=0A=0D=0Abody?="),
    "a calendar without end": mail(b"BEGIN:VEVENT\n" + b"ATTENDEE;PARTSTAT=ACCEPTED:x\n" * 50_000, Content_Type="text/calendar"),
    "a calendar in a zone elsewhere": mail(
        b"BEGIN:VEVENT\nDTSTART;TZID=../../etc/passwd:20261201T100000\n", Content_Type="text/calendar"
    ),
    "a report without end": mail(
        b"Final-Recipient: rfc822;" * 50_000, Content_Type="message/delivery-status", From="mailer-daemon@x.test"
    ),
    "orders without end": mail(b"ignore all " * 50_000),
    "payments without end": mail(b"pay to new bank account has " * 50_000),
    "reminders without end": mail("周四提醒".encode() * 50_000, To=None),
}


@pytest.mark.parametrize("trap", READ)
def test_a_trap_is_read_within_the_bounds(trap: str) -> None:
    work = Work()
    found = read(READ[trap], work=work)
    assert work.spent <= limits.WORK
    assert work.spent <= 4 * len(READ[trap]) + 16 * limits.TEXT_PART
    assert "\n" not in found.subject + found.excerpt
    assert judged(READ[trap]).action != "reject"


def test_what_is_beyond_the_limit_is_not_read_but_the_text_is() -> None:
    raw = multipart(
        "Content-Type: text/plain\n\nsee", b"Content-Type: application/zip; name=a.zip\n\n" + b"x" * (limits.KEPT + 10)
    )
    found = read(raw)
    assert (found.text, found.warnings) == ("see", ("cut",))
    with pytest.raises(Unreadable, match="larger"):
        read(b"x" * (limits.LARGEST + 1))


def test_no_mail_takes_many_times_its_size_in_memory() -> None:
    raw = READ["2 MB of empty lines"]
    tracemalloc.start()
    read(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 8 * len(raw)


def test_a_header_cannot_be_injected_by_a_name() -> None:
    found = read(
        mail(
            To="=?utf-8?Q?Li=0D=0ACc=3A_evil=40x.test?= <li.ming@ningbo-tools.test>", From="=?utf-8?Q?Anna=0A?= <anna@acme.test>"
        )
    )
    assert found.to[0].name == "Li Cc: evil@x.test"
    assert found.cc == ()


_LINES = b"""From: a@x.test
To: Li Ming <li.ming@ningbo-tools.test>
Content-Type: multipart/mixed; boundary=B
Content-Type: multipart/report; report-type=delivery-status; boundary=B
Content-Type: message/rfc822
Content-Type: message/delivery-status
Content-Type: text/html; charset=gb2312
Content-Type: text/calendar
Content-Transfer-Encoding: base64
Subject: =?gbk?B?sai8?=
=?utf-8?Q?=0A?=
--B
--B--
BEGIN:VEVENT
DTSTART:20261332T990000Z
Date: 99 Foo
Auto-Submitted: auto-replied
Authentication-Results: mx.coach.test; dmarc=pass
Message-ID: <q-4411.1@acme.test>
References: <<>>
> quoted
---------- Forwarded message ---------
From
""".split(b"\n")
_line = st.sampled_from([*_LINES, b"\t folded", b"\0", b"\r", b"\xb1\xa8\xbc\xdb", "发件人：李".encode()])


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=600), st.lists(st.one_of(_line, st.binary(max_size=30)), max_size=40).map(b"\r\n".join)),
    st.booleans(),
)
def test_any_bytes_are_read_or_refused(raw: bytes, bounce: bool) -> None:
    work = Work()
    with contextlib.suppress(Unreadable):
        found = read(raw, mail_from="" if bounce else "a@x.test", work=work)
        found.model_dump_json()
    assert work.spent <= 64 * (len(raw) + 64)
    judged(raw, mail_from="" if bounce else "a@x.test")
