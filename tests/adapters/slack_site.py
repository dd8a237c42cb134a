"""A Slack of ours and Caucus beside it, for the tests of Slack: what Slack sends goes in signed, what we post is seen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from bot.db import open_engine
from bot.intents.match import Matcher
from bot.settings import Settings, read_settings
from bot.wiring import App, build, web
from knowledge.load import KnowledgeBase
from tests.conftest import KEYS
from tests.fakes import slack_says
from tests.fakes.block_rules import words
from tests.fakes.slack import FakeSlack, Team

Json = dict[str, Any]


def one_workspace(slack: FakeSlack, data_dir: str, **more: str) -> Settings:
    """Settings for one workspace on this Slack."""
    return read_settings(
        {
            "CAUCUS_DATA_DIR": data_dir,
            "CAUCUS_SECRET_KEYS": KEYS[0],
            "CAUCUS_SLACK_SIGNING_SECRET": slack_says.SECRET,
            "CAUCUS_SLACK_BOT_TOKEN": "xoxb-one",
            "CAUCUS_SLACK_API_URL": slack.api_url,
            **more,
        }
    )


def many_workspaces(slack: FakeSlack, data_dir: str, **more: str) -> Settings:
    """Settings for whoever installs us on this Slack."""
    changes = {"CAUCUS_SLACK_BOT_TOKEN": "", "CAUCUS_SLACK_CLIENT_ID": "111.222", "CAUCUS_SLACK_CLIENT_SECRET": "client-secret"}
    return one_workspace(slack, data_dir, **changes, **more)


def a_slack() -> FakeSlack:
    """With one workspace, T1, the bot in room C1, and Anna (U1) in it."""
    slack = FakeSlack()
    slack.add(Team("T1", "xoxb-one", rooms={"C1"}))
    slack.person("U1")
    return slack


class Site:
    """Caucus over HTTP; everything that arrives is done at once."""

    def __init__(self, app: App, slack: FakeSlack) -> None:
        self.app, self.slack = app, slack
        self.client = TestClient(web(app), base_url="http://127.0.0.1:8000", follow_redirects=False)

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """One raw request; its status."""
        return self.client.post("/slack/events", content=body, headers=headers).status_code

    def event(self, inner: Json, **about: Any) -> list[Json]:
        """An event, done to its end; what was posted because of it."""
        return self._posted(json.dumps(slack_says.event(inner, **about)).encode(), "application/json")

    def form(self, payload: Json) -> list[Json]:
        """A press, a form or a command, done to its end; what was posted because of it."""
        return self._posted(slack_says.as_form(payload), "application/x-www-form-urlencoded")

    def _posted(self, body: bytes, kind: str) -> list[Json]:
        before = len(self.slack.posts)
        answer = self.client.post("/slack/events", content=body, headers=slack_says.headers(body, kind=kind))
        assert answer.status_code == 200, answer.text
        self.app.arrivals.once()
        return self.slack.posts[before:]


def on_sqlite(template: Path, folder: Path, slack: FakeSlack, kb: KnowledgeBase, matcher: Matcher, **more: str) -> App:
    """Caucus for one workspace, over an embedded database of its own; the time is the real one."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(template, folder / "caucus.db")
    settings = one_workspace(slack, str(folder), **more)
    return build(settings, engine=open_engine(settings.database, KEYS), kb=kb, matcher=matcher)


def seen(post: Json) -> str:
    """What a reader sees of a post or view, without its buttons."""
    return "\n".join(words(block) for block in post["blocks"] if block["type"] != "actions")


def labels(post: Json) -> list[str]:
    """The labels of its buttons."""
    return [e["text"]["text"] for block in post["blocks"] if block["type"] == "actions" for e in block["elements"]]
