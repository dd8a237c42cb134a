"""The platforms of WeChat and WeCom as far as we use them: tokens, sends, windows, quotas, error codes, sealed callbacks.

`Platform` is a small HTTP server; `Account` seals what the platform pushes and opens what we reply, by wechatpy itself;
`push` drives a callback as the platform does: cut after some seconds and asked again, three tries in all.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import httpx
import xmltodict
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from tests.fakes.serving import Quiet, serve

SENDS = (
    "/cgi-bin/message/custom/send",
    "/cgi-bin/message/send",
    "/cgi-bin/webhook/send",
    "/cgi-bin/message/subscribe/bizsend",
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/mass/sendall",
)
FROM = {
    40164: "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
    60020: "not allow to access from your ip, from ip: 203.0.113.7",
}
"""How the platforms word a refused address."""


class Platform:
    """Both platforms on one port. `faults[path]` are used up one a call: an error code, or html, drop, slow, 500, 429."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.arrived: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, list[Any]] = {}
        self.lasting: dict[str, Any] = {}
        self.fetches: Counter[str] = Counter()
        self.invalid: set[str] = set()
        self.members: dict[str, str] = {}
        self.groups: dict[str, list[str]] = {}
        """`department:7` or `tag:3` → user ids."""
        self.left: dict[str, int] = {}
        """OpenID → customer service messages left; absent: no limit is kept."""
        self.slowness = 0.5
        self._tokens: dict[str, str] = {}
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()
        platform = self

        class Asked(Quiet):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self._answer(json.loads(self.rfile.read(length) or b"{}"))

            def do_GET(self) -> None:
                self._answer({})

            def _answer(self, body: dict[str, Any]) -> None:
                url = urlsplit(self.path)
                status, told = platform._told(url.path, dict(parse_qsl(url.query)), body)
                if status == 0:
                    self.close_connection = True
                    return
                self.send(status, told if isinstance(told, bytes) else json.dumps(told).encode())

        self._server = serve(Asked)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def texts(self, to: str = "") -> list[str]:
        """The words of everything that arrived (for one person), in order."""
        return [words(body) for _, body in self.arrived if not to or body.get("touser") == to]

    def expire(self) -> None:
        """Every token given so far is over from now on."""
        with self._lock:
            self._tokens.clear()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _told(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        with self._lock:
            self.calls.append((path, body))
            queued = self.faults.get(path, [])
            fault = queued.pop(0) if queued else self.lasting.get(path)
        if fault == "slow":
            time.sleep(self.slowness)
        elif fault in ("html", "drop", "500", "503", "429"):
            return {"html": (200, b"<html>login</html>"), "drop": (0, b"")}.get(fault) or (int(fault), b"{}")
        elif fault is not None:
            return 200, {"errcode": fault, "errmsg": FROM.get(fault, "as the test wants")}
        with self._lock:
            return 200, self._done(path, query, body)

    def _done(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
            app = body.get("appid") or query["corpid"]
            self.fetches[app] += 1
            if app not in self._tokens or body.get("force_refresh"):
                self._tokens[app] = f"token-{secrets.token_hex(8)}"
            return {"errcode": 0, "access_token": self._tokens[app], "expires_in": 7200}
        if path == "/cgi-bin/webhook/send":
            if not query.get("key", "").startswith("robot-"):
                return {"errcode": 93000, "errmsg": "invalid webhook url"}
        elif query.get("access_token") not in self._tokens.values():
            return {"errcode": 40001, "errmsg": "invalid credential"}
        if path == "/cgi-bin/user/get" and query.get("userid") in self.members:
            return {"errcode": 0, "errmsg": "ok", "name": self.members[query["userid"]]}
        if path in ("/cgi-bin/user/simplelist", "/cgi-bin/tag/get"):
            group = f"department:{query['department_id']}" if "department_id" in query else f"tag:{query['tagid']}"
            return {"errcode": 0, "errmsg": "ok", "userlist": [{"userid": member} for member in self.groups.get(group, [])]}
        if path not in SENDS:
            return {"errcode": 0, "errmsg": "ok", "menu": body}
        to = body.get("touser", "")
        if to in self.invalid:
            return {"errcode": 0, "errmsg": "ok", "invaliduser": to, "msgid": "m0"}
        if "clientmsgid" in body:
            if body["clientmsgid"] in self._seen:
                return {"errcode": 45065, "errmsg": "clientmsgid exist"}
            self._seen[body["clientmsgid"]] = time.monotonic()
        if path == "/cgi-bin/message/custom/send" and to in self.left:
            if self.left[to] <= 0:
                return {"errcode": 45047, "errmsg": "out of response count limit"}
            self.left[to] -= 1
        if body.get("enable_duplicate_check"):
            same, now = json.dumps(body, sort_keys=True), time.monotonic()
            if now - self._seen.get(same, -1e9) < body["duplicate_check_interval"]:
                return {"errcode": 0, "errmsg": "ok", "msgid": "duplicate"}
            self._seen[same] = now
        self.arrived.append((path, body))
        return {"errcode": 0, "errmsg": "ok", "msgid": f"m{len(self.arrived)}"}


def words(message: dict[str, Any]) -> str:
    """What a reader of a sent message sees."""
    kind = message.get("msgtype")
    if kind == "text":
        return message["text"]["content"]
    if kind == "markdown":
        return message["markdown"]["content"]
    if kind == "msgmenu":
        menu = message["msgmenu"]
        return "\n".join([menu["head_content"], *(item["content"] for item in menu["list"])])
    if kind == "template_card":
        card = message["template_card"]
        return "\n".join([card.get("sub_title_text", ""), *(button["text"] for button in card["button_list"])]).strip()
    return json.dumps(message.get("data", message), ensure_ascii=False)


@dataclass
class Account:
    """One account as its platform knows it. Without a key its pushes are plain."""

    id: str
    token: str = "the-token"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    path: str = "/wechat/callback"
    numbers: Counter[str] = field(default_factory=Counter)

    def sealed(self, xml: str, at: float, *, nonce: str = "") -> tuple[dict[str, str], bytes]:
        """(query, body) of a push."""
        nonce, stamp = nonce or secrets.token_hex(5), str(int(at))
        if not self.aes_key:
            return {"signature": signed(self.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}, xml.encode()
        body = WeChatCrypto(self.token, self.aes_key, self.id).encrypt_message(xml, nonce, stamp)
        query = {"timestamp": stamp, "nonce": nonce, "msg_signature": xmltodict.parse(body)["xml"]["MsgSignature"]}
        if self.path == "/wechat/callback":
            query |= {"encrypt_type": "aes", "signature": signed(self.token, stamp, nonce), "openid": "anybody"}
        return query, body.encode()

    def opened(self, reply: httpx.Response) -> dict[str, Any] | None:
        """The fields of a reply; None when it is no more than a receipt."""
        if reply.text in ("", "success"):
            return None
        if not self.aes_key:
            return xmltodict.parse(reply.text)["xml"]
        sealed = xmltodict.parse(reply.text)["xml"]
        crypto = WeChatCrypto(self.token, self.aes_key, self.id)
        plain = crypto.decrypt_message(reply.text, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"])
        return xmltodict.parse(plain)["xml"]

    def message(self, said: str, at: float, *, who: str = "openid-1", name: str = "", kind: str = "text", more: str = "") -> str:
        """The XML of something a person sent. `name` stands for the platform's id of it."""
        self.numbers[""] += 1
        number = 10_000_000_000 + (sum(name.encode()) * 7919 + len(name) if name else self.numbers[""])
        content = (
            f"<Content>{escape(''.join(c for c in said if c.isprintable() or c in chr(10)))}</Content>" if kind == "text" else ""
        )
        return self._xml(who, at, kind, f"{content}<MsgId>{number}</MsgId>{more}")

    def event(self, event: str, at: float, *, who: str = "openid-1", key: str = "", more: str = "") -> str:
        """The XML of something that happened."""
        return self._xml(who, at, "event", f"<Event>{event}</Event><EventKey>{key}</EventKey>{more}")

    def _xml(self, who: str, at: float, kind: str, more: str) -> str:
        head = f"<ToUserName>{self.id}</ToUserName><FromUserName>{who}</FromUserName><CreateTime>{int(at)}</CreateTime>"
        return f"<xml>{head}<MsgType>{kind}</MsgType><AgentID>1000002</AgentID>{more}</xml>"


def signed(*parts: str) -> str:
    """The platform's SHA-1."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


def push(
    url: str,
    account: Account,
    xml: str,
    at: float,
    *,
    cuts: Sequence[float] = (5.0, 5.0, 5.0),
    between: Callable[[], object] = lambda: None,
) -> tuple[dict[str, Any] | None, int]:
    """As the platform does: cut after so many seconds or on an error, and again, the same message. (reply, tries needed).

    `between` is called before each repeat. Raises AssertionError when no try was answered: the person would see that the
    service is out of order.
    """
    for number, cut in enumerate(cuts, 1):
        if number > 1:
            between()
        query, body = account.sealed(xml, at)
        try:
            with httpx.Client(trust_env=False) as client:
                reply = client.post(url + account.path, params=query, content=body, timeout=cut)
        except httpx.TimeoutException:
            continue
        if reply.status_code == 200:
            return account.opened(reply), number
    raise AssertionError("该公众号提供的服务出现故障")
