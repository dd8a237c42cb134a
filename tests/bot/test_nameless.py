"""What curators see names nobody whom the house knows or a title gives away, and still asks the same question."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import Engine

from bot.conversations import unanswered
from bot.conversations.nameless_known import Known
from bot.db import reading, writing
from bot.followups.tables import ContactRow
from bot.messages import Address
from bot.people import directory, keys
from knowledge.load import KnowledgeBase
from tests.conftest import NOW

NAMED = [
    ("王小明经理要求降价15%，公司在上海市浦东新区世纪大道88号502室，怎么回", "<name>要求降价15%，公司在<address>，怎么回"),
    (
        "Mr Kenji Tanaka of Mitsui wants 12% off 4,200 USD, room 502, 88 Century Avenue, Pudong",
        "<name> of <company> wants 12% off 4,200 USD, <address>",
    ),
    ("加我wxid_abc99，或者打一三八零零一三八零零零", "加我<id>，或者打<number>"),
    ("Tanaka-san asks for payment in 30 days", "<name> asks for payment in 30 days"),
    ("Dr. Müller says the price is too high", "<name> says the price is too high"),
    ("is mr chen's offer of 30 days fair?", "is <name>'s offer of 30 days fair?"),
    ("What do I tell Mrs. Li? She wants samples.", "What do I tell <name>? She wants samples."),
    ("No reply from Mr Gao. Should I call?", "No reply from <name>. Should I call?"),
    ("李总说先发货后付款，靠谱吗", "<name>说先发货后付款，靠谱吗"),
    ("欧阳女士想要30天账期", "<name>想要30天账期"),
    ("小张和老陈都说要独家", "<name>和<name>都说要独家"),
    ("王工，图纸什么时候给", "<name>，图纸什么时候给"),
    ("田中桑要3个样品", "<name>要3个样品"),
    ("上海蓝鹿贸易有限公司要独家，给不给", "<company>要独家，给不给"),
    ("跟深圳蓝鹿科技有限公司谈了3个月没结果", "跟<company>谈了3个月没结果"),
    ("Should Blue Giraffe GmbH get exclusivity for 2 years?", "Should <company> get exclusivity for 2 years?"),
    ("Blue Giraffe Trading Co., Ltd. wants 5% commission", "<company> wants 5% commission"),
    ("寄到朝阳区建国路93号A座1201室，要不要收运费", "寄到<address>，要不要收运费"),
    ("Meet at 12 Nanjing Road, Shanghai. What gift do I bring?", "Meet at <address>. What gift do I bring?"),
    ("Hauptstraße 5 is their office, do I visit?", "<address> is their office, do I visit?"),
    ("My name is Anna Schmidt, how do I introduce myself?", "My name is <name>, how do I introduce myself?"),
    ("Should I call Kenji Tanaka back?", "Should I call <name> back?"),
    ("I asked Anna about the price", "I asked <name> about the price"),
    ("请问Mr Li要不要降价", "请问<name>要不要降价"),
    ("order no. 4411 is late by 3 weeks", "order no. <number> is late by 3 weeks"),
    ("他微信号：lan_lu88，要不要加", "他<id>，要不要加"),
]
NAMELESS = [
    "They want 15% off, what do I say?",
    "Can we pay 30% now and 70% in 60 days?",
    "MOQ is 5000, we need 200 to test",
    "They ask 12,500,000 JPY for 1 machine",
    "Will they accept 4,200 USD for 300 pcs by May 2027?",
    "I miss the deadline by 3 days, how do I apologise?",
    "Is a German GmbH or a Chinese limited company better for us?",
    "Does MS Word count as a contract format?",
    "It is 10 years down the road, why care?",
    "In Meeting Room 3 nobody says anything. Why?",
    "What is 17% of 2340?",
    "How do I add somebody on WeChat and send a red packet of 88 yuan?",
    "Our manager in Shanghai wants a third agent",
    "The price floor 20 and the flat 5% discount, which first?",
    "他们要求降价15%，30天内付款，怎么回",
    "总经理和采购经理意见不一样，听谁的",
    "前任经理几年前暗示过独家，怎么办",
    "外方董事长会来，座位怎么安排",
    "高校教授想合作，怎么走动",
    "对方经理说最低500件，能不能谈到200件",
    "注册有限公司好还是合资公司好",
    "10月3号之前回复他们可以吗",
    "下周经理会来工厂，要不要请客",
    "建国门附近哪家餐厅适合请客户",
    "万一工程师不同意怎么办",
]


@pytest.mark.parametrize(("said", "left"), NAMED)
def test_a_title_an_address_a_form_of_company_give_a_name_away(said: str, left: str) -> None:
    assert unanswered.strip(said) == left
    assert unanswered.strip(left) == left


@pytest.mark.parametrize("said", NAMELESS)
def test_what_names_nobody_stays_word_for_word(said: str) -> None:
    assert unanswered.strip(said) == said


KNOWN = Known(
    names=["Li", "An", "Will Smith", "Kenji Tanaka", "May", "王小明", "方便", "李经理"],
    firms=["Mitsui Chemicals, Ltd.", "上海蓝鹿贸易有限公司", "Global Trading Co., Ltd.", "Target"],
    accounts=["blue-giraffe"],
)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Li wants 12%, what do I say?", "<name> wants 12%, what do I say?"),
        ("the Li-ion battery and the list", "the Li-ion battery and the list"),
        ("li要求独家", "<name>要求独家"),
        ("Will they sign? I asked Will twice.", "Will they sign? I asked <name> twice."),
        ("An offer is out. What does An think?", "An offer is out. What does <name> think?"),
        ("kenji tanaka is late, and TANAKA's boss too", "<name> is late, and <name>'s boss too"),
        ("may we ship in May?", "may we ship in May?"),
        ("小明说王小明要降价", "<name>说<name>要降价"),
        ("这样方便吗", "这样方便吗"),
        ("Mitsui is slow", "<company> is slow"),
        ("蓝鹿要独家，蓝鹿贸易很大", "<company>要独家，<company>很大"),
        ("global trading rules", "<company> rules"),
        ("Our target is 5%. Does Target pay late?", "Our target is 5%. Does <company> pay late?"),
        ("add blue-giraffe?", "add <id>?"),
        ("the word <name> stays a mark", "the word <name> stays a mark"),
    ],
)
def test_who_is_known_is_taken_out_and_words_of_the_same_spelling_are_not(said: str, left: str) -> None:
    assert unanswered.strip(said, KNOWN) == left


def test_what_people_ask_is_hardly_touched(kb: KnowledgeBase) -> None:
    asked = [text for card in kb.cards.values() for lang in ("en", "zh") for text in getattr(card.phrasings, lang)]
    changed = [text for text in asked if unanswered.strip(text) != text]
    assert len(asked) > 5_000
    assert len(changed) < 0.01 * len(asked), changed


@pytest.mark.parametrize(
    "piece", ["Aa ", "王", "88 Aa ", "上海市", "<name> of ", "1 ", "A.", "有限公司", "Co. ", "Mr A ", "a", "路88号"]
)
def test_no_text_takes_long(piece: str) -> None:
    start = time.process_time()
    unanswered.strip(piece * 4_000, KNOWN)
    assert time.process_time() - start < 2.0


def test_the_kept_question_names_nobody_the_asker_or_the_house_knows(engine: Engine) -> None:
    with writing(engine) as session:
        directory.add_person(session, NOW, name="Bernd Weber", email="bernd@example.com")
        keys.make_key(session, "discount", NOW)  # a tool's name is a word
        stranger = directory.add_person(session, NOW, name="Zoe Ypsilon", email="zoe@example.com")
        person = directory.add_person(session, NOW, name="Anna Schmidt")
        address = directory.add_address(session, person, Address(channel="web", external_id="anna"), NOW)
        for owner, name, firm in ((person, "Kenji Tanaka", "Mitsui"), (stranger, "Olga Petrova", "Gazelle")):
            session.add(ContactRow(person_id=owner.id, name=name, organisation=firm, phones=[], wechat="kenji_t", created_at=NOW))
        session.flush()
        said = "anna here: tanaka (kenji_t) of Mitsui wants a discount of 12%, Bernd says no. Olga?"
        row = unanswered.keep(session, address, said, "en", "unknown", [], NOW)
        assert row.said == "<name> here: <name> (<id>) of <company> wants a discount of 12%, <name> says no. Olga?"
    with reading(engine) as session:
        assert "Tanaka" not in unanswered.waiting(session)[0].said
