"""Is this callback really the platform's? Timestamp, signature, AES, receive id, XML, in that order; else `Forged`.

The cipher, the signature and the parsing are wechatpy's; every of the ten kinds of error they raise on hostile bytes
becomes `Forged` here, so that a route needs one answer to all of them: 403.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

LARGEST = 256 * 1024
"""Bytes of one callback that are read: a text is 2,048 bytes, an encrypted push with plain fields three times that."""
AWRY = dt.timedelta(minutes=10)
"""How far the platform's clock and ours may differ; older queries are replays."""


class Forged(Exception):
    """Not from the platform, or broken. `why` is for our log only: it names what failed and quotes nothing."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class _Cipher(PrpCrypto):
    """wechatpy's cipher; its random prefix comes from `random`, ours from the system's source."""

    def get_random_string(self) -> str:
        """Sixteen characters nobody can guess."""
        return secrets.token_hex(8)


@dataclass(frozen=True)
class Seal:
    """What we and the platform agreed on. `receive_id` is the app id (WeChat) or corp id (WeCom).

    `aes_keys` are the current and, during a change, the previous EncodingAESKey; none: plain mode.
    """

    token: str
    receive_id: str
    aes_keys: tuple[str, ...]


@dataclass(frozen=True)
class Opened:
    """A genuine callback: the fields of its XML, and the key it came under (empty: plain), with which we answer."""

    fields: dict[str, Any]
    aes_key: str


def echo(seal: Seal, query: Mapping[str, str], now: dt.datetime) -> str:
    """What to answer to the console's check of the address: the plain echostr, or the decrypted one. Raises Forged."""
    _refuse_old(query, now)
    given = query.get("echostr", "")
    if not given:
        raise Forged("no echostr")
    if "msg_signature" in query:
        return _decrypted(seal, query, given)[0]
    _check(seal.token, query, query.get("signature", ""))
    return given


def opened(seal: Seal, query: Mapping[str, str], body: bytes, now: dt.datetime) -> Opened:
    """The callback's fields. Raises Forged for whatever is not the platform's word, unread as far as possible."""
    _refuse_old(query, now)
    encrypted = "msg_signature" in query or query.get("encrypt_type", "raw") not in ("", "raw")
    if not encrypted and seal.aes_keys:
        raise Forged("plain mode: set the console to safe mode (安全模式)")
    if not encrypted:
        _check(seal.token, query, query.get("signature", ""))
        return Opened(_fields(body), "")
    sealed = _fields(body).get("Encrypt")
    if not isinstance(sealed, str):
        raise Forged("no ciphertext")
    text, key = _decrypted(seal, query, sealed)
    return Opened(_fields(text.encode()), key)


def sealed(seal: Seal, aes_key: str, xml: str, now: dt.datetime) -> str:
    """An answer as the platform takes it: encrypted under the key that the callback came with; plain stays plain."""
    if not aes_key:
        return xml
    crypto = WeChatCrypto(seal.token, aes_key, seal.receive_id)
    return crypto._encrypt_message(xml, secrets.token_hex(8), str(int(now.timestamp())), _Cipher)  # noqa: SLF001 - the public one takes a cipher with weak randomness


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts: of token, timestamp and nonce, and in safe mode the ciphertext."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


def _decrypted(seal: Seal, query: Mapping[str, str], ciphertext: str) -> tuple[str, str]:
    """(plain text, the key that opened it); the signature is checked first, in constant time."""
    _check(seal.token, query, query.get("msg_signature", ""), ciphertext)
    for key in seal.aes_keys:
        try:
            crypto = WeChatCrypto(seal.token, key, seal.receive_id)
            return PrpCrypto(crypto.key).decrypt(ciphertext, seal.receive_id), key
        except Exception:  # noqa: BLE001, S112 - wechatpy raises whatever the bytes provoke; the next key, or Forged below
            continue
    raise Forged("no key of ours opens it, or it is for another app")


def _check(token: str, query: Mapping[str, str], given: str, *more: str) -> None:
    try:
        wanted = signature(token, query.get("timestamp", ""), query.get("nonce", ""), *more)
    except UnicodeError:
        raise Forged("half characters") from None
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise Forged("the signature is wrong: is the token the same in the console and here?")


def _refuse_old(query: Mapping[str, str], now: dt.datetime) -> None:
    stamp = query.get("timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Forged("no timestamp")
    if abs(int(stamp) - now.timestamp()) > AWRY.total_seconds():
        raise Forged("the timestamp is too old or in the future: is our clock right?")


def _fields(body: bytes) -> dict[str, Any]:
    if body.lstrip()[:1] in (b"{", b"["):
        raise Forged("a JSON push: set the data format (数据格式) in the console to XML")
    try:
        found = xmltodict.parse(body.decode("utf-8"))["xml"]
    except Exception as error:  # noqa: BLE001 - expat, entity bombs, encodings, missing roots: all the same to us
        raise Forged(f"not the platform's XML ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise Forged("an empty XML")
    return found


def words(fields: Mapping[str, Any], *path: str) -> str:
    """A field as text; absent, repeated or nested ones are empty, so that nothing hostile goes further."""
    value: Any = fields
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def entries(fields: Mapping[str, Any], *path: str) -> Sequence[Mapping[str, Any]]:
    """A field that repeats: one entry or many, as XML leaves it open."""
    value: Any = fields
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
