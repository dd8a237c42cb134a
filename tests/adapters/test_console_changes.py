"""The team's own layer on the console: what is typed is proposed, refused with reasons and nothing lost, decided, undone."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from sqlalchemy import update

from adapters.console import card_form
from bot.curation.layer import Layer
from bot.curation.review import changes, live
from bot.curation.tables import LayerChange
from bot.curation.understanding import Understanding
from bot.db import reading, writing
from bot.messages import Address
from bot.people import directory
from bot.wiring import App
from tests.conftest import NOW
from tests.site_world import OWN

NASTY = "<script>alert(1)</script>"
A_CARD = {
    "theme": "online-communication",
    "kind": "take-care",
    "title_en": "They want to pay in crypto. Accept?",
    "title_zh": "对方想用虚拟货币付款，能收吗？",
    "verdict_en": "Ask for a bank transfer, and let finance decide anything else.",
    "verdict_zh": "请对方走银行转账，别的方式交给财务决定。",
    "phrasings_en": "they want to pay in crypto\ncan we take bitcoin from them\nusdt instead of a bank transfer, fine?",
    "phrasings_zh": "对方想用虚拟货币付款\n客户说用比特币结\n付USDT可以吗",
    "because_en": "Your bank may not take the money.",
    "because_zh": "你的银行可能收不了这笔钱。",
    "do_en": "Ask why a transfer is hard.\nTalk to finance first.",
    "do_zh": "先问清楚为什么不方便转账。\n先和财务商量。",
    "avoid_en": "Do not promise it in the chat.\nDo not send your own wallet.",
    "avoid_zh": "别在聊天里答应。\n别发个人钱包地址。",
    "say_en": "Dear {name}, we can take a bank transfer only. What makes it hard for you?",
    "say_zh": "{name}您好，我们只能收银行转账。请问转账有什么不方便吗？",
    "ask_en": "Which bank do you use?",
    "ask_zh": "请问您用哪家银行？",
    "watch_for_en": "Somebody else pays than who signed.",
    "watch_for_zh": "付款方和签约方不是同一家。",
    "unless_en": "Your finance team has an account for it.",
    "unless_zh": "公司财务有专门账户。",
    "tips_en": "Agree on the way to pay before the price.\nPut the way to pay into the contract.",
    "tips_zh": "先谈好付款方式，再谈价格。\n付款方式写进合同。",
}


def states(app: App) -> list[tuple[str, str]]:
    """(kind, state) of all changes, oldest first."""
    with reading(app.engine) as session:
        return [(told.change.kind, told.state) for told in reversed(changes(session))]


@pytest.mark.parametrize("number", ["2147483648", "9" * 30])
def test_a_change_of_a_number_no_database_holds_is_not_there(app, people, sign, number: str) -> None:
    curator = sign(people["curator"])
    assert curator.get(f"/console/changes/{number}").status_code == 404
    for how in ("undo", "accept", "submit"):
        assert curator.post(f"/console/changes/{number}", data={"how": how}, headers=OWN).status_code == 404
    form = {"ids": number[:12], "lang": "en", "intent": "casual-yes", "phrasings": "they want to pay in crypto", "live": "yes"}
    assert curator.post("/console/changes/phrasings", data=form, headers=OWN).status_code == 422


def test_one_press_adds_a_group_of_questions_to_a_card_and_settles_them(app, people, sign) -> None:
    curator = sign(people["curator"])
    page = html.unescape(curator.get("/console/questions").text)
    ids = next(group for group in re.findall(r'name="ids" value="([\d,]+)"', page) if "," in group)
    form = {
        "ids": ids,
        "lang": "en",
        "intent": "casual-yes",
        "phrasings": "they want to pay in crypto\ncrypto, ok?",
        "live": "yes",
    }
    made = curator.post("/console/changes/phrasings", data=form, headers=OWN)
    assert made.status_code == 303
    shown = curator.get(made.headers["location"]).text
    assert "being learnt" in shown
    assert 'http-equiv="refresh"' in shown
    assert "they want to pay in crypto" in shown
    assert states(app) == [("add-phrasings", "accepted")]
    assert "crypto?" not in curator.get("/console/questions").text


def test_what_is_being_learnt_is_not_offered_again_and_a_long_wait_is_told(app, people, sign) -> None:
    curator, asked = sign(people["curator"]), "may we settle in seashells"
    form = {"lang": "en", "intent": "casual-yes", "phrasings": asked, "live": "yes"}
    path = curator.post("/console/changes/phrasings", data=form, headers=OWN).headers["location"]
    tried = html.unescape(curator.get("/console/try", params={"q": asked}).text)
    assert f'href="{path}"' in tried
    assert "Add to this card" not in tried
    assert "Add to this card" in curator.get("/console/try", params={"q": "may we settle in shells"}).text
    assert "Being learnt right now: 1" in curator.get("/console/questions").text
    assert asked in curator.get("/console/changes").text
    assert "a few seconds" in curator.get(path).text
    for since, told in ((NOW - dt.timedelta(seconds=30), "longer than usual"), (NOW - dt.timedelta(minutes=5), "for 5 minutes")):
        with writing(app.engine) as session:
            session.execute(update(LayerChange).values(decided_at=since))
        assert told in html.unescape(curator.get(path).text)


def test_a_change_that_cannot_be_learnt_lets_others_go_first_and_can_be_declined(app, people, sign, monkeypatch) -> None:
    curator = sign(people["curator"])
    paths = [
        curator.post(
            "/console/changes/phrasings",
            data={"lang": "en", "intent": "casual-yes", "phrasings": asked, "live": "yes"},
            headers=OWN,
        ).headers["location"]
        for asked in ("may we settle in seashells", "may we settle in acorns")
    ]

    def learn(_: Understanding, __: object, after: Layer, ___: object = None) -> dict[str, object]:
        if "seashells" in str(after.dump()):
            raise RuntimeError("learning ended with -9")
        return {}

    monkeypatch.setattr(Understanding, "learn", learn)
    assert curator.post(paths[0], data={"how": "decline"}, headers=OWN).status_code == 409, "while it may still be learnt"
    with pytest.raises(RuntimeError):
        app.knowing.learner.once()
    assert app.knowing.learner.once() == 2
    assert [state for _, state in states(app)] == ["accepted", "live"]
    assert 'value="decline"' in curator.get(paths[0]).text
    assert curator.post(paths[0], data={"how": "decline"}, headers=OWN).status_code == 303
    assert [state for _, state in states(app)] == ["declined", "live"]


def test_without_that_wish_it_waits_for_a_decision_and_another_curator_takes_it(app, people, sign) -> None:
    curator, admin = sign(people["curator"]), sign(people["admin"])
    form = {"lang": "zh", "intent": "casual-yes", "phrasings": "随口答应了行不行啊"}
    path = curator.post("/console/changes/phrasings", data=form, headers=OWN).headers["location"]
    assert "Changes to decide" in admin.get("/console").text
    assert admin.post(path, data={"how": "decline"}, headers=OWN).status_code == 303
    again = curator.post(path, data={"how": "accept"}, headers=OWN)
    assert (again.status_code, "declined already" in again.text) == (409, True)
    assert states(app) == [("add-phrasings", "declined")]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"lang": "en", "intent": "no-such-card", "phrasings": "x y z"}, 422),
        ({"lang": "fr", "intent": "casual-yes", "phrasings": "x"}, 422),
        ({"lang": "en", "intent": "casual-yes", "phrasings": " \n "}, 422),
        ({"lang": "en", "intent": "casual-yes", "phrasings": "x" * 241}, 422),
        ({"lang": "en", "intent": "casual-yes", "phrasings": "x", "ids": "1;drop"}, 422),
        ({"lang": "en", "intent": "casual-yes", "phrasings": "x", "state": "live"}, 422),
    ],
)
def test_a_phrasing_that_will_not_do_is_refused_and_nothing_is_kept(app, people, sign, form, status) -> None:
    assert sign(people["curator"]).post("/console/changes/phrasings", data=form, headers=OWN).status_code == status
    assert states(app) == []


def test_a_new_card_is_written_in_a_form_and_what_is_missing_is_told_with_nothing_lost(app, people, sign) -> None:
    curator = sign(people["curator"])
    started = html.unescape(curator.get("/console/changes/new?ids=2,3&lang=en").text)
    assert "crypto" in started, "the questions stand in the form already"
    half = {**A_CARD, "do_en": "Only one.", "how": "review"}
    refused = curator.post("/console/changes/card", data=half, headers=OWN)
    assert refused.status_code == 422
    kept = html.unescape(refused.text)
    assert "Not yet right" in kept
    assert A_CARD["say_zh"] in kept
    assert states(app) == []
    whole = curator.post("/console/changes/card", data={**A_CARD, "how": "live"}, headers=OWN)
    assert whole.status_code == 303, html.unescape(whole.text)[-3000:]
    assert states(app) == [("card", "accepted")]
    draft = curator.post("/console/changes/card", data={**half, "how": "draft"}, headers=OWN)
    assert draft.status_code == 303, "a draft may be unfinished"


def test_a_shipped_card_reads_otherwise_in_what_was_changed_only(app, people, sign) -> None:
    curator = sign(people["curator"])
    page = html.unescape(curator.get("/console/changes/new?card=casual-yes").text)
    values = card_form.values_of(app.kb.cards["casual-yes"].model_dump(mode="json", exclude_none=True))
    assert values["verdict_en"] in page
    form = {name: text for name, text in values.items() if name != "theme" and not name.startswith("phrasings")}
    form |= {"verdict_en": "Say clearly what is and is not agreed.", "card": "casual-yes", "seen": "0", "how": "live"}
    assert curator.post("/console/changes/card", data=form, headers=OWN).status_code == 303
    with reading(app.engine) as session:
        (told,) = changes(session)
    assert set(told.change.fields) == {"verdict"}
    app.knowing.learner.once()
    app.knowing.learner.follow()
    assert "Say clearly what is and is not agreed." in html.unescape(curator.get("/cards/casual-yes?lang=en").text)
    again = curator.post("/console/changes/card", data={**form, "verdict_en": "Mine came later."}, headers=OWN)
    assert again.status_code == 422
    kept = html.unescape(again.text)
    assert "changed by somebody else since" in kept
    assert "Mine came later." in kept, "two curators on one card: told, nothing lost"
    path = f"/console/changes/{told.id}"
    undone = curator.post(path, data={"how": "undo"}, headers=OWN).headers["location"]
    assert curator.post(undone, data={"how": "accept"}, headers=OWN).status_code == 303
    app.knowing.learner.once()
    app.knowing.learner.follow()
    assert "Say clearly what is and is not agreed." not in html.unescape(curator.get("/cards/casual-yes?lang=en").text)


def test_markup_in_a_card_of_ones_own_stays_text_everywhere(app, people, sign) -> None:
    curator = sign(people["curator"])
    nasty = {**A_CARD, "title_en": f"{NASTY} pay?", "how": "draft"}
    path = curator.post("/console/changes/card", data=nasty, headers=OWN).headers["location"]
    for page in (path, "/console/changes"):
        assert NASTY not in curator.get(page).text


@pytest.mark.parametrize(
    "yaml", [": :", "cards: 7", "hidden: [no-such-card]", f"hidden: ['{NASTY}']", "a: &a [*a, *a]", "x" * 200_000]
)
def test_a_broken_import_is_refused_whole_with_its_reasons_and_the_text_is_kept(app, people, sign, yaml: str) -> None:
    refused = sign(people["curator"]).post("/console/changes/import", data={"yaml": yaml}, headers=OWN)
    assert refused.status_code == 422
    assert "Not yet right" in refused.text
    assert yaml[:60] in html.unescape(refused.text)
    assert NASTY not in refused.text
    assert states(app) == []


def test_the_layer_is_taken_along_and_brought_back(app, people, sign) -> None:
    curator = sign(people["curator"])
    brought = curator.post("/console/changes/import", data={"yaml": "hidden: [casual-yes]\n"}, headers=OWN)
    assert brought.status_code == 303
    assert states(app) == [("import", "review")]
    taken = curator.get("/console/changes/layer.yaml")
    assert 'filename="layer.yaml"' in taken.headers["Content-Disposition"]


def test_nobody_but_curators_of_the_whole_house_changes_what_all_read(app, people, sign) -> None:
    with writing(app.engine) as session:
        for team in ("T1", "T2"):
            person, _ = directory.at_address(session, Address(channel="slack", external_id=f"{team}/U", workspace=team), NOW)
        person.role = "curator"
        theirs = person.id
    form = {"lang": "en", "intent": "casual-yes", "phrasings": "our own words", "live": "yes"}
    assert sign(theirs).post("/console/changes/phrasings", data=form, headers=OWN).status_code == 403
    assert sign(theirs).get("/console/changes").status_code == 403
    member = sign(people["member"])
    assert member.post("/console/changes/phrasings", data=form, headers=OWN).status_code == 403
    assert sign(people["curator"]).post("/console/changes/phrasings", data=form).status_code == 403, "from another site"
    assert sign(people["curator"]).post("/console/changes/99", data={"how": "accept"}, headers=OWN).status_code == 404
    assert sign(people["curator"]).post("/console/changes/99", data={"how": "eat"}, headers=OWN).status_code == 422
    with reading(app.engine) as session:
        assert live(session)[0] == 0
