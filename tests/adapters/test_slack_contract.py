"""Slack keeps the channel contract: signed HTTP in, the real slack_sdk to a Slack of ours out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.slack.render import LIMITS, message, more, text_of
from bot.messages import Address, Card
from bot.wiring import App, build
from tests.adapters.contract import ChannelContract, Pushed, Repeated, Reply, Shown, Signed
from tests.adapters.slack_site import Site, labels, one_workspace
from tests.fakes import slack_says
from tests.fakes.block_rules import message_problems, view_problems
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_says import SECRET, direct, event, headers

OLD_SECRET = "the signing secret before"


@pytest.fixture
def app(build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path) -> App:
    settings = one_workspace(slack, str(tmp_path), CAUCUS_SLACK_SIGNING_SECRET_PREVIOUS=OLD_SECRET)
    return build_app(settings=settings)


class TestSlack(Signed, Pushed, Repeated, ChannelContract):
    """Direct messages to the bot."""

    name = "slack"
    limits = LIMITS

    @pytest.fixture(autouse=True)
    def _with_slack(self, slack: FakeSlack, request: pytest.FixtureRequest, tmp_path: Path) -> None:
        self.slack, self.tmp_path = slack, tmp_path
        self.request = request

    def show(self, card: Card) -> Shown:
        made = message(card, "k" * 32)
        assert message_problems(made.text, made.blocks) == []
        shown = [block for block in made.blocks if text_of(block).strip()]
        if made.rest:
            view = more(card)
            assert view_problems(view) == []
            shown += view["blocks"]
        texts = [text_of(block) for block in shown]
        return Shown(texts, labels({"blocks": made.blocks}), "\n".join(texts))

    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        site = Site(app, self.slack)
        inner = direct(said, at=slack_says.ts(message_id))
        body = json.dumps(event(inner, event_id=message_id)).encode()
        before = len(self.slack.posts)
        status = site.post(body, headers(body))
        app.arrivals.once()
        posts = self.slack.posts[before:]
        return Reply(status, "\n".join("\n".join(map(text_of, post["blocks"])) for post in posts) if posts else None)

    def hostile(self, app: App) -> Iterator[Callable[[], int]]:
        site = Site(app, self.slack)
        form = "application/x-www-form-urlencoded"
        bodies: list[tuple[bytes, str]] = [
            (b"", "application/json"), (b"\xff\xfe", "application/json"), (b"null", "application/json"), (b"[]", "application/json"),
            (b'"x"', "application/json"), (b"{", "application/json"), (b"[" * 100_000, "application/json"), (b"{}" * 2, "application/json"),
            (b'{"type": 7}', "application/json"), (b'{"type": "event_callback"}', "application/json"),
            (b'{"type": "event_callback", "event": []}', "application/json"), (b'{"type": "event_callback", "event": null}', "application/json"),
            (json.dumps({**event(direct("x")), "event_id": None}).encode(), "application/json"),
            (json.dumps({**event(direct("x")), "authorizations": [7]}).encode(), "application/json"),
            (json.dumps(event({**direct("x"), "user": {"a": 1}})).encode(), "application/json"),
            (json.dumps(event({**direct("x"), "text": ["x"]})).encode(), "application/json"),
            (json.dumps(event({**direct("x"), "ts": 17})).encode(), "application/json"),
            (b"payload=", form), (b"payload=%ff", form), (b"payload=null", form), (b"payload={}&payload=[]" * 200, form),
            (b'payload={"type":"block_actions"}', form), (b'payload={"type":"block_actions","actions":[]}', form),
            (b'payload={"type":"view_submission","user":null}', form), (b"command=/coach", form), (b"text=\xff", form),
        ]  # fmt: skip
        for body, kind in bodies:
            yield lambda body=body, kind=kind: _refused(site.post(body, headers(body, kind=kind)), body)
        yield lambda: site.post(b"x" * (1024 * 1024 + 1), headers(b"x"))

    def forged(self, app: App) -> Iterator[tuple[str, Callable[[], int]]]:
        site = Site(app, self.slack)
        body = json.dumps(event(direct("They asked for exclusivity"))).encode()
        good, now = headers(body), time.time()
        cases = {
            "no signature": {"Content-Type": "application/json"},
            "no timestamp": {k: v for k, v in good.items() if k != "X-Slack-Request-Timestamp"},
            "wrong secret": headers(body, secret="another secret"),
            "another body": headers(body + b" "),
            "301 seconds old": headers(body, at=now - 301),
            "302 seconds ahead": headers(body, at=now + 302),
            "a timestamp that is no number": {**good, "X-Slack-Request-Timestamp": "abc"},
            "a timestamp in other digits": {**good, "X-Slack-Request-Timestamp": "１７９０００００００"},
            "a signature with other letters": {**good, "X-Slack-Signature": "v0=é"},
            "an empty signature": {**good, "X-Slack-Signature": ""},
        }
        for what, head in cases.items():
            yield what, lambda head=head: site.post(body, {k: v.encode() for k, v in head.items()})  # type: ignore[misc]
        unsigned = b"ssl_check=1"
        yield "ssl_check without a signature", lambda: site.post(unsigned, {"Content-Type": "application/x-www-form-urlencoded"})
        yield "a challenge without a signature", lambda: site.post(b'{"type":"url_verification","challenge":"x"}', {})

    def rotated(self, app: App) -> Iterator[Callable[[], int]]:
        site = Site(app, self.slack)
        body = json.dumps(event(direct("hello"))).encode()
        for secret in (SECRET, OLD_SECRET):
            yield lambda secret=secret: site.post(body, headers(body, secret=secret))

    def channel_that(self, fault: str):
        kb, matcher = (self.request.getfixturevalue(name) for name in ("kb", "matcher"))
        app = build(one_workspace(self.slack, str(self.tmp_path)), kb=kb, matcher=matcher)
        faults = {
            "later": "later",
            "gone": "error:is_archived",
            "refuses": "error:invalid_blocks",
            "drops the line": "drop",
            "works": "",
        }
        self.slack.faults["chat.postMessage"] = [faults[fault]]
        return app.slack.channel

    def an_address(self) -> Address:
        return Address(channel="slack", external_id="T1/U1", workspace="T1")

    def test_an_old_request_within_the_window_comes_in(self, app: App) -> None:
        body = json.dumps(event(direct("hello"))).encode()
        assert Site(app, self.slack).post(body, headers(body, at=time.time() - 295)) == 200

    def test_a_challenge_is_answered_when_it_is_signed(self, app: App) -> None:
        body = b'{"type":"url_verification","challenge":"abc123"}'
        answer = Site(app, self.slack).client.post("/slack/events", content=body, headers=headers(body))
        assert (answer.status_code, answer.text) == (200, "abc123")


def _refused(status: int, body: bytes) -> int:
    assert status in (400, 413), (status, body[:80])
    return status
