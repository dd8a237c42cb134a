"""Is all that is wrong told at once? Two shelves of the shipped folder, copied and broken in many ways."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.load import SHIPPED, KnowledgeBase, KnowledgeError, load

CARD = "cards/exclusivity-and-deals/casual-yes.yaml"
OTHER = "cards/internal-negotiation/convince-boss.yaml"
LISTS = ("themes.yaml", "verdicts.yaml", "sources.yaml", "claims.yaml", "commands.yaml", "aspects.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two shelves of the shipped knowledge, to be broken. Without flows: they name cards of all shelves."""
    copied = tmp_path / "knowledge"
    copied.mkdir()
    for path in SHIPPED.glob("*.yaml"):
        shutil.copy(path, copied)
    for shelf in ("exclusivity-and-deals", "internal-negotiation"):
        shutil.copytree(SHIPPED / "cards" / shelf, copied / "cards" / shelf)
    for path in copied.glob("cards/*/*.yaml"):
        path.write_text(re.sub(r"(?m)^flow: .*\n", "", path.read_text("utf-8")), "utf-8")
    return copied


def told(folder: Path) -> list[tuple[str, int, str, str]]:
    """All problems that loading tells: (file, line, field, reason)."""
    with pytest.raises(KnowledgeError) as caught:
        load(folder)
    return [(p.file, p.line, p.field, p.reason) for p in caught.value.problems]


def line_of(path: Path, text: str) -> int:
    """The number of the only line that starts with this text."""
    (number,) = [n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if line.startswith(text)]
    return number


def put(path: Path, old: str, new: str) -> None:
    """Replace a text that is there exactly once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    path.write_text(text.replace(old, new), "utf-8")


def put_line(path: Path, start: str, new: str) -> None:
    """Replace the line that starts with this text."""
    lines = path.read_text("utf-8").split("\n")
    lines[line_of(path, start) - 1] = new
    path.write_text("\n".join(lines), "utf-8")


BREAKS: list[tuple[str, Callable[[Path], None], str, str, str]] = [
    # name, what is done to the card, the line it is told at starts with, field, reason has
    ("an unknown theme", lambda p: put_line(p, "theme:", "theme: weather"), "theme:", "theme", "no theme weather in themes.yaml"),
    ("an unknown claim", lambda p: put_line(p, "claims:", "claims: [S1-06, S9-99]"), "claims:", "claims.1", "no claim S9-99"),
    ("a claim that is none", lambda p: put_line(p, "claims:", "claims: [S1-06, nonsense]"), "claims:", "claims.1", "pattern"),
    ("no claims", lambda p: put_line(p, "claims:", "claims: []"), "claims:", "claims", "at least 1"),
    (
        "another id",
        lambda p: put_line(p, "id:", "id: casual-no"),
        "id:",
        "id",
        "belongs in cards/exclusivity-and-deals/casual-no",
    ),
    ("an id with capitals", lambda p: put_line(p, "id:", "id: Casual-Yes"), "id:", "id", "pattern"),
    ("a field that does not exist", lambda p: put_line(p, "reviewed:", "reviewd: {}"), "reviewd:", "reviewd", "not permitted"),
    ("no reviewer", lambda p: put_line(p, "reviewed:", "reviewed: {date: 2026-11-22}"), "reviewed:", "reviewed.by", "required"),
    (
        "a date that is none",
        lambda p: put_line(p, "reviewed:", "reviewed: {by: us, date: soon}"),
        "reviewed:",
        "reviewed.date",
        "date",
    ),
    (
        "a day that does not exist",
        lambda p: put_line(p, "reviewed:", "reviewed: {by: us, date: 2026-02-30}"),
        "reviewed:",
        "",
        "day",
    ),
    ("a title in one language", lambda p: put_line(p, "title:", "title: {en: 'Sure?'}"), "title:", "title.zh", "required"),
    (
        "a title of 61 characters",
        lambda p: put_line(p, "title:", f"title: {{en: {'x' * 61}, zh: 行}}"),
        "title:",
        "title.en",
        "at most 60",
    ),
    ("an empty title", lambda p: put_line(p, "title:", "title: {en: '  ', zh: 行}"), "title:", "title.en", "at least 1"),
    ("a list instead of a text", lambda p: put_line(p, "title:", "title: {en: [a], zh: 行}"), "title:", "title.en", "string"),
    ("a repeated key", lambda p: put_line(p, "claims:", "theme: exclusivity-and-deals"), "", "theme", "twice"),
    ("a tab", lambda p: put_line(p, "claims:", "\tclaims: [S1-06]"), "\tclaims:", "", "cannot start any token"),
    ("an open bracket in the last line", lambda p: p.write_text(p.read_text("utf-8") + "x: [", "utf-8"), "", "", "not YAML"),
]


@pytest.mark.parametrize(("hurt", "start", "field", "reason"), [b[1:] for b in BREAKS], ids=[b[0] for b in BREAKS])
def test_a_broken_card_is_told_with_file_line_field_and_reason(
    folder: Path, hurt: Callable[[Path], None], start: str, field: str, reason: str
) -> None:
    hurt(folder / CARD)
    mine = [problem for problem in told(folder) if problem[2] == field or problem[3].endswith(reason)]
    assert mine, told(folder)
    name, line, told_field, why = mine[0]
    assert (name, told_field) == (CARD, field)
    assert reason in why
    if start:
        assert line == line_of(folder / CARD, start)
    else:
        assert line > 1


def test_an_unknown_verdict_kind_is_told_at_its_line(folder: Path) -> None:
    path = folder / CARD
    kind = load(folder).cards["casual-yes"].verdict.kind
    put(path, f"kind: {kind}", "kind: perhaps")
    (number,) = [n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if "kind: perhaps" in line]
    assert told(folder) == [(CARD, number, "verdict.kind", "no verdict perhaps in verdicts.yaml")]


def test_an_unknown_claim_under_a_reason_is_told_there(folder: Path) -> None:
    path = folder / CARD
    text = path.read_text("utf-8")
    start = text.index("because:")
    path.write_text(text[:start] + text[start:].replace("S1-06", "S8-88", 1), "utf-8")
    ((file, line, field, reason),) = told(folder)
    assert file == CARD
    assert "S8-88" in "\n".join(path.read_text("utf-8").splitlines()[line - 1 : line + 3])
    assert field.startswith("because.")
    assert reason == "no claim S8-88 in claims.yaml"


@pytest.mark.parametrize(
    "where",
    [
        "cards/internal-negotiation/casual-yes.yaml",
        "cards/exclusivity-and-deals/other.yaml",
        "cards/a/exclusivity-and-deals/casual-yes.yaml",
    ],
    ids=["another theme's folder", "another name", "a folder too deep"],
)
def test_a_card_in_the_wrong_place_is_refused(folder: Path, where: str) -> None:
    (folder / where).parent.mkdir(parents=True, exist_ok=True)
    (folder / CARD).rename(folder / where)
    assert [(f, field, reason) for f, _, field, reason in told(folder)] == [(where, "id", f"belongs in {CARD}")]


def test_two_cards_of_one_id_are_refused(folder: Path) -> None:
    twin = "cards/internal-negotiation/casual-yes.yaml"
    shutil.copyfile(folder / CARD, folder / twin)
    problems = told(folder)
    assert (twin, line_of(folder / CARD, "id:"), "id", "there is a card casual-yes already") in problems
    assert {problem[0] for problem in problems} == {twin}


@pytest.mark.parametrize("name", [*LISTS, "out_of_scope.yaml"])
def test_a_missing_file_is_named_and_nothing_else_is_blamed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert told(folder) == [(name, 1, "", "cannot be read: No such file or directory")]


@pytest.mark.parametrize("name", [*LISTS, "out_of_scope.yaml", CARD])
def test_an_empty_file_is_named_and_nothing_else_is_blamed(folder: Path, name: str) -> None:
    (folder / name).write_text("# nothing\n", "utf-8")
    assert told(folder) == [(name, 1, "", "the file is empty")]


@pytest.mark.parametrize("name", LISTS)
def test_an_id_that_is_there_twice_in_a_list_is_told_at_its_second_place(folder: Path, name: str) -> None:
    path = folder / name
    first = next(iter(getattr(load(folder), name.removesuffix(".yaml"))))
    text = path.read_text("utf-8")
    again = [line for line in text.splitlines() if f"id: {first}" in line or f'id: "{first}"' in line]
    if not again[0].endswith("}"):  # a block item: repeat it whole
        body = text[text.index(again[0]) :]
        again = [body[: body.index("\n- ", 1)]]
    path.write_text(text.rstrip("\n") + "\n" + again[0] + "\n", "utf-8")
    problems = told(folder)
    assert [(p[0], p[3]) for p in problems] == [(name, f"{first} is there twice")]
    assert problems[0][1] > len(text.rstrip("\n").splitlines())


def test_a_file_that_is_not_utf_8_is_told(folder: Path) -> None:
    path = folder / CARD
    path.write_bytes(path.read_bytes().replace("独家".encode(), "独家".encode("gbk"), 1))
    ((file, line, _, reason),) = told(folder)
    assert (file, reason.split(" at ")[0]) == (CARD, "not UTF-8")
    assert line > 1


def test_all_errors_of_all_files_are_told_at_once(folder: Path) -> None:
    put_line(folder / CARD, "theme:", "theme: weather")
    put_line(folder / CARD, "claims:", "claims: [S9-98, S9-99]")
    put_line(folder / OTHER, "title:", "title: {en: only}")
    (folder / "aspects.yaml").write_text("- {id: why}\n", "utf-8")
    (folder / "themes.yaml").write_text(
        (folder / "themes.yaml").read_text("utf-8").replace("title: {en:", "title: {fr:", 1), "utf-8"
    )
    (folder / "out_of_scope.yaml").unlink()
    problems = told(folder)
    assert {(file, field) for file, _, field, _ in problems} >= {
        (CARD, "claims.0"),
        (CARD, "claims.1"),
        (OTHER, "title.zh"),
        ("aspects.yaml", "0.fields"),
        ("aspects.yaml", "0.title"),
        ("aspects.yaml", "0.phrasings"),
        ("themes.yaml", "0.title.en"),
        ("themes.yaml", "0.title.fr"),
        ("out_of_scope.yaml", ""),
    }
    assert problems == sorted(problems)


def test_a_broken_list_does_not_put_the_blame_on_every_card(folder: Path) -> None:
    put_line(folder / "themes.yaml", "- {id: technology-and-information", "- {id: technology-and-information}")
    put_line(folder / "verdicts.yaml", "- {id: stop", "- {id: stop}")
    (folder / "claims.yaml").write_text("- {id: S0-01}\n", "utf-8")
    assert {file for file, *_ in told(folder)} == {"themes.yaml", "verdicts.yaml", "claims.yaml"}


def test_a_folder_without_cards_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "cards")
    assert "there is no card here" in [reason for *_, reason in told(folder)]


def test_a_folder_that_is_not_there_is_refused_with_every_missing_file(tmp_path: Path) -> None:
    assert {file for file, *_ in told(tmp_path / "nowhere")} >= {*LISTS, "out_of_scope.yaml"}


def test_the_content_hash_is_the_same_for_the_same_bytes_wherever_they_stand(tmp_path: Path, kb: KnowledgeBase) -> None:
    shutil.copytree(SHIPPED, tmp_path / "copy", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "copy" / CARD).touch()
    assert load(tmp_path / "copy").content_hash == kb.content_hash
    assert re.fullmatch(r"[0-9a-f]{64}", kb.content_hash)


@pytest.mark.parametrize(
    "name",
    ["themes.yaml", "verdicts.yaml", "sources.yaml", "claims.yaml", "commands.yaml", "aspects.yaml", "out_of_scope.yaml", CARD],
)
def test_the_content_hash_changes_with_a_byte_of_any_file(folder: Path, name: str) -> None:
    before = load(folder).content_hash
    with (folder / name).open("ab") as file:
        file.write(b"#")
    assert load(folder).content_hash != before


def test_the_content_hash_changes_when_a_card_goes(folder: Path) -> None:
    before = load(folder).content_hash
    (folder / OTHER).unlink()
    assert load(folder).content_hash != before


def test_the_content_hash_covers_the_flows(tmp_path: Path, kb: KnowledgeBase) -> None:
    shutil.copytree(SHIPPED, tmp_path / "copy", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with (tmp_path / "copy" / "flows" / "share-this.yaml").open("ab") as file:
        file.write(b"#")
    assert load(tmp_path / "copy").content_hash != kb.content_hash


def test_a_file_that_is_not_knowledge_changes_nothing(folder: Path) -> None:
    before = load(folder).content_hash
    (folder / "cards" / "notes.txt").write_text("for later", "utf-8")
    assert load(folder).content_hash == before


def test_a_card_that_names_a_flow_that_is_not_there_is_refused(folder: Path) -> None:
    put_line(folder / CARD, "reviewed:", "reviewed: {by: us, date: 2026-11-22}\nflow: nowhere")
    assert [(f, line, field) for f, line, field, _ in told(folder)] == [(CARD, line_of(folder / CARD, "flow:"), "flow")]


def test_cards_stand_in_the_order_of_the_shelves(kb: KnowledgeBase) -> None:
    order = list(kb.themes)
    assert list(kb.cards) == sorted(kb.cards, key=lambda card: (order.index(kb.cards[card].theme), card))
    assert list(kb.by_theme) == order
    assert [card.id for shelf in kb.by_theme.values() for card in shelf] == list(kb.cards)


def test_utterances_hold_every_phrasing_under_its_intent(kb: KnowledgeBase) -> None:
    for lang in ("en", "zh"):
        rows = kb.utterances(lang)
        for card in kb.cards.values():
            assert [text for text, intent in rows if intent == card.id] == card.phrasings.of(lang)
        strange = [text for text, intent in rows if intent == "out_of_scope"]
        assert len(strange) == sum(len(group.of(lang)) for group in kb.out_of_scope.values())


def test_a_card_and_a_command_have_their_title_in_both_languages(kb: KnowledgeBase) -> None:
    assert kb.title("casual-yes", "zh") == kb.cards["casual-yes"].title.zh
    assert kb.title("help", "en") == kb.commands["help"].title.en
    with pytest.raises(KeyError):
        kb.title("nobody", "en")
