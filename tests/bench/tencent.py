"""`python -m tests.bench.tencent`: what does a callback of the official account cost, encryption included?

CPU of the serving process alone, against a bare route in the same run that decrypts, writes one row and encrypts;
understanding is not counted (the answers of the matcher are remembered). Then latency at a steady 50 messages a second,
with `fast` understanding.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import http.client
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psutil
import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy.orm import Session
from starlette.responses import Response
from wechatpy.enterprise.crypto import WeChatCrypto

from adapters.tencent.text import reply_xml
from bot import logs
from bot.conversations.warm import warm
from bot.db import open_engine
from bot.intents.match import open_matcher
from bot.settle import settle
from bot.wiring import build, web
from knowledge.load import load
from tests.adapters.tencent import settings_of, wechat
from tests.bench.server import KEY, QUESTIONS, Remembered, Row
from tests.conftest import REPO

ROUNDS, REQUESTS = 6, 50
PER_SECOND, SECONDS, PEOPLE = 50, 10, 200


def bare(folder: str) -> FastAPI:
    """Decrypt, one row, encrypt; nothing else."""
    import xmltodict

    engine = open_engine(f"sqlite:///{Path(folder) / 'bare.db'}", [KEY])
    Row.__table__.create(engine, checkfirst=True)  # type: ignore[attr-defined]
    app, account = FastAPI(), wechat()
    crypto = WeChatCrypto(account.token, account.aes_key, account.id)

    @app.post("/wechat/callback")
    async def callback(request: Request) -> Response:
        asked = request.query_params
        body = await request.body()
        xml = crypto.decrypt_message(body, asked["msg_signature"], asked["timestamp"], asked["nonce"])
        fields = xmltodict.parse(xml)["xml"]

        def write() -> None:
            with Session(engine) as session, session.begin():
                session.add(Row(name=fields["MsgId"], body=fields["Content"].encode()))

        await asyncio.to_thread(write)
        reply = reply_xml(fields, "好", dt.datetime.now(dt.UTC))
        return Response(crypto.encrypt_message(reply, asked["nonce"], asked["timestamp"]), media_type="text/xml")

    return app


def serve(kind: str, port: str, folder: str) -> None:
    """Serve until killed."""
    logs.configure(production=True)
    if kind == "bare":
        server = bare(folder)
    else:
        settings = settings_of(folder, "http://127.0.0.1:9", UNDERSTANDING="fast")
        app = build(settings)
        if kind == "whole":
            app = build(settings, matcher=Remembered(app.matcher))
        warm(app.coach.kb)
        server = web(app, patience=60)  # so that a busy machine shows in the figures, not as refusals
    settle()
    uvicorn.run(server, host="127.0.0.1", port=int(port), log_level="error", access_log=False)


class Server:
    """One served process; asks it, and knows what that cost."""

    def __init__(self, kind: str, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "tests.bench.tencent", kind, str(self.port), folder]
        self._process = subprocess.Popen(command, cwd=REPO, stderr=subprocess.DEVNULL)
        self._usage = psutil.Process(self._process.pid)
        self._numbers = itertools.count(1)
        self.cpu, self.asked = 0.0, 0
        for _ in range(6_000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"{kind} did not start")

    def message(self) -> tuple[str, bytes]:
        """(path, body) of the next message, by one person after the other."""
        number, account, at = next(self._numbers), wechat(), time.time()
        account.numbers[""] = number
        query, body = account.sealed(account.message(QUESTIONS[number % len(QUESTIONS)], at, who=f"o{number % PEOPLE}"), at)
        return f"{account.path}?{urlencode(query)}", body

    def ask(self, requests: int) -> None:
        """So many, one after the other."""
        made = [self.message() for _ in range(requests)]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        before = self.spent()
        for path, body in made:
            connection.request("POST", path, body)
            reply = connection.getresponse()
            told = reply.read()
            if reply.status != 200 or b"Encrypt" not in told:
                raise SystemExit(f"answered {reply.status}: {told[:100]!r}")
        self.cpu += self.spent() - before
        self.asked += requests
        connection.close()

    async def steady(self) -> tuple[list[float], Counter[int]]:
        """(seconds until each sealed reply, ascending; HTTP status of the others → how many), at PER_SECOND for SECONDS."""
        made = [self.message() for _ in range(PER_SECOND * SECONDS)]
        took: list[float] = []
        other: Counter[int] = Counter()

        async def one(client: httpx.AsyncClient, path: str, body: bytes) -> None:
            began = time.perf_counter()
            reply = await client.post(f"http://127.0.0.1:{self.port}{path}", content=body)
            if b"Encrypt" in reply.content:
                took.append(time.perf_counter() - began)
            else:
                other[reply.status_code] += 1

        async with httpx.AsyncClient(timeout=60, trust_env=False) as client, asyncio.TaskGroup() as group:
            start = time.perf_counter()
            for number, (path, body) in enumerate(made):
                await asyncio.sleep(max(0.0, start + number / PER_SECOND - time.perf_counter()))
                group.create_task(one(client, path, body))
        return sorted(took), other

    def spent(self) -> float:
        """Seconds of CPU so far."""
        times = self._usage.cpu_times()
        return times.user + times.system

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait(10)


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cache").mkdir()
        open_matcher(load(), REPO / "var" / "cache", kind="fast")
        for file in (REPO / "var" / "cache").glob("*.np*"):
            (Path(folder) / "cache" / file.name).hardlink_to(file)
        servers = {kind: Server(kind, folder) for kind in ("bare", "whole")}
        try:
            for server in servers.values():
                server.ask(PEOPLE)  # everybody has been greeted: what is measured is the day after the first
                server.cpu, server.asked = 0.0, 0
            for _ in range(ROUNDS):
                for server in servers.values():
                    server.ask(REQUESTS)
            each = {kind: 1000 * server.cpu / server.asked for kind, server in servers.items()}
            costs = {f"{kind}_ms_cpu": round(spent, 2) for kind, spent in each.items()}
            print(json.dumps({**costs, "ratio_at_most_6": round(each["whole"] / each["bare"], 2)}), flush=True)
            for server in servers.values():
                server.stop()
            real = servers["real"] = Server("real", folder)
            real.ask(PEOPLE)
            before = real.spent()
            took, other = asyncio.run(real.steady())
            busy = (real.spent() - before) / SECONDS
        finally:
            for server in servers.values():
                server.stop()
    p50, p99 = statistics.median(took), took[int(0.99 * len(took))]
    told = {"p50_ms": round(1000 * p50, 1), "p99_ms_at_most_300": round(1000 * p99, 1), "cores_busy": round(busy, 2)}
    print(json.dumps({**told, "sealed": len(took), "asked": PER_SECOND * SECONDS, "others": other, "load": os.getloadavg()[0]}))


if __name__ == "__main__":
    serve(*sys.argv[1:]) if len(sys.argv) > 1 else main()
