"""A worker of the crash run over Slack: the real engine, the real channel and slack_sdk. It is there to be killed."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from dataclasses import replace

from bot import logs
from bot.channel import Installed
from bot.db import open_engine
from bot.delivery.engine import Worker
from bot.delivery.pace import Rate
from bot.settings import read_settings
from bot.wiring_slack import NAME, TERMS, sending
from tests.crash.worker import KEYS

FAST = replace(TERMS, hard_timeout=4.0, settling=1.0, in_doubt="drop", per_workspace=Rate(50.0, 8), threads=8)
TEAMS = {"T1": "xoxb-one", "T2": "xoxb-two"}
"""T1 lets us read history, T2 does not."""


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def main(url: str, api_url: str) -> None:
    """Work until killed, or until standard input ends."""
    logs.configure(production=True)
    given = {
        "SLACK_API_URL": api_url,
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "s",
        "SECRET_KEYS": KEYS[0],
    }
    settings = read_settings({f"CAUCUS_{name}": value for name, value in given.items()})
    engine = open_engine(url, KEYS)
    out = sending(settings, engine, now)
    for team, token in TEAMS.items():
        out.ports.installations.save(Installed(team, token))
    worker = Worker(engine, {NAME: out.channel}, now, {NAME: FAST})
    worker.start()
    print("ready", flush=True)
    ended = threading.Thread(target=sys.stdin.read, daemon=True)
    ended.start()
    ended.join()
    worker.stop(10)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
