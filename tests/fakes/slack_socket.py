"""Slack's end of Socket Mode: a WebSocket server that says hello, sends envelopes and keeps what is acknowledged."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]


class SocketSlack:
    """One server; `acknowledged` is envelope id → what was sent back with it."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, Any] = {}
        self.connections = 0
        self.changed = threading.Condition()
        self._sockets: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    def send(self, kind: str, payload: Json, envelope: str) -> None:
        """One envelope to whoever is connected."""
        told = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": kind != "events_api"}
        asyncio.run_coroutine_threadsafe(self._sockets[-1].send_str(json.dumps(told)), self._loop).result(10)

    def wait_for(self, fits: Any, seconds: float = 20.0) -> bool:
        """Whether it came to be in time."""
        with self.changed:
            return self.changed.wait_for(fits, seconds)

    def drop(self) -> None:
        """Close the connection, as Slack does now and then."""
        asyncio.run_coroutine_threadsafe(self._sockets[-1].close(), self._loop).result(10)

    def close(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_get("/link", self._connected)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/link"
        ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _connected(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        with self.changed:
            self._sockets.append(socket)
            self.connections += 1
            self.changed.notify_all()
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                told = json.loads(message.data)
                with self.changed:
                    self.acknowledged[told["envelope_id"]] = told.get("payload")
                    self.changed.notify_all()
        return socket
