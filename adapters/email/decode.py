"""What do these bytes say? Reads the charsets of real mail, Chinese mail above all, where labels are often wrong.

Pure. Labels are looked up in a table of ours: a label in a mail never reaches Python's codec search. Never raises for
any bytes, and gives back neither control characters nor half characters.
"""

from __future__ import annotations

import binascii
import re
import unicodedata

from adapters.email.charsets import codecs_of

_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
_LATIN = frozenset({"latin-1", "cp1252", "iso8859-15"})


def header(raw: bytes, hint: str = "") -> str:
    """The text of an unfolded or folded header: encoded words decoded, blanks joined, nothing but one line.

    `hint` is the charset of the body, for raw 8-bit text.
    """
    pieces: list[str] = []
    run: list[tuple[str, str, bytes]] = []
    end = 0
    for match in _WORD.finditer(raw):
        between = raw[end : match.start()]
        if between.strip() or not run:
            pieces += [_words(run), text(between, hint)]
            run = []
        run.append((match[1].split(b"*")[0].decode("ascii", "replace").lower(), match[2].decode().lower(), match[3]))
        end = match.end()
    pieces += [_words(run), text(raw[end:], hint)]
    return one_line("".join(pieces))


def has_words(raw: bytes) -> bool:
    """Whether there is an encoded word in it."""
    return _WORD.search(raw) is not None


def text(raw: bytes, label: str = "") -> str:
    """Bytes to text by their label where that can be right, otherwise by what the bytes look like."""
    if (
        raw.isascii()
        and b"\x1b" not in raw
        and not label.lower().startswith(("hz", "utf-7", "utf7", "utf-16", "utf16", "iso-2022"))
    ):
        return clean(raw.decode("ascii"))
    codecs = codecs_of(label)
    if codecs and codecs[0] in _LATIN:
        codecs = _not_really_latin(raw) + codecs
    if "gb18030" in codecs and not _reads(raw, "gb2312"):
        codecs = ("utf-8", *codecs)  # GB18030 reads nearly everything, so that UTF-8 with this label must be tried before
    tried = [*codecs, *(c for c in ("utf-8", "gb18030") if c not in codecs)]
    for codec in tried:
        try:
            return clean(raw.decode(codec))
        except ValueError:
            continue
    return clean(min((raw.decode(codec, "replace") for codec in tried), key=lambda said: said.count("\ufffd")))


def clean(said: str) -> str:
    """Without control, direction and invisible characters; line feeds and tabs stay."""
    said = said.replace("\r\n", "\n").replace("\r", "\n")
    return _ODD.sub(" ", said.encode("utf-8", "replace").decode() if _has_half(said) else said)


def one_line(said: str) -> str:
    """All white space, line feeds too, as single blanks."""
    return " ".join(clean(said).split())


def folded(said: str) -> str:
    """For comparing and searching: wide letters narrow, capitals small, invisible characters gone."""
    said = "".join(c for c in unicodedata.normalize("NFKC", said) if unicodedata.category(c) != "Cf")
    return said.casefold()


def base64_bytes(raw: bytes) -> bytes:
    """Base64 as mail has it: blanks and rubbish skipped, missing padding added. Never raises."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def quoted_bytes(raw: bytes) -> bytes:
    """Quoted-printable of a body. Never raises."""
    return _QUOTED.sub(lambda m: bytes((int(m[1], 16),)), re.sub(rb"=[ \t]*\n", b"", raw))


def _words(run: list[tuple[str, str, bytes]]) -> str:
    """Neighbouring encoded words; bytes of one charset are joined first, since characters are split over words."""
    said: list[str] = []
    at = 0
    while at < len(run):
        label, joined = run[at][0], b""
        while at < len(run) and _same(run[at][0], label):
            _, encoding, data = run[at]
            at += 1
            if encoding == "q":
                joined += _QUOTED.sub(lambda m: bytes((int(m[1], 16),)), data.replace(b"_", b" "))
                continue
            while (
                len(data.rstrip()) % 4 and b"=" not in data and at < len(run) and run[at][1] == "b" and _same(run[at][0], label)
            ):
                data += run[at][2]  # some mailers cut the base64 itself
                at += 1
            joined += base64_bytes(data)
        said.append(text(joined, label))
    return "".join(said)


def _same(label: str, other: str) -> bool:
    return label == other or (codecs_of(label) != () and codecs_of(label) == codecs_of(other))


def _not_really_latin(raw: bytes) -> tuple[str, ...]:
    """UTF-8 and GBK sent as Latin: valid UTF-8 is never chance; GB characters come in pairs of high bytes."""
    runs = _HIGH_RUN.findall(raw)
    pairs = sum(map(len, runs)) >= 4 and all(len(run) % 2 == 0 and min(run) >= 0xA1 for run in runs)
    return ("utf-8", "gb2312") if pairs else ("utf-8",)


def _reads(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except ValueError:
        return False
    return True


def _has_half(said: str) -> bool:
    try:
        said.encode()
    except UnicodeEncodeError:
        return True
    return False
