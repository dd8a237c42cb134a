"""A broadcast from draft to report: each gets it once, in their language and hours; who opted out never; states are kept."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, select

from bot.broadcasts import consent
from bot.broadcasts.votes import said
from bot.db import reading, writing
from bot.delivery.progress import progress, recount
from bot.delivery.tables import DeliveryRow
from bot.errors import Conflict, NotAllowed, NotThere, Refused, Rejected
from bot.people import directory, linking
from bot.people.tables import AuditRow
from bot.settings import Settings
from knowledge.load import KnowledgeBase
from tests.broadcasting import MONDAY, SAYS, House, Post, address_of


@pytest.fixture
def slack() -> Post:
    return Post()


@pytest.fixture
def house(settings: Settings, engine: Engine, kb: KnowledgeBase, slack: Post) -> House:
    house = House(settings, engine, kb, {"slack": slack})
    house.person("slack:T1/ADMIN", role="admin", zone="Europe/Berlin")
    house.person("slack:T1/LI", zone="Asia/Shanghai", lang="zh")
    house.person("slack:T1/BO", zone="Europe/Berlin", lang="en")
    return house


def test_everybody_gets_it_once_in_their_language_and_the_report_says_so(house: House, slack: Post) -> None:
    broadcast = house.draft()
    seen = house.act(broadcast, "preview")
    assert (seen["audience"], seen["problems"]) == (3, [])
    started = house.act(broadcast, "start")
    assert (started["state"], started["waiting"], started["sent"]) == ("running", 3, 0)
    house.work()
    assert slack.who == ["T1/ADMIN", "T1/BO", "T1/LI"]
    assert {who: card.text for who, card in slack.got} == {"T1/ADMIN": SAYS["en"], "T1/BO": SAYS["en"], "T1/LI": SAYS["zh"]}
    told = house.act(broadcast, "report")
    assert (told["state"], told["sent"], told["reach"], told["waiting"], told["failed"]) == ("done", 3, 3, 0, 0)
    assert [line["what"] for line in told["trail"]] == ["broadcast." + what for what in ("draft", "start", "run", "end")]
    house.work(MONDAY + dt.timedelta(days=1))
    assert len(slack.got) == 3


def test_who_opted_out_gets_nothing_and_is_counted(house: House, slack: Post) -> None:
    with writing(house.engine) as session:
        consent.opt_out(session, directory.find(session, "slack:T1/LI"), MONDAY)
    broadcast = house.draft()
    assert house.act(broadcast, "preview")["opted_out"] == 1
    assert house.act(broadcast, "start")["opted_out"] == 1
    house.work()
    assert slack.who == ["T1/ADMIN", "T1/BO"]


def test_who_opts_out_while_it_waits_for_them_gets_nothing(house: House, slack: Post) -> None:
    broadcast = house.draft()
    house.act(broadcast, "start", local_time="2026-11-24T09:30")
    house.work(MONDAY + dt.timedelta(hours=12))  # the first zone of the earth has its Tuesday 9:30
    assert house.act(broadcast, "status")["waiting"] == 3
    with writing(house.engine) as session:
        assert said(session, directory.find(session, "slack:T1/LI"), "stop", "", house.now) == "stop"
    house.work(MONDAY + dt.timedelta(days=1))
    told = house.act(broadcast, "status")
    assert slack.who == ["T1/ADMIN", "T1/BO"]
    assert (told["state"], told["sent"], told["opted_out"], told["cancelled"]) == ("done", 2, 1, 0)


def test_a_local_time_is_everybodys_own(house: House, slack: Post) -> None:
    broadcast = house.draft()
    house.act(broadcast, "start", local_time="2026-11-24T09:30")
    house.work(dt.datetime(2026, 11, 24, 1, 29, tzinfo=dt.UTC))
    assert slack.who == []
    house.work(dt.datetime(2026, 11, 24, 1, 30, tzinfo=dt.UTC))
    assert slack.who == ["T1/LI"]
    house.work(dt.datetime(2026, 11, 24, 8, 29, tzinfo=dt.UTC))
    assert slack.who == ["T1/LI"]
    house.work(dt.datetime(2026, 11, 24, 8, 30, tzinfo=dt.UTC))
    assert slack.who == ["T1/ADMIN", "T1/BO", "T1/LI"]


def test_a_person_with_several_addresses_is_reached_once_where_they_prefer(
    settings: Settings, engine: Engine, kb: KnowledgeBase, slack: Post
) -> None:
    web = Post("web")
    house = House(settings, engine, kb, {"slack": slack, "web": web})
    house.person("slack:T1/ADMIN", role="admin")
    house.person("web:two")
    with writing(house.engine) as session:
        keeper = directory.find(session, "slack:T1/ADMIN")
        linking.merge(session, keeper, directory.find(session, "web:two"))
        linking.prefer(session, address_of(session, "web:two"))
    house.act(house.draft(segment="workspace,role:admin,lang:en"), "start")
    house.work()
    assert (slack.who, web.who) == ([], ["two"])


def test_quiet_hours_and_days_off_are_waited_for(house: House, slack: Post) -> None:
    house.now = dt.datetime(2026, 11, 20, 21, 30, tzinfo=dt.UTC)  # Friday: 22:30 in Berlin, Saturday 5:30 in Shanghai
    broadcast = house.draft()
    assert house.act(broadcast, "preview")["later"] == 3
    house.act(broadcast, "start")
    house.work(dt.datetime(2026, 11, 22, 23, 0, tzinfo=dt.UTC))
    assert slack.who == []
    house.work(dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC))
    assert slack.who == ["T1/LI"]
    house.work(dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC))
    assert slack.who == ["T1/ADMIN", "T1/BO", "T1/LI"]


def test_a_schedule_leaves_out_who_has_the_day_off_and_goes_on(house: House, slack: Post) -> None:
    house.person("slack:T1/NY", zone="America/New_York", lang="en")
    broadcast = house.draft()
    house.act(broadcast, "start", cron="30 9 * * thu", zone="local")
    house.work(dt.datetime(2026, 11, 26, 20, 0, tzinfo=dt.UTC))  # late for nobody: it began when Kiribati had its Thursday
    # Thanksgiving: New York is off
    told = house.act(broadcast, "status")
    assert told["off"] == 1 or told["late"] >= 1
    house.work(dt.datetime(2026, 12, 2, 19, 30, tzinfo=dt.UTC))
    house.work(dt.datetime(2026, 12, 3, 15, 0, tzinfo=dt.UTC))
    assert slack.who.count("T1/NY") == 1
    assert house.act(broadcast, "status")["state"] == "scheduled"


def test_what_is_found_more_than_two_hours_late_is_skipped_and_said(house: House, slack: Post) -> None:
    broadcast = house.draft()
    house.act(broadcast, "start", cron="0 10 * * *", zone="UTC")
    house.work(MONDAY + dt.timedelta(hours=3, minutes=1))
    told = house.act(broadcast, "status")
    assert [run["state"] for run in told["each"]] == ["skipped"]
    assert [(who, "not sent" in card.text) for who, card in slack.got] == [("T1/ADMIN", True)]
    assert told["next_at"] == "2026-11-24T10:00:00+00:00"
    house.work(dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC))
    assert len(slack.got) == 4


def test_a_second_person_approves_where_that_is_wanted_and_never_its_author(house: House) -> None:
    house.person("slack:T1/CURATOR", role="curator")
    with writing(house.engine) as session:
        directory.workspace(session, "slack", "T1", MONDAY).second_approval = True
    broadcast = house.draft()
    with pytest.raises(Refused, match="second person approves"):
        house.act(broadcast, "start")
    with pytest.raises(Refused, match="cannot approve"):
        house.act(broadcast, "approve")
    assert house.act(broadcast, "approve", by="slack:T1/CURATOR")["state"] == "approved"
    assert house.act(broadcast, "change", en="Other.", zh="别的。")["state"] == "draft"
    with pytest.raises(Refused, match="second person approves"):
        house.act(broadcast, "start")
    house.act(broadcast, "approve", by="slack:T1/CURATOR")
    assert house.act(broadcast, "start")["state"] == "running"


def test_who_changed_it_last_cannot_approve_it_either(house: House) -> None:
    house.person("slack:T1/CURATOR", role="curator")
    broadcast = house.draft()
    house.act(broadcast, "change", by="slack:T1/CURATOR", segment="lang:zh")
    with pytest.raises(Refused, match="cannot approve"):
        house.act(broadcast, "approve", by="slack:T1/CURATOR")


def test_a_second_start_is_refused_and_sends_nothing_twice(house: House, slack: Post) -> None:
    broadcast = house.draft()
    house.act(broadcast, "start")
    with pytest.raises(Conflict, match="running already"):
        house.act(broadcast, "start")
    house.work()
    with pytest.raises(Conflict):
        house.act(broadcast, "start")
    house.work()
    assert len(slack.got) == 3


def test_members_may_do_nothing_with_broadcasts(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.draft(by="slack:T1/BO")
    broadcast = house.draft()
    for action in ("preview", "test", "approve", "start", "pause", "cancel", "status", "report"):
        with pytest.raises(NotAllowed):
            house.act(broadcast, action, by="slack:T1/BO")


@pytest.mark.parametrize(
    ("segment", "told"),
    [
        ("", "say to whom"),
        ("everyone", "no such segment"),
        ("wecom:department:2", "WeCom is not set up"),
        ("lang:de", "no such lang"),
        ("role:boss", "no such role"),
        ("theme:cooking", "no such theme"),
        ("workspace,,", "no such segment"),
        ("slack:room:C 1", "named by its id"),
        ("workspace+slack:room:C1", "cannot be narrowed"),
        ("lang:zh," * 100, "too many"),
    ],
)
def test_an_unknown_segment_is_refused(house: House, segment: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        house.draft(segment=segment)


def test_an_empty_text_and_an_audience_of_nobody_are_refused(house: House) -> None:
    with pytest.raises(Refused, match="Chinese text is empty"):
        house.draft(en="Something.", zh=" ")
    with pytest.raises(Refused, match="one thing"):
        house.draft(en="Something.", zh="某事", card="convince-boss")
    broadcast = house.draft(segment="role:curator")
    assert "nobody would get it" in house.act(broadcast, "preview")["problems"][0]
    with pytest.raises(Refused, match="nobody would get it"):
        house.act(broadcast, "start")
    assert house.act(broadcast, "status")["state"] == "draft"


def test_it_pauses_goes_on_and_is_cancelled(house: House, slack: Post) -> None:
    broadcast = house.draft()
    house.act(broadcast, "start")
    assert house.act(broadcast, "pause")["state"] == "paused"
    house.work()
    assert slack.got == []
    assert house.act(broadcast, "resume")["state"] == "running"
    slack.faults["T1/LI"] = Rejected("no")
    house.work()
    assert slack.who == ["T1/ADMIN", "T1/BO"]
    other = house.draft()
    house.act(other, "start")
    assert house.act(other, "cancel")["state"] == "cancelled"
    house.work()
    told = house.act(other, "status")
    assert (told["sent"], told["cancelled"], told["waiting"]) == (0, 3, 0)
    with pytest.raises(Conflict):
        house.act(other, "resume")


def test_it_stops_itself_when_too_many_of_the_first_hundred_fail(house: House, slack: Post) -> None:
    for number in range(400):
        house.person(f"slack:T1/U{number}")
    slack.refuse = Rejected("no such thing")
    broadcast = house.draft()
    house.act(broadcast, "start")
    house.work()
    told = house.act(broadcast, "status")
    assert told["state"] == "stopped"
    assert 20 <= told["failed"] <= 220
    assert told["failed"] + told["waiting"] == 403
    assert told["reasons"] == {"Rejected": told["failed"]}
    slack.refuse = None
    house.act(broadcast, "resume")
    house.work()
    told = house.act(broadcast, "status")
    assert (told["state"], told["sent"] + told["failed"]) == ("done", 403)


def test_who_left_and_a_workspace_that_uninstalled_get_nothing(house: House, slack: Post) -> None:
    with writing(house.engine) as session:
        address_of(session, "slack:T1/BO").left_at = MONDAY
    broadcast = house.draft()
    assert house.act(broadcast, "preview")["unreachable"] == 1
    house.act(broadcast, "start")
    house.work()
    assert slack.who == ["T1/ADMIN", "T1/LI"]


def test_who_is_erased_while_it_waits_does_not_keep_it_open(house: House, slack: Post) -> None:
    broadcast = house.draft()
    house.act(broadcast, "start", local_time="2026-11-24T09:30")
    house.work(MONDAY + dt.timedelta(hours=12))
    with writing(house.engine) as session:
        directory.erase(session, directory.find(session, "slack:T1/LI"))
    house.work(dt.datetime(2026, 11, 24, 8, 31, tzinfo=dt.UTC))
    told = house.act(broadcast, "status")
    assert (told["state"], told["sent"], told["waiting"]) == ("done", 2, 0)
    with reading(house.engine) as session:
        assert progress(session, told["each"][0]["run"]) == recount(session, told["each"][0]["run"])


def test_the_trail_names_who_did_what_and_nothing_that_was_said(house: House) -> None:
    broadcast = house.draft()
    house.act(broadcast, "start")
    with reading(house.engine) as session:
        lines = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        admin = directory.find(session, "slack:T1/ADMIN").id
    assert [(line.what, line.actor_id) for line in lines][:2] == [("broadcast.draft", admin), ("broadcast.start", admin)]
    assert "twice" not in repr([line.details for line in lines])


def test_a_test_goes_to_whoever_asks_alone(house: House, slack: Post) -> None:
    broadcast = house.draft()
    assert house.act(broadcast, "test")["to"] == "slack:T1/ADMIN"
    house.work()
    assert slack.who == ["T1/ADMIN"]
    assert house.act(broadcast, "status")["state"] == "draft"


def test_another_workspaces_people_and_broadcasts_are_not_to_be_had(
    settings: Settings, engine: Engine, kb: KnowledgeBase, slack: Post
) -> None:
    house = House(settings, engine, kb, {"slack": slack})
    house.person("slack:T1/ADMIN", role="admin")
    house.person("slack:T1/BO")
    house.person("slack:T2/ADMIN", role="admin")
    house.person("slack:T2/LI", lang="zh")
    broadcast = house.draft(segment="lang:en,lang:zh,subscribed")
    assert house.act(broadcast, "preview")["audience"] == 2
    with pytest.raises(NotThere):
        house.act(broadcast, "status", by="slack:T2/ADMIN")
    assert house.desk.listed(house.as_("slack:T2/ADMIN"))["broadcasts"] == []


def test_votes_are_counted_once_a_person_and_run(house: House) -> None:
    broadcast = house.draft()
    run = house.act(broadcast, "start")["each"][0]["run"]
    house.work()
    with writing(house.engine) as session:
        for name, word in (("LI", "not"), ("LI", "useful"), ("BO", "useful"), ("ADMIN", "not")):
            said(session, directory.find(session, f"slack:T1/{name}"), word, run, MONDAY)
    told = house.act(broadcast, "report")
    assert (told["useful"], told["not_useful"]) == (2, 1)


def test_the_tips_of_a_theme_come_in_turn(house: House, slack: Post) -> None:
    broadcast = house.draft(segment="lang:zh", theme="internal-negotiation")
    house.act(broadcast, "start", cron="0 9 * * tue", zone="Asia/Shanghai")
    for week in range(3):
        house.work(dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC) + dt.timedelta(weeks=week))
    texts = [card.text for _, card in slack.got]
    assert len(set(texts)) == 3
    with reading(house.engine) as session:
        assert session.scalar(select(DeliveryRow.card).limit(1)) is None
