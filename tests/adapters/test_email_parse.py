"""What is read out of one mail: kinds, forwarded mails, invitations, authenticity."""

from __future__ import annotations

import pytest

from adapters.email.auth import aligned
from adapters.email.limits import Unreadable
from bot.followups.copied import make_token, masked, secret_address, token_digest
from tests.mails import ANNA, LI, RCPT, SERVER, TOKEN, from_li, mail, multipart, passed, pieces, read

BOUNCE_PARTS = (
    "Content-Type: text/plain\n\nYour message could not be delivered.",
    "Content-Type: message/delivery-status\n\nReporting-MTA: m\n\nFinal-Recipient: rfc822; Li.Ming@ningbo-tools.test\nAction: {}",
    "Content-Type: message/rfc822\n\nFrom: anna@acme.test\nMessage-ID: <q-4411.1@acme.test>\nSubject: Quote\n\nbody",
)
ICS = r"""Content-Type: text/calendar; method={0}; charset=utf-8

BEGIN:VCALENDAR
METHOD:{0}
BEGIN:VEVENT
SUMMARY:Visit\, plant
DTSTART;TZID=China Standard Time:20261201T100000
DTEND:20261201T040000Z
ATTENDEE;PARTSTAT=ACCEPTED:mailto:x@y.test
END:VEVENT
END:VCALENDAR"""


@pytest.mark.parametrize(
    ("results", "dmarc"),
    [
        (passed(), "pass"),
        (f"{SERVER.upper()} 1; spf=pass; DMARC=Pass (p=none dis=none) header.from=acme.test", "pass"),
        (f"{SERVER}; dmarc=pass (p=reject)", "pass"),
        (f"{SERVER}; dmarc=fail header.from=acme.test", "fail"),
        (f"{SERVER}; dmarc=none header.from=acme.test", "none"),
        (f"{SERVER}; spf=pass; dkim=pass header.d=acme.test", "none"),
        ("mx.evil.test; dmarc=pass header.from=acme.test", "none"),
        (f"{SERVER}.evil.test; dmarc=pass header.from=acme.test", "none"),
        ("dmarc=pass header.from=acme.test", "none"),
        (f"{SERVER}; dmarc=pass header.from=evil.test", "none"),
        (f"{SERVER}; dmarc=fail header.from=acme.test; dmarc=pass header.from=acme.test", "fail"),
        (f'{SERVER}; spf=pass smtp.mailfrom="x; dmarc=pass header.from=acme.test"', "none"),
        (f"{SERVER}; spf=fail (x; dmarc=pass header.from=acme.test) smtp.mailfrom=x", "none"),
        (f"{SERVER}; none", "none"),
        ("", "none"),
        ("(" * 3000, "none"),
        (None, "none"),
    ],
)
def test_only_our_own_servers_word_counts(results: str | None, dmarc: str) -> None:
    assert read(mail(Authentication_Results=results)).authentication.dmarc == dmarc


def test_only_the_topmost_result_counts() -> None:
    forged = b"Authentication-Results: " + passed().encode() + b"\r\n"
    assert read(mail(Authentication_Results="mx.other.test; none", extra=forged)).authentication.dmarc == "none"
    assert read(b"Authentication-Results: " + SERVER.encode() + b"; dmarc=fail\r\n" + mail()).authentication.dmarc == "fail"


def test_without_a_configured_server_nobody_is_authenticated() -> None:
    from adapters.email.parse import parse
    from bot.followups.copied import Envelope

    assert parse(mail(), Envelope("anna@acme.test", RCPT), "").authentication.dmarc == "none"


def test_a_checked_domain_holds_for_what_is_below_it_only() -> None:
    assert aligned("acme.test", "mail.acme.test")
    assert not aligned("mail.acme.test", "acme.test")
    assert not aligned("test", "acme.test")
    assert not aligned("cme.test", "acme.test")


@pytest.mark.parametrize("second", ["From: li@x.test", "FROM : li@x.test", "x: y\rFrom: li@x.test", "Fr\0om: li@x.test"])
def test_a_second_sender_is_refused_however_it_is_hidden(second: str) -> None:
    with pytest.raises(Unreadable, match="more than one sender"):
        read(mail(extra=second))


@pytest.mark.parametrize(
    "sender", ["anna@acme.test, li@x.test", "Anna <anna@acme.test> <li@x.test>", "<anna@acme.test>; li@x.test"]
)
def test_two_authors_in_one_line_are_refused(sender: str) -> None:
    with pytest.raises(Unreadable, match="more than one sender"):
        read(mail(From=sender))


@pytest.mark.parametrize("sender", [None, "", "Anna Keller", "<>"])
def test_a_mail_of_nobody_is_refused_unless_it_is_a_bounce(sender: str | None) -> None:
    with pytest.raises(Unreadable, match="no sender"):
        read(mail(From=sender))
    assert read(mail(From=sender, Subject="Undelivered Mail"), mail_from="").bounce


def test_a_name_that_shows_another_address_is_told() -> None:
    assert read(mail(From='"boss@acme.test" <evil@x.test>')).warnings == ("name_is_address",)


def test_the_secret_address_is_never_kept() -> None:
    said = f"I sent it to {RCPT}, please also write to fu.{TOKEN}.3days@in.coach.test"
    found = read(mail(said, To=f"{LI}, {RCPT}", Cc=f"x <{RCPT.upper()}>", Subject=f"to {RCPT}", From=ANNA))
    assert TOKEN not in found.model_dump_json() + repr(found) + found.text
    assert [box.address for box in (*found.to, *found.cc)] == ["li.ming@ningbo-tools.test"]
    assert masked(RCPT) == "fu.…"


def test_tokens_are_random_stored_hashed_and_found_whatever_the_capitals() -> None:
    token = make_token()
    assert token != make_token()
    found = secret_address(f"FU.{token.upper()}@In.Coach.Test")
    assert found is not None
    assert (found.token, found.domain, found.option) == (token, "in.coach.test", "")
    assert token_digest(found.token) == token_digest(token.upper())
    assert token not in token_digest(token) + repr(found)
    for wrong in (
        f"fu.{token[:-1]}@x.test",
        f"fu{token}@x.test",
        f"fu.{token}",
        f"fu.{token}!@x.test",
        f"fu.{token[:-1]}1@x.test",
        "",
    ):
        assert secret_address(wrong) is None


def test_an_address_may_carry_a_time() -> None:
    found = secret_address(f"fu.{TOKEN}.3days@in.coach.test")
    assert found is not None
    assert found.option == "3days"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "reply"),
        ({"Auto_Submitted": "auto-generated", "Subject": "Automatic reply: Quote"}, "reply"),
        ({"Subject": "自动回复：报价"}, "reply"),
        ({"Subject": "Out of Office: Quote"}, "reply"),
        ({"X_Autoreply": "yes"}, "reply"),
        ({"Precedence": "auto_reply"}, "reply"),
        ({"Auto_Submitted": "auto-generated"}, "notice"),
        ({"Auto_Submitted": "no"}, ""),
        ({"X_Auto_Response_Suppress": "All"}, ""),
    ],
)
def test_automatic_mail_is_known_by_its_headers(headers: dict[str, str], kind: str) -> None:
    assert read(from_li(**headers)).automatic == kind


@pytest.mark.parametrize(("action", "read_as"), [("failed", "failed"), ("delayed", "delayed"), ("relayed", "delivered")])
def test_a_delivery_report_tells_the_mail_and_the_recipient(action: str, read_as: str) -> None:
    parts = [part.format(action) if "{}" in part else part for part in BOUNCE_PARTS]
    raw = multipart(*parts, kind="report; report-type=delivery-status", From="MAILER-DAEMON@mx.acme.test", Subject="Report")
    bounce = read(raw, mail_from="").bounce
    assert bounce is not None
    assert (bounce.action, bounce.original_ids, bounce.failed) == (
        read_as,
        ("<q-4411.1@acme.test>",),
        ("li.ming@ningbo-tools.test",),
    )


@pytest.mark.parametrize(
    "subject", ["系统退信", "=?gbk?B?z7XNs83L0MU=?=", "Delivery Status Notification (Failure)", "邮件无法送达"]
)
def test_a_bounce_in_the_words_of_chinese_providers_is_one(subject: str) -> None:
    body = "抱歉，您的邮件被退回来了……\n收件人：li.ming@ningbo-tools.test\n原始 Message-ID: <q-4411.1@acme.test>\n"
    bounce = read(mail(body, From="PostMaster <postmaster@qq.test>", Subject=subject), mail_from="").bounce
    assert bounce is not None
    assert bounce.failed == ("li.ming@ningbo-tools.test",)
    assert bounce.original_ids == ("<q-4411.1@acme.test>",)


def test_a_customer_who_writes_about_returned_mail_is_no_bounce() -> None:
    assert read(from_li(Subject="Undelivered parts")).bounce is None


@pytest.mark.parametrize(
    "headers", [{"Precedence": "bulk"}, {"List_Id": "<a.b.test>"}, {"List_Unsubscribe": "<https://x.test/u>"}]
)
def test_lists_are_known_by_their_headers(headers: dict[str, str]) -> None:
    assert read(mail(**headers)).bulk


@pytest.mark.parametrize(
    "headers", [{"From": RCPT}, {"X_Loop": RCPT}, {"Sender": RCPT}, {"extra": "\r\n".join(["Received: x"] * 60)}]
)
def test_our_own_mail_coming_back_is_known(headers: dict[str, str]) -> None:
    assert read(mail(**headers)).own_loop


LI_X = "Li Ming <li@x.test>"
TO = "Anna <anna@acme.test>"
FORWARDS = {
    "gmail": f"---------- Forwarded message ---------\nFrom: {LI_X}\nDate: Wed\nSubject: Price\nTo: {TO}\n\nHello",
    "outlook": f"{'_' * 32}\nFrom: {LI_X}\nSent: Wednesday\nTo: {TO}\nSubject: Price\n\nHello",
    "outlook zh": f"发件人: {LI_X}\n发送时间: 2026年11月25日\n收件人: {TO}\n主题: Price\n\nHello",
    "apple": f"Begin forwarded message:\n\n> From: {LI_X}\n> Subject: Price\n> Date: 25 Nov\n> To: {TO}\n> \n> Hello",
    "qq": f"{'-' * 18} 原始邮件 {'-' * 18}\n发件人: {LI_X};\n发送时间: 2026年\n收件人: {TO};\n主题: Price\n\nHello",
    "netease": f"---- 转发的邮件 ----\n| 发件人 | {LI_X} |\n| 日期 | 2026年 |\n| 收件人 | {TO} |\n| 主题 | Price |\n\nHello",
    "coremail": f"-------- 转发邮件信息 --------\n发件人：{LI_X}\n发送日期：2026-11-25\n收件人：{TO}\n主题：Price\n\nHello",
    "traditional": f"---------- 轉寄的郵件 ----------\n寄件者：{LI_X}\n日期：2026\n收件者：{TO}\n主旨：Price\n\nHello",
    "bold": f"*From:* {LI_X}\n*Sent:* Wednesday\n*To:* {TO}\n*Subject:* Price\n\nHello",
}


@pytest.mark.parametrize("program", FORWARDS)
def test_the_mail_inside_a_forward_is_read_from_its_labels(program: str) -> None:
    found = read(mail(f"Note\n\n{FORWARDS[program]}", Subject="Fwd: Price"))
    inner = found.forwarded
    assert inner is not None
    assert (inner.sender.name, inner.sender.address, inner.subject) == ("Li Ming", "li@x.test", "Price")
    assert [box.address for box in inner.to] == ["anna@acme.test"]
    assert (inner.text, inner.marked, found.text) == ("Hello", True, "Note")


def test_a_mail_forwarded_as_attachment_is_read_from_its_own_headers() -> None:
    inner = (
        "Content-Type: message/rfc822\n\nFrom: =?gbk?B?wO7D9w==?= <li@x.test>\nTo: anna@acme.test\n"
        "Subject: =?gbk?B?sai82w==?=\nMessage-ID: <i@x.test>\n\nHello"
    )
    found = read(multipart("Content-Type: text/plain\n\nNote", inner, Subject="Fwd: x")).forwarded
    assert found is not None
    assert (found.sender.name, found.sender.address, found.subject, found.message_id) == (
        "李明",
        "li@x.test",
        "报价",
        "<i@x.test>",
    )


def test_a_reply_with_outlooks_quotation_is_no_marked_forward() -> None:
    found = read(from_li("Fine.\n\n" + FORWARDS["outlook"]))
    assert found.forwarded is not None
    assert not found.forwarded.marked
    assert found.text == "Fine."


def test_an_invitation_tells_its_times_with_their_zone() -> None:
    found = read(multipart("Content-Type: text/plain\n\nPlease come", ICS.format("REQUEST"), kind="alternative")).invitation
    assert found is not None
    assert (found.method, found.summary, found.starts) == ("request", "Visit, plant", "2026-12-01T10:00:00+08:00")
    assert (found.ends, found.answer) == ("2026-12-01T04:00:00+00:00", "")
    reply = read(multipart(ICS.format("REPLY"), kind="mixed")).invitation
    assert reply is not None
    assert reply.answer == "accepted"


def test_html_alone_is_read_and_beside_plain_text_it_is_kept_for_judging() -> None:
    only = read(mail("<p>Dear Li,</p><p>quote</p>", Content_Type="text/html"))
    assert only.text == "Dear Li,\n\nquote"
    both = read(multipart("Content-Type: text/plain\n\nplain", "Content-Type: text/html\n\n<b>rich</b>", kind="alternative"))
    assert (both.text, both.other) == ("plain", "rich")


def test_attachments_are_known_by_name_only() -> None:
    attached = (
        "Content-Type: application/zip; name*=gb2312''%B1%A8%BC%DB.zip\nContent-Disposition: attachment\n"
        "Content-Transfer-Encoding: base64\n\nUEsDBA=="
    )
    found = read(
        multipart(
            "Content-Type: text/plain\n\nsee",
            attached,
            "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nhidden",
        )
    )
    assert found.attachments == ("报价.zip", "a.txt")
    assert found.text == "see"


@pytest.mark.parametrize(
    ("body", "headers", "language"),
    [
        ("请查收报价单", {"Subject": "报价"}, "zh-Hans"),
        ("請查收報價單", {"Subject": "報價"}, "zh-Hant"),
        ("您好".encode("big5"), {"Subject": "x", "Content_Type": "text/plain; charset=big5"}, "zh-Hant"),
        ("Please see the quote", {}, "en"),
        ("12345", {"Subject": "1"}, ""),
    ],
)
def test_the_language_is_that_of_the_words(body: str | bytes, headers: dict[str, str], language: str) -> None:
    assert read(mail(body, **headers)).language == language


def test_the_excerpt_is_short_and_new() -> None:
    found = read(mail("word " * 500 + "\n\nOn Monday Li wrote:\n> old"))
    assert len(found.excerpt) == 300
    assert "old" not in found.excerpt
    assert found.model_dump(exclude_defaults=True).keys().isdisjoint({"text", "older", "other", "envelope_to"})


def test_ids_are_found_however_they_are_written() -> None:
    found = read(
        mail(Message_ID=" <a@x.test>  (comment)", In_Reply_To="b@x.test", References="<c@x.test>\r\n\t<d@x.test> <c@x.test>")
    )
    assert (found.message_id, found.in_reply_to, found.references) == (
        "<a@x.test>",
        ("<b@x.test>",),
        ("<c@x.test>", "<d@x.test>"),
    )


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Wed, 99 Nov 2026 10:05:00 -0500", "Thu, 1 Jan 99999 00:00:00 +0000", "1" * 5000]
)
def test_an_impossible_date_is_no_date(date: str) -> None:
    assert read(mail(Date=date)).sent_at is None


def test_a_nested_alternative_is_read() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=C\n\n" + pieces("Content-Type: text/plain\n\ninside", boundary="C")
    assert read(multipart(inner)).text == "inside"
