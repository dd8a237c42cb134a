"""What people see in Slack, wherever they ask: real HTTP in, the real slack_sdk to a Slack of ours out."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, select

from adapters.slack.views import home
from bot.conversations.tables import ArrivalRow, InboundRow
from bot.db import reading
from bot.delivery.tables import DeliveryRow
from bot.intents.match import Matcher
from bot.people.tables import AddressRow, PersonRow
from knowledge.load import KnowledgeBase
from tests.adapters.slack_site import Site, labels, on_sqlite, seen
from tests.fakes import slack_says as say
from tests.fakes.block_rules import view_problems
from tests.fakes.slack import FakeSlack, Team

ASKED = "They asked for exclusivity, what do I say?"
TITLE = "They want to be our only partner. Agree?"


@pytest.fixture
def site(slack: FakeSlack, sqlite_template: Path, tmp_path: Path, kb: KnowledgeBase, matcher: Matcher) -> Site:
    return Site(on_sqlite(sqlite_template, tmp_path / "var", slack, kb, matcher), slack)


def arrivals(site: Site) -> int:
    with reading(site.app.engine) as session:
        return session.scalar(select(func.count()).select_from(ArrivalRow)) or 0


def responses(site: Site, path: str) -> list[dict]:
    return [given for where, given in site.slack.responses if where == path]


def private(given: dict, room: str = "C1") -> dict:
    """A private answer as a post to press on."""
    return {**given, "channel": room, "ts": "1.1"}


# where it is said


def test_a_direct_message_is_answered_in_its_thread_with_a_status_before_it(site: Site) -> None:
    (post,) = site.event(say.direct(ASKED, at="1790000000.000700"))
    assert (post["channel"], post["thread_ts"]) == ("DU1", "1790000000.000700")
    assert TITLE in seen(post)
    assert (post["unfurl_links"], post["unfurl_media"]) in ((False, False), ("0", "0"), ("false", "false"))
    methods = [method for method, _ in site.slack.calls]
    assert methods.index("assistant.threads.setStatus") < methods.index("chat.postMessage")


def test_without_the_agent_view_a_direct_message_is_answered_below_it(site: Site) -> None:
    site.slack.teams["xoxb-one"].scopes = "chat:write,im:history"
    (post,) = site.event(say.direct(ASKED))
    assert "thread_ts" not in post
    assert "assistant.threads.setStatus" not in [method for method, _ in site.slack.calls]


def test_all_direct_messages_are_one_conversation(site: Site) -> None:
    site.event(say.direct(ASKED))
    (post,) = site.event(say.direct("why?"))
    assert TITLE in seen(post)


def test_a_mention_is_answered_in_the_thread_and_so_are_the_words_after_it(site: Site) -> None:
    (post,) = site.event(say.mention(ASKED, at="1790000000.000100"))
    assert (post["channel"], post["thread_ts"]) == ("C1", "1790000000.000100")
    (post,) = site.event(say.in_room("why?", thread_ts="1790000000.000100"))
    assert (post["thread_ts"], TITLE in seen(post)) == ("1790000000.000100", True)


def test_others_talk_in_rooms_and_threads_is_none_of_our_business_and_leaves_no_trace(site: Site) -> None:
    site.event(say.mention(ASKED, at="1790000000.000100"))
    kept = arrivals(site)
    for inner in (
        say.in_room("shall we have lunch?"),
        say.in_room("shall we have lunch?", thread_ts="1790000000.000999"),
        say.in_room("and what do you think?", user="U2", thread_ts="1790000000.000100"),
        say.in_room("<@U2> what do you think?", thread_ts="1790000000.000100"),
        say.in_room(f"<@UBOT> {ASKED}"),  # comes as app_mention too
    ):
        assert site.event(inner) == []
    assert arrivals(site) == kept


@pytest.mark.parametrize(
    "inner",
    [
        say.direct("x", bot_id="B1"),
        say.direct("x", user=""),
        say.direct("x", subtype="message_changed"),
        say.direct("x", subtype="message_deleted"),
        say.direct("x", subtype="bot_message"),
        say.direct("x", subtype="channel_join"),
        {"type": "reaction_added", "user": "U1", "reaction": "x", "event_ts": "1.1"},
        {"type": "something_new"},
    ],
    ids=lambda inner: inner.get("subtype") or inner["type"],
)
def test_what_nobody_said_to_us_gets_its_200_and_nothing_else(site: Site, inner: dict) -> None:
    assert site.event(inner) == []
    assert arrivals(site) == 0


def test_a_message_with_only_a_file_is_told_to_put_it_in_words(site: Site) -> None:
    (post,) = site.event(say.direct("", subtype="file_share", files=[{"id": "F1"}]))
    assert "could not read a question" in seen(post)


def test_forty_thousand_characters_are_answered_and_cut(site: Site) -> None:
    posts = site.event(say.direct("They asked for exclusivity. " * 1_430))
    assert any("only the first 8000 characters" in seen(post) for post in posts)


def test_words_come_in_as_people_saw_them(site: Site) -> None:
    site.event(say.direct("R&amp;D asks &lt;now&gt; <https://a.example|the site> <#C9|deals> <@U7|bert> <!here>"))
    with reading(site.app.engine) as session:
        assert session.scalars(select(InboundRow.said)).one() == "R&D asks <now> the site #deals @bert @here"


# commands and shortcuts


def test_a_command_is_answered_privately_and_shared_by_a_press(site: Site) -> None:
    url = f"{site.slack.host}/respond/1"
    assert site.form(say.command(ASKED, response_url=url)) == []
    (answer,) = responses(site, "/respond/1")
    assert (answer["response_type"], TITLE in seen(answer)) == ("ephemeral", True)
    assert "Share with the room" in labels(answer)
    (post,) = site.form(say.press(private(answer), "Share with the room", response_url=url, ephemeral=True))
    assert post["channel"] == "C1"
    assert TITLE in seen(post)
    assert "shared this" in seen(post)
    assert labels(post) in ([], ["More"])


def test_where_the_bot_is_not_in_the_room_sharing_goes_by_the_address_of_the_press(site: Site) -> None:
    url = f"{site.slack.host}/respond/2"
    site.form(say.command(ASKED, room="C7", response_url=url))
    (answer,) = responses(site, "/respond/2")
    site.form(say.press(private(answer, "C7"), "Share with the room", response_url=url, ephemeral=True))
    assert responses(site, "/respond/2")[-1]["response_type"] == "in_channel"


def test_nobody_shares_what_somebody_else_was_told(site: Site) -> None:
    url = f"{site.slack.host}/respond/3"
    site.form(say.command(ASKED, response_url=url))
    (answer,) = responses(site, "/respond/3")
    press = say.press(private(answer), "Share with the room", response_url=url, ephemeral=True, user="U2")
    (post,) = site.form(press)
    assert TITLE not in seen(post)


def test_an_empty_command_says_what_we_can_do(site: Site) -> None:
    site.form(say.command("  ", response_url=f"{site.slack.host}/respond/4"))
    assert "What I can do" in seen(responses(site, "/respond/4")[0])


def test_when_the_address_to_answer_at_is_lost_the_answer_still_comes_to_them_alone(site: Site) -> None:
    (post,) = site.form(say.command(ASKED, response_url="https://evil.example/x"))
    assert (post["only"], TITLE in seen(post)) == ("U1", True)
    (post,) = site.form(say.command(ASKED, room="C8"))
    assert post["channel"] == "DT1U1"


def test_coach_me_on_this_names_what_it_sees_in_somebody_elses_message(site: Site) -> None:
    url = f"{site.slack.host}/respond/5"
    said = "We love working with you. To go on we need to be your exclusive partner in China. Please send us the CAD files by Friday."
    given = say.interaction(
        "message_action", callback_id="coach_message", channel={"id": "C9", "name": "x"}, response_url=url,
        message={"type": "message", "user": "U7", "text": said, "ts": "1790000000.000001"}, message_ts="1790000000.000001",
    )  # fmt: skip
    assert site.form(given) == []
    (answer,) = responses(site, "/respond/5")
    assert "What I see in this message" in seen(answer)
    assert TITLE in seen(answer)
    assert "exclusive partner in China" in seen(answer)
    assert TITLE in labels(answer)
    assert any(label.startswith("Look at my case") for label in labels(answer))
    site.form(say.press(private(answer, "C9"), TITLE, response_url=url, ephemeral=True))
    assert "Share with the room" in labels(responses(site, "/respond/5")[-1])


def test_coach_me_on_this_says_when_it_sees_nothing(site: Site) -> None:
    url = f"{site.slack.host}/respond/6"
    given = say.interaction("message_action", callback_id="coach_message", channel={"id": "C9"}, response_url=url,
                            message={"user": "U7", "text": "The cafeteria has noodles today", "ts": "1.1"})  # fmt: skip
    site.form(given)
    assert "not something I know" in seen(responses(site, "/respond/6")[0])


def test_the_global_shortcut_asks_and_the_answer_comes_directly(site: Site) -> None:
    site.form(say.interaction("shortcut", callback_id="ask_coach"))
    (method, view), *_ = site.slack.views
    assert (method, view["type"]) == ("views.open", "modal")
    (post,) = site.form(say.submission(view, {"question": {"text": {"type": "plain_text_input", "value": ASKED}}}))
    assert (post["channel"], TITLE in seen(post)) == ("DT1U1", True)


def test_a_view_that_comes_too_late_is_said_so(site: Site) -> None:
    (post,) = site.form(say.interaction("shortcut", callback_id="ask_coach", trigger="expired"))
    assert "no longer open" in seen(post)


def test_a_message_to_be_reminded_of_opens_a_form_and_its_words_reach_the_coach_as_that_command(site: Site) -> None:
    given = say.interaction("message_action", callback_id="followup_message", channel={"id": "C9"}, response_url="",
                            message={"user": "U7", "text": "We will send the offer.", "ts": "1.1"})  # fmt: skip
    site.form(given)
    _, view = site.slack.views[-1]
    assert [block["block_id"] for block in view["blocks"]] == ["who", "what", "when"]
    assert view["blocks"][1]["element"]["initial_value"] == "We will send the offer."
    words = {"who": "Ms Li", "what": "the offer", "when": "in three working days"}
    values = {name: {"text": {"type": "plain_text_input", "value": said}} for name, said in words.items()}
    (post,) = site.form(say.submission(view, values))
    assert post["channel"] == "DT1U1"
    with reading(site.app.engine) as session:
        row = session.scalars(select(InboundRow)).one()
        assert (row.intent, row.said) == (
            "followup-create",
            "Remind me to follow up with Ms Li about the offer in three working days",
        )


# buttons, forms, Home


def test_more_shows_what_was_folded_and_only_in_its_own_workspace(site: Site) -> None:
    (post,) = site.event(say.direct(ASKED))
    assert "Sources" not in seen(post)
    site.form(say.press(post, "More"))
    assert "Sources" in seen(site.slack.views[-1][1])
    site.slack.add(Team("T2", "xoxb-two"))
    assert site.form(say.press(post, "More", team="T2")) == []
    assert len(site.slack.views) == 1


def test_a_flow_runs_by_buttons_and_an_answered_question_cannot_be_pressed_again(site: Site) -> None:
    (post,) = site.event(say.direct(ASKED))
    (question,) = site.form(say.press(post, value="flow:"))
    first = labels(question)[0]
    url = f"{site.slack.host}/respond/7"
    (after,) = site.form(say.press(question, first, response_url=url))
    assert seen(after) != seen(question)
    (changed,) = responses(site, "/respond/7")
    assert changed["replace_original"] is True
    assert first in seen(changed)
    assert first not in labels(changed)


def test_a_flow_is_answered_in_one_form(site: Site) -> None:
    (post,) = site.event(say.direct(ASKED))
    (question,) = site.form(say.press(post, value="flow:"))
    site.form(say.press(question, "Answer all in one form"))
    _, view = site.slack.views[-1]
    empty = json.dumps(say.submission(view, {}))
    body = say.as_form(json.loads(empty))
    kind = "application/x-www-form-urlencoded"
    told = site.client.post("/slack/events", content=body, headers=say.headers(body, kind=kind)).json()
    assert (told["response_action"], len(told["errors"])) == ("errors", 1)
    values = {
        block["block_id"]: {"value": {"type": "static_select", "selected_option": block["element"]["options"][0]}}
        for block in view["blocks"]
    }
    (result,) = site.form(say.submission(view, values))
    assert result["channel"] == "DU1"
    assert any(label in ("Back", "Start again") for label in labels(result))


def test_a_button_of_long_ago_is_answered_politely(site: Site) -> None:
    (post,) = site.event(say.direct(ASKED))
    (question,) = site.form(say.press(post, value="flow:"))
    site.event(say.direct("stop"))
    (post,) = site.form(say.press(question, labels(question)[0], user="U2"))
    assert "no longer open" in seen(post)


def test_a_form_of_an_older_version_is_answered_politely(site: Site) -> None:
    for name, kept in (("renamed_since", "{}"), ("form", '{"flow": "given_up", "place": "", "lang": "en"}'), ("form", "no json")):
        view = {"type": "modal", "callback_id": name, "private_metadata": kept, "blocks": []}
        option = {"text": {"type": "plain_text", "text": "x"}, "value": "x"}
        (post,) = site.form(say.submission(view, {"fact:x": {"value": {"selected_option": option}}}))
        assert "no longer open" in seen(post), name


def test_that_slack_holds_events_back_is_told_to_the_operator(site: Site) -> None:
    body = b'{"token": "x", "team_id": "T1", "minute_rate_limited": 1790000000, "type": "app_rate_limited", "api_app_id": "A1"}'
    with structlog.testing.capture_logs() as lines:
        assert site.post(body, say.headers(body)) == 200
    assert any("holds events back" in line["event"] and line["workspace"] == "T1" for line in lines)
    assert arrivals(site) == 0


def test_a_double_click_counts_once_and_a_later_press_again(site: Site) -> None:
    (post,) = site.event(say.direct(ASKED))
    now = time.time()
    assert len(site.form(say.press(post, value="card:", at=now))) == 1
    assert site.form(say.press(post, value="card:", at=now + 0.4)) == []
    assert site.form(say.press(post, value="card:", at=now + 2.9)) == []
    assert len(site.form(say.press(post, value="card:", at=now + 60))) == 1


def test_the_home_tab_shows_what_one_can_ask_and_saw_lately_in_ones_language(site: Site) -> None:
    site.event(say.direct(ASKED))
    opened = {"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "home", "event_ts": "1.1"}
    (welcome,) = site.event(opened)
    assert "Hello" in seen(welcome)
    _, home = site.slack.views[-1]
    assert TITLE in labels(home)
    assert site.event(opened) == []  # welcomed once
    (said,) = site.form(say.home_press(home, "lang:zh"))
    assert "以后我用中文回答" in seen(said)
    assert "回答使用的语言" in seen(site.slack.views[-1][1])
    (answer,) = site.form(say.home_press(site.slack.views[-1][1], "ask:对方要独家代理，怎么办？"))
    assert answer["channel"] == "DT1U1"


def test_the_home_tab_lists_open_follow_ups_to_press() -> None:
    lines = [(f"fu:show:{number}", f"Ms Li, the offer {number}") for number in range(12)]
    view = home("en", None, [], lines)
    assert view_problems(view) == []
    assert [label for label in labels(view) if "the offer" in label] == [line for _, line in lines[:10]]


def test_an_agents_empty_conversation_gets_suggestions(site: Site) -> None:
    site.slack.person("U1", locale="zh-CN")
    site.event({"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "messages", "event_ts": "1.1"})
    (given,) = [given for method, given in site.slack.calls if method == "assistant.threads.setSuggestedPrompts"]
    assert given["channel_id"] == "DU1"
    assert given["prompts"][0]["title"] == "对方要独家"


# people


def test_name_zone_and_language_come_from_slack_and_are_asked_once_a_day(site: Site) -> None:
    site.event(say.direct(ASKED))
    site.event(say.direct("why?"))
    with reading(site.app.engine) as session:
        person, address = session.scalars(select(PersonRow)).one(), session.scalars(select(AddressRow)).one()
        assert (person.name, person.zone, person.lang) == ("anna", "Europe/Berlin", None)
        assert (address.external_id, address.locale) == ("T1/U1", "en-US")
    assert [method for method, _ in site.slack.calls].count("users.info") == 1


def test_whoever_erases_themselves_is_not_brought_back_by_a_look_at_their_profile(site: Site) -> None:
    site.event(say.direct("delete my data"))
    (question,) = [post for post in site.slack.posts if "Yes, erase it" in labels(post)]
    site.form(say.press(question, "Yes, erase it"))
    with reading(site.app.engine) as session:
        assert session.scalars(select(PersonRow)).all() == []


def test_members_of_another_organisation_get_what_is_public_and_nothing_else(site: Site) -> None:
    shared = {"ext_shared": True}
    (post,) = site.event(say.mention(ASKED, user="U9", user_team="T9"), **shared)
    assert TITLE in seen(post)
    (post,) = site.event(say.mention("remind me to follow up with them tomorrow", user="U9", user_team="T9"), **shared)
    assert "shared with another organisation" in seen(post)


def test_an_organisations_workspaces_are_one_tenant_and_its_people_no_strangers(site: Site) -> None:
    site.slack.teams["xoxb-one"].enterprise = "E1"
    site.slack.teams["xoxb-one"].org_wide = True
    (post,) = site.event(say.direct(ASKED, user="W5"), team="T7", enterprise="E1", org_wide=True)
    assert TITLE in seen(post)
    with reading(site.app.engine) as session:
        assert session.scalars(select(AddressRow.external_id)).one() == "E1/W5"


def test_what_is_repeated_by_slack_is_answered_once_and_costs_one_row(site: Site) -> None:
    inner = say.direct(ASKED)
    assert len(site.event(inner, event_id="Ev1")) == 1
    assert site.event(inner, event_id="Ev1") == []
    assert site.event(inner, event_id="Ev2") == []  # another event about the very same message
    with reading(site.app.engine) as session:
        assert session.scalar(select(func.count()).select_from(DeliveryRow)) == 1
