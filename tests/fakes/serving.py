"""A local HTTP server for the fakes: threads that do not hold up the end of a test, and clients that may die at any moment."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Quiet(BaseHTTPRequestHandler):
    """Answers by bare bytes and prints nothing."""

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """One whole answer."""
        head = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self.wfile.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:  # a killed client is what we are here for
        pass


def serve(handler: type[Quiet], port: int = 0) -> ThreadingHTTPServer:
    """A server on this machine that has begun to answer; the port is any free one unless given."""
    server = _Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
