"""A process whose threads all want an access token at the same moment: `python -m tests.fakes.token_user DATABASE URL THREADS`.

Waits for a line on standard input, so that several processes begin together; prints the tokens it got.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import threading

from adapters.tencent.api import Http
from adapters.tencent.tokens import Token
from adapters.wechat.account import fetch_token
from bot.db import open_engine
from bot.wiring_ledger import ledger_of
from tests.conftest import KEYS


def main(database: str, url: str, threads: str) -> None:
    """Get as many tokens as threads."""

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    engine = open_engine(database, KEYS)
    ledger = ledger_of(engine, "wechat", now)
    token = Token("wechat:wx0001", fetch_token(Http(url), "wx0001", "secret", ledger), ledger.shelf, now)
    together = threading.Barrier(int(threads))
    found: list[str] = []

    def want() -> None:
        together.wait()
        found.append(token.current())

    print("ready", flush=True)
    sys.stdin.readline()
    wanting = [threading.Thread(target=want) for _ in range(int(threads))]
    for thread in wanting:
        thread.start()
    for thread in wanting:
        thread.join()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
