"""Tips from subscribing to the card behind them, on the web page, in Slack, in WeCom and on the official account; both databases."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from bot.broadcasts.tables import TipShownRow
from bot.cli.rounds import Rounds
from bot.db import reading
from bot.wiring import App
from tests.adapters.slack_site import Site, labels, one_workspace, seen
from tests.adapters.tencent import Make, client_of, drain, make, platform, post, wechat, wecom
from tests.fakes import slack_says as say
from tests.fakes.block_rules import view_problems
from tests.fakes.slack import FakeSlack
from tests.fakes.tencent import Account, Platform
from tests.journeys.test_followups import Clock, Page, button

__all__ = ["make", "platform"]
SUNDAY = dt.datetime.fromisoformat("2026-11-22T12:00:00+00:00")
IN_BEIJING, IN_BERLIN = "2026-11-23T09:30:00+08:00", "2026-11-23T09:30:00+01:00"


def votes(app: App) -> list[str | None]:
    with reading(app.engine) as session:
        return list(session.scalars(select(TipShownRow.vote).order_by(TipShownRow.at, TipShownRow.id)))


def test_two_people_in_two_zones_get_the_weekly_tip_at_their_own_half_past_nine_and_it_ends_in_the_card(
    build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path
) -> None:
    clock = Clock(SUNDAY)
    app = build_app(settings=one_workspace(slack, str(tmp_path)), now=clock)
    slack.person("U1", tz="Asia/Shanghai", locale="zh-CN")
    site, page = Site(app, slack), Page(app, clock)
    assert "Mon 23 Nov 2026 09:30 Berlin" in page.say("send me a tip every week")
    (noted,) = site.event(say.direct("每周给我发一条小贴士"))
    assert "第一条在11月23日周一 09:30 北京" in seen(noted)
    posts = len(slack.posts)

    assert page.until("2026-11-23T01:29:00+00:00") == 0
    assert page.until(IN_BEIJING) == 1
    tip = slack.posts[-1]
    assert len(slack.posts) == posts + 1
    assert "本周小贴士" in seen(tip)
    assert labels(tip) == ["看整张卡片", "有用", "暂时用不上", "少发一点"]
    assert "Tip of the week" not in page.open()
    assert page.until(IN_BERLIN) == 1
    shown = page.open()
    assert shown.count("Tip of the week") == 1
    assert page.until(IN_BERLIN) == 0

    (useful,) = site.form(say.press(tip, "有用"))
    assert labels(useful) == ["看整张卡片"]
    (card,) = site.form(say.press(useful, "看整张卡片"))
    assert "为什么" in seen(card), "the whole card: every card gives its reasons, not every one has words to send"
    assert "in the card" in page.say(choice=button(shown, "Useful"))
    assert 'data-card="' + page.app.kb.cards[button(shown, "Read the card").partition(":")[2]].id in page.say(
        choice=button(shown, "Read the card")
    )
    assert votes(app) == ["useful", "useful"]

    (left,) = site.event(say.direct("退订小贴士"))
    assert "关掉了" in seen(left)
    posts = len(slack.posts)
    assert page.until("2026-11-30T09:30:00+08:00") == 0
    assert page.until("2026-11-30T09:30:00+01:00") == 1
    assert page.open().count("Tip of the week") == 2
    assert "nothing that is sent to many" in page.say("opt out")
    assert page.until("2026-12-07T09:30:00+01:00") == 0
    assert len(slack.posts) == posts


def test_on_slacks_home_tab_tips_are_seen_and_changed(build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path) -> None:
    app = build_app(settings=one_workspace(slack, str(tmp_path)), now=Clock(SUNDAY))
    slack.person("U1", tz="Europe/Berlin")
    site = Site(app, slack)
    opened = {"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "home", "event_ts": "1.1"}
    site.event(opened)
    home = slack.views[-1][1]
    assert "Off: a tip comes only when you ask" in seen(home)
    (on,) = site.form(say.home_press(home, "tip:weekly"))
    assert "Done: one a week on Mondays" in seen(on)
    home = slack.views[-1][1]
    assert "On: one a week on Mondays. The next one comes on Mon 23 Nov 2026 09:30 Berlin" in seen(home)
    assert view_problems(home) == []
    site.form(say.home_press(home, "tip:off"))
    assert "Off: a tip comes only when you ask" in seen(slack.views[-1][1])


class Talk:
    """One person of WeCom or the official account, at any time."""

    def __init__(self, app: App, platform: Platform, account: Account, who: str, clock: Clock) -> None:
        self.app, self.platform, self.account, self.who, self.clock = app, platform, account, who, clock
        self.client, self.said = client_of(app), 0

    def say(self, words: str) -> str:
        self.said += 1
        at = self.clock.at.timestamp() + self.said
        before = len(self.platform.texts(self.who))
        reply = post(self.client, self.account, self.account.message(words, at, who=self.who, name=f"m{self.said}"), at)
        assert reply.status_code == 200
        carried = self.account.opened(reply)
        drain(self.app)
        return carried["Content"] if carried else "\n".join(self.platform.texts(self.who)[before:])


def test_in_wecom_the_tip_has_buttons_and_its_numbers_may_be_typed(make: Make, platform: Platform) -> None:
    clock = Clock(SUNDAY)
    app = make(now=clock)
    me = Talk(app, platform, wecom(), "LiLei", clock)
    assert "第一条在11月23日周一 09:30 北京" in me.say("以后每周一推一条给我")
    clock.at = dt.datetime.fromisoformat(IN_BEIJING)
    before = len(platform.arrived)
    assert Rounds(app).once() == 1
    ((_, sent),) = platform.arrived[before:]
    assert sent["msgtype"] == "template_card"
    assert [each["text"] for each in sent["template_card"]["button_list"]] == ["看整张卡片", "有用", "暂时用不上", "少发一点"]
    assert "都在卡片里" in me.say("2")
    assert "为什么" in me.say("看整张卡片")
    assert votes(app) == ["useful"]


def test_on_the_official_account_a_tip_waits_for_the_follower_and_comes_with_the_next_answer(
    make: Make, platform: Platform
) -> None:
    clock = Clock(SUNDAY - dt.timedelta(days=2))
    app = make(now=clock)
    me = Talk(app, platform, wechat(), "openid-li", clock)
    noted = me.say("每周给我发一条小贴士")
    assert "48 小时" in noted, "what the platform allows is said at once"
    clock.at = dt.datetime.fromisoformat(IN_BEIJING)
    Rounds(app).once()
    clock.at += dt.timedelta(days=7)
    Rounds(app).once()
    assert not [text for text in platform.texts("openid-li") if "本周小贴士" in text]
    clock.at += dt.timedelta(hours=5)
    first = me.say("谢谢")
    assert first.count("本周小贴士") == 1, "one tip, not one for each week"
    assert re.search(r"(?m)^2\. 有用", first)
    assert "都在卡片里" in me.say("2")
    assert votes(app) == ["useful"]
