"""What we seal others open, and what others seal we open: against two independent libraries of the npm registry, under node."""

from __future__ import annotations

import json
import random
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xmltodict

from adapters.tencent.envelope import Forged, Seal, opened, sealed
from tests.conftest import NOW, REPO, skip_loudly

LIBRARIES = ("@wecom/crypto", "wechat-crypto")
HERE = REPO / "tests" / "npm"
STAMP = str(int(NOW.timestamp()))


@pytest.fixture(scope="module")
def peer() -> Iterator[Callable[..., dict[str, Any]]]:
    """Ask the other side: seal or open."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip_loudly("no node and npm for the independent check of the crypto")
    home = REPO / "var" / "test-npm"
    if not _installed(home):
        home.mkdir(parents=True, exist_ok=True)
        for file in HERE.iterdir():
            shutil.copy(file, home / file.name)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=home, check=False, capture_output=True, timeout=180).returncode:
            skip_loudly("npm could not bring @wecom/crypto and wechat-crypto")
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
def test_what_others_seal_we_open(library: str, peer: Callable[..., dict[str, Any]]) -> None:
    for xml, seal in messages():
        asked = {
            "library": library,
            "token": seal.token,
            "key": seal.aes_keys[0],
            "id": seal.receive_id,
            "timestamp": STAMP,
            "nonce": "n",
        }
        theirs = peer(op="seal", message=xml, **asked)
        query = {"timestamp": STAMP, "nonce": "n", "msg_signature": theirs["signature"]}
        body = f"<xml><Encrypt>{theirs['encrypt']}</Encrypt></xml>".encode()
        assert opened(seal, query, body, NOW).fields == xmltodict.parse(xml)["xml"]
        for wrong in (Seal(seal.token, "wx-other", seal.aes_keys), Seal("other", seal.receive_id, seal.aes_keys)):
            with pytest.raises(Forged):
                opened(wrong, query, body, NOW)


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_we_seal_others_open(library: str, peer: Callable[..., dict[str, Any]]) -> None:
    for xml, seal in messages():
        ours = xmltodict.parse(sealed(seal, seal.aes_keys[0], xml, NOW))["xml"]
        asked = {"library": library, "token": seal.token, "key": seal.aes_keys[0], "id": seal.receive_id}
        found = peer(op="open", encrypt=ours["Encrypt"], timestamp=ours["TimeStamp"], nonce=ours["Nonce"], **asked)
        found.pop("random", None)
        assert found == {"message": xml, "id": seal.receive_id, "signature": ours["MsgSignature"]}
