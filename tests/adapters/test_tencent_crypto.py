"""What we seal others open, and what others seal we open: against two independent libraries of the npm registry, under node.

What they sealed once is kept in tests/npm/sealed.json, so that a registry that does not answer leaves the check standing;
`python -m tests.adapters.test_tencent_crypto` seals it anew.
"""

from __future__ import annotations

import base64
import json
import random
import secrets
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from adapters.tencent.envelope import Forged, Seal, opened, sealed
from tests.conftest import NOW, REPO, skip_loudly

LIBRARIES = ("@wecom/crypto", "wechat-crypto")
HERE = REPO / "tests" / "npm"
STAMP = str(int(NOW.timestamp()))


KEPT, EACH = HERE / "sealed.json", 40
Peer = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """Ask the other side: seal or open."""
    with asking() as ask:
        yield ask


@contextmanager
def asking() -> Generator[Peer]:
    """The other side, under node, for as long as the block lasts."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip_loudly("no node and npm for the independent check of the crypto")
    home = REPO / "var" / "test-npm"
    if not _installed(home):
        home.mkdir(parents=True, exist_ok=True)
        for file in (HERE / "package.json", HERE / "package-lock.json"):
            shutil.copy(file, home / file.name)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=home, check=False, capture_output=True, timeout=180).returncode:
            skip_loudly(
                "npm could not bring @wecom/crypto and wechat-crypto: only what they sealed before is checked", ours=False
            )
    shutil.copy(HERE / "peer.js", home / "peer.js")
    command = ["node", "--no-deprecation", "peer.js"]
    with subprocess.Popen(command, cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout

        def ask(**asked: str) -> dict[str, Any]:
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


def _installed(home: Path) -> bool:
    lock = home / "package-lock.json"
    return (home / "node_modules" / "wechat-crypto").exists() and lock.read_bytes() == (HERE / "package-lock.json").read_bytes()


def messages() -> Iterator[tuple[str, Seal]]:
    """Two hundred, of every length that padding can meet, in several scripts, each under a key of its own."""
    chosen = random.Random(7)
    for number in range(200):
        words = "".join(chosen.choice("谈判独家条款abc 😀éß\n<&>]]") for _ in range(number * 3 % 401))
        key = "".join(chosen.choice("ABCDEFGHabcdefgh0123456789") for _ in range(42)) + "A"
        yield (
            f"<xml><Content><![CDATA[{words.replace(']]>', '')}]]></Content></xml>",
            Seal(secrets.token_hex(8), f"wx{number:016}", (key,)),
        )


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_others_seal_we_open(library: str, peer: Peer) -> None:
    for xml, seal in messages():
        opens(xml, seal, theirs(peer, library, xml, seal))


def theirs(peer: Peer, library: str, xml: str, seal: Seal) -> dict[str, Any]:
    """What the library makes of a message: `encrypt` and `signature`."""
    key, stamp = seal.aes_keys[0], {"timestamp": STAMP, "nonce": "n"}
    return peer(op="seal", library=library, message=xml, token=seal.token, key=key, id=seal.receive_id, **stamp)


def opens(xml: str, seal: Seal, given: dict[str, Any]) -> None:
    """We open it, and not under another's name or token."""
    query = {"timestamp": STAMP, "nonce": "n", "msg_signature": given["signature"]}
    body = f"<xml><Encrypt>{given['encrypt']}</Encrypt></xml>".encode()
    assert opened(seal, query, body, NOW).fields == xmltodict.parse(xml)["xml"]
    for wrong in (Seal(seal.token, "wx-other", seal.aes_keys), Seal("other", seal.receive_id, seal.aes_keys)):
        with pytest.raises(Forged):
            opened(wrong, query, body, NOW)


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_others_sealed_once_we_open_and_seal_to_the_same_byte(library: str) -> None:
    kept = json.loads(KEPT.read_text("utf-8"))[library]
    assert len(kept) == EACH
    for each in kept:
        seal = Seal(each["token"], each["id"], (each["key"],))
        opens(each["message"], seal, each)
        ours = xmltodict.parse(sealed(seal, each["key"], each["message"], NOW))["xml"]
        assert inside(each["key"], ours["Encrypt"]) == inside(each["key"], each["encrypt"])


def inside(key: str, encrypt: str) -> bytes:
    """All that is sealed, length and padding too, but for the sixteen bytes of chance before it."""
    aes = base64.b64decode(key + "=")
    block = Cipher(algorithms.AES(aes), modes.CBC(aes[:16])).decryptor()
    return (block.update(base64.b64decode(encrypt)) + block.finalize())[16:]


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_we_seal_others_open(library: str, peer: Peer) -> None:
    for xml, seal in messages():
        ours = xmltodict.parse(sealed(seal, seal.aes_keys[0], xml, NOW))["xml"]
        asked = {"library": library, "token": seal.token, "key": seal.aes_keys[0], "id": seal.receive_id}
        found = peer(op="open", encrypt=ours["Encrypt"], timestamp=ours["TimeStamp"], nonce=ours["Nonce"], **asked)
        found.pop("random", None)
        assert found == {"message": xml, "id": seal.receive_id, "signature": ours["MsgSignature"]}


def keep() -> None:
    """Seal the first messages by both libraries, and keep what came of it."""
    found: dict[str, list[dict[str, str]]] = {}
    with asking() as ask:
        for library in LIBRARIES:
            for xml, seal in islice(messages(), EACH):
                given = theirs(ask, library, xml, seal)
                own = {"message": xml, "token": seal.token, "key": seal.aes_keys[0], "id": seal.receive_id}
                found.setdefault(library, []).append({**own, **given})
    KEPT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    keep()
