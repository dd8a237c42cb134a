"""Headers and bodies of real mail, Chinese above all."""

from __future__ import annotations

import base64
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.email import addresses, decode, markup, quotes
from adapters.email.limits import Unreadable


def word(said: bytes, label: str, encoding: str = "B") -> bytes:
    data = base64.b64encode(said) if encoding == "B" else b"".join(b"=%02X" % byte for byte in said)
    return f"=?{label}?{encoding}?".encode() + data + b"?="


GBK = "报价确认".encode("gbk")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (word("朱镕基".encode("gbk"), "gb2312"), "朱镕基"),
        (word("陶喆".encode("gbk"), "GB2312", "Q"), "陶喆"),
        (word("𠮷野家".encode("gb18030"), "gb2312"), "𠮷野家"),
        (word("你好".encode("gbk"), "x-gbk"), "你好"),
        (word("你好".encode("gbk"), "gb_2312-80"), "你好"),
        (word("瑞峯企業啫喱".encode("big5hkscs"), "big5"), "瑞峯企業啫喱"),
        ("报价确认".encode("gbk"), "报价确认"),
        ("报价确认".encode(), "报价确认"),
        (word("报价确认".encode(), "utf-8"), "报价确认"),
        (word("报价确认".encode("gbk"), "utf-8"), "报价确认"),
        (word("报价确认".encode(), "gb2312"), "报价确认"),
        (word("报价".encode("gbk"), "us-ascii"), "报价"),
        (word("报价".encode("gbk"), "no-such-charset"), "报价"),
        (word("报价确认".encode("gbk"), "iso-8859-1"), "报价确认"),
        (word("Müller".encode("latin-1"), "iso-8859-1"), "Müller"),
        (word("Zoë – Grün".encode("cp1252"), "windows-1252"), "Zoë – Grün"),
        (word(GBK[:3], "gbk") + b"\r\n " + word(GBK[3:], "GB2312"), "报价确认"),
        (b"=?gbk?B?sai82w==?= =?gbk?Q?=C8=B7=C8=CF?=", "报价确认"),
        (b"=?utf-8?B?5oql5Lu3?= and =?utf-8?Q?more_words?=", "报价 and more words"),
        (b"=?utf-8?B?5oql5Lu3?=\r\n =?utf-8?Q?more?=", "报价more"),
        (b"=?utf-8*zh?B?5oql5Lu3?=", "报价"),
        (b"=?utf-8?B?5oql5Lu3", "=?utf-8?B?5oql5Lu3"),
        (b"=?gbk?B?sai828i3yM+jurXatv6w5rrPzaw=?=", "报价确认：第二版合同"),
        (b"Re:\r\n\tfolded subject", "Re: folded subject"),
        (b"=?utf-8?Q?Hi=0D=0ABcc:_evil@x.test?=", "Hi Bcc: evil@x.test"),
        (b"=?utf-8?Q?a=00b=1Bc=E2=80=AEd?=", "a b c d"),
        (
            b"=?utf-8?B?"
            + base64.b64encode("甲乙丙".encode())[:6]
            + b"?= =?utf-8?B?"
            + base64.b64encode("甲乙丙".encode())[6:]
            + b"?=",
            "甲乙丙",
        ),
        (b"=?hz-gb-2312?B?" + base64.b64encode("你好".encode("hz")) + b"?=", "你好"),
        (b"=?iso-2022-jp?B?" + base64.b64encode("見積".encode("iso2022_jp")) + b"?=", "見積"),
    ],
)
def test_a_header_says_what_its_author_wrote(raw: bytes, said: str) -> None:
    assert decode.header(raw) == said


@pytest.mark.parametrize(
    ("raw", "label", "said"),
    [
        ("朱镕基，您好".encode("gb18030"), "gb2312", "朱镕基，您好"),
        ("啫喱".encode("big5hkscs"), "big5", "啫喱"),
        ("您好".encode("gbk"), "us-ascii", "您好"),
        ("您好".encode("gbk"), "x-unknown", "您好"),
        ("您好".encode("utf-16"), "utf-16", "您好"),
        (b"+ADw-b+AD4-", "utf-7", "<b>"),
        (b"caf\xe9", "iso-8859-1", "café"),
    ],
)
def test_a_body_is_read_by_its_bytes_when_the_label_is_wrong(raw: bytes, label: str, said: str) -> None:
    assert decode.text(raw, label) == said


@given(st.binary(max_size=400), st.text(max_size=20))
def test_no_bytes_give_control_characters_or_half_characters(raw: bytes, label: str) -> None:
    for said in (
        decode.header(raw, label),
        decode.header(b"=?" + raw + b"?B?" + raw + b"?="),
        decode.one_line(decode.text(raw, label)),
    ):
        said.encode()
        assert not {c for c in said if unicodedata.category(c) in ("Cc", "Cs")}
        assert "\n" not in said


@given(
    st.text(
        alphabet=st.characters(codec="gb18030", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"]),
        min_size=1,
        max_size=60,
    )
)
def test_chinese_survives_encoded_words_cut_anywhere(said: str) -> None:
    raw = said.encode("gb18030")
    assume("\ufffd" in raw.decode("utf-8", "replace"))  # a rare character or two that are good UTF-8 as well: nobody can tell
    cut = len(raw) // 2
    assert decode.header(word(raw[:cut], "gb2312") + b" " + word(raw[cut:], "gb18030", "Q")) == said


@pytest.mark.parametrize(
    ("raw", "boxes"),
    [
        (b"Li Ming <li@x.test>, wang@y.test", [("Li Ming", "li@x.test"), ("", "wang@y.test")]),
        (b'"Wang, Fang" <WANG@Y.test>; Bob <b@z.test>', [("Wang, Fang", "wang@y.test"), ("Bob", "b@z.test")]),
        (b"=?gbk?B?wO7D9w==?= <li@x.test>", [("李明", "li@x.test")]),
        ("李明 <li@x.test>".encode("gbk"), [("李明", "li@x.test")]),
        (b"undisclosed-recipients:;", []),
        (b"Buyers: a@x.test, b@x.test;", [("", "a@x.test"), ("", "b@x.test")]),
        (b"c@x.test (Chen Wei)", [("Chen Wei", "c@x.test")]),
        (b"Li Ming [mailto:li@x.test]", [("Li Ming", "li@x.test")]),
        (b'"a@evil.test" <real@x.test>', [("a@evil.test", "real@x.test")]),
        (
            b"=?utf-8?Q?boss=40acme.test_=3Cboss=40acme.test=3E?= <evil@x.test>",
            [("boss@acme.test <boss@acme.test>", "evil@x.test")],
        ),
        ("x@bücher.test".encode(), [("", "x@xn--bcher-kva.test")]),
        (b'"never closed <a@x.test>, b@x.test', [("never closed", "a@x.test"), ("", "b@x.test")]),
        (b"<>", []),
    ],
)
def test_addresses_come_out_of_headers_as_mail_programs_write_them(raw: bytes, boxes: list[tuple[str, str]]) -> None:
    assert [(box.name, box.address) for box in addresses.mailboxes(raw)] == boxes


def test_more_recipients_than_a_letter_has_are_refused() -> None:
    with pytest.raises(Unreadable, match="recipients"):
        addresses.mailboxes(b", ".join(b"a%d@x.test" % n for n in range(150)))


@given(st.binary(max_size=300))
def test_any_bytes_in_an_address_header_are_read_or_refused(raw: bytes) -> None:
    for box in addresses.mailboxes(raw):
        assert "\n" not in box.name + box.address


@pytest.mark.parametrize(
    ("said", "new"),
    [
        ("Yes.\n\nOn Wed, Nov 25, 2026 Anna <a@b.test> wrote:\n> old", "Yes."),
        ("Yes.\n\nOn Wed, Nov 25, 2026 at 10:05 AM Anna Keller\n<anna@acme.test> wrote:\n\n> old", "Yes."),
        ('收到。\n\n------------------ 原始邮件 ------------------\n发件人: "Anna" <a@b.test>;\n', "收到。"),
        ("收到\n在 2026年11月25日，Anna <a@b.test> 写道：\n> old", "收到"),
        ("好的\n\n发件人: Anna\n发送时间: 2026年11月25日\n收件人: 李明\n主题: 报价\n\nold", "好的"),
        ("Fine\n\nFrom: Anna <a@b.test>\nSent: Wednesday\nTo: Li\nSubject: Quote\n\nold", "Fine"),
        ("Fine\n\n-----Original Message-----\nold", "Fine"),
        ("On Wed Anna wrote:\n> is it right?\n\nYes, it is.\n", "Yes, it is."),
        ("See you\n-- \nAnna\n+1 555 0100", "See you"),
        ("收到，谢谢\n发自我的iPhone", "收到，谢谢"),
        ("Done.\n\nBest regards,\nLi Ming", "Done."),
        ("From: here it is uphill.\nTo me that is fine.", "From: here it is uphill.\nTo me that is fine."),
        ("---- 回复的原邮件 ----\n| 发件人 | 李明<li@x.test> |\n| 主题 | 报价 |", ""),
    ],
)
def test_quotation_and_signature_are_set_apart(said: str, new: str) -> None:
    found, rest = quotes.newest(said)
    assert found == new
    assert sorted("".join((found + rest).split())) == sorted("".join(said.split()))


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>Hello&nbsp;&lt;you&gt;</p><p>Second</p>", "Hello <you>\nSecond"),
        ("<style>p{x:y}</style><script>alert(1)</script>Hi<br>there", "Hi\nthere"),
        ("<!-- <p>not</p> -->shown <!-- open", "shown"),
        ("Yes<blockquote>old<br>older</blockquote>end", "Yes\n> old\n> older\nend"),
        ("a < b and c > d", "a < b and c > d"),
        ("&#99999999999999999;&#x110000;&bogus;", "&#99999999999999999;\ufffd&bogus;"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one two"),
        ("<p", ""),
    ],
)
def test_markup_becomes_plain_words(html: str, said: str) -> None:
    assert markup.to_text(html).replace("\n\n", "\n") == said


@given(st.text(alphabet="<>!-/&#;abp \n\"'", max_size=300))
def test_any_markup_becomes_words_without_an_error(html: str) -> None:
    assert len(markup.to_text(html)) <= 8 * len(html) + 10
