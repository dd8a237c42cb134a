"""The channel contract: what every adapter must do, driven by its `Limits`. A folder in adapters/ without it fails.

A test class inherits `ChannelContract` and says how its channel shows a card and takes in a message; `Signed` and
`Pushed` add what channels with signatures and with sending of their own must keep.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import structlog
from sqlalchemy import text

from bot.channel import Channel, Limits
from bot.conversations.answer import advice, offer, unknown
from bot.db import reading
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.messages import Card, Choice, Lang, Ready
from bot.outline import outline
from bot.wiring import App
from knowledge.load import KnowledgeBase

LANGS: tuple[Lang, ...] = ("en", "zh")
HOSTILE_TEXTS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "*bold* _it_ `code` ~gone~ > quote\n# head\n- item [a](javascript:alert(1))",
    "<!channel> <@U123> <https://evil.example|click> @everyone",
    "{{7*7}} {% raw %} ${7*7} %s {0}",
    "\u202egnp.exe \u200b\u200d zero width",
    "[bold]rich[/bold] \x1b[31mred\x1b[0m",
    "]]> &amp; <![CDATA[ x ]]>",
)


@dataclass(frozen=True)
class Shown:
    """A card as the channel carries it: the texts it sends, the labels to press, and what a reader then sees."""

    pieces: list[str]
    buttons: list[str]
    visible: str


@dataclass(frozen=True)
class Reply:
    """What came back for one message taken in: how it was received, and the words shown (None: nothing was shown)."""

    status: int
    visible: str | None


class ChannelContract(ABC):
    """What every channel keeps."""

    name: str
    limits: Limits

    @abstractmethod
    def show(self, card: Card) -> Shown:
        """Render a card as the channel does."""

    @abstractmethod
    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        """Bring in one message the way the vendor (or browser, or terminal) does, to the very end."""

    def hostile(self, app: App) -> Iterator[Callable[[], int]]:
        """Broken intakes, each to be called and to give the status it was refused with."""
        return iter(())

    @pytest.mark.parametrize("lang", LANGS)
    def test_every_card_is_shown_whole_and_within_the_limits(self, kb: KnowledgeBase, lang: Lang) -> None:
        for card_id in kb.cards:
            card = advice(kb, card_id, lang)
            shown = self.show(card)
            self._within_limits(shown, card_id)
            seen = _squeezed(shown.visible)
            for block in outline(card):
                if block.kind != "choices":
                    for line in block.lines:
                        assert _squeezed(line) in seen, f"{card_id} {lang}: {block.field} is not shown: {line}"

    @pytest.mark.parametrize("lang", LANGS)
    def test_questions_back_and_refusals_are_within_the_limits(self, kb: KnowledgeBase, lang: Lang) -> None:
        for card in (offer(kb, ["exclusivity-request", "casual-yes", "best-effort-promises"], lang), unknown(kb, lang)):
            shown = self.show(card)
            self._within_limits(shown, card.id)
            for choice in card.choices:
                assert _squeezed(choice.title) in _squeezed(shown.visible + "".join(shown.buttons))

    @pytest.mark.parametrize("hostile", HOSTILE_TEXTS)
    def test_markup_in_words_comes_out_as_words(self, hostile: str) -> None:
        card = Card(id="x", kind="advice", lang="en", title=hostile, text=hostile, say=[Ready(to="counterpart", text=hostile)])
        assert _squeezed(_readable(self.show(card).visible)).count(_squeezed(_readable(hostile))) >= 2

    def test_a_long_text_loses_nothing(self) -> None:
        long = " ".join(f"Sentence number {number} says something of its own." for number in range(400))
        shown = self.show(Card(id="x", kind="notice", lang="en", text=long))
        self._within_limits(shown, "long text")
        assert _squeezed(long) in _squeezed(shown.visible)

    def test_too_many_choices_become_numbered_lines(self) -> None:
        most = max(self.limits.most_buttons, 0)
        choices = [Choice(id=f"card:{number}", title=f"Way {number} on") for number in range(1, most + 4)]
        shown = self.show(Card(id="x", kind="choices", lang="en", text="Which?", choices=choices))
        assert len(shown.buttons) <= most
        if not shown.buttons:
            for number, choice in enumerate(choices, 1):
                assert re.search(rf"\b{number}\b\W*{re.escape(choice.title)}", shown.visible)

    def test_a_question_gets_its_card_and_a_number_the_choice(self, app: App) -> None:
        reply = self.take_in(app, "china problem", message_id="m1")
        assert reply.visible is not None
        second = self.take_in(app, "1", message_id="m2")
        assert second.visible is not None
        answered = self.take_in(app, "They asked for exclusivity, what do I say?", message_id="m3")
        assert answered.visible
        assert _squeezed(app.kb.cards["exclusivity-request"].verdict.en) in _squeezed(answered.visible)

    def test_chinese_is_answered_in_chinese(self, app: App) -> None:
        reply = self.take_in(app, "对方要独家代理，怎么办？", message_id="m1")
        assert reply.visible
        assert _squeezed(app.kb.cards["exclusivity-request"].verdict.zh) in _squeezed(reply.visible)

    @pytest.mark.parametrize("said", [*HOSTILE_TEXTS, "", " ", "😀😀", "\u0007\u0000", "x" * 100_000, "\u202e\u202e"])
    def test_whatever_is_typed_gets_an_answer_or_a_refusal_never_a_failure(self, app: App, said: str) -> None:
        assert self.take_in(app, said, message_id="m1").status < 500

    def test_broken_intakes_are_refused_and_keep_nothing(self, app: App) -> None:
        for attempt in self.hostile(app):
            status = attempt()
            assert 400 <= status < 500, status
        with reading(app.engine) as session:
            assert session.scalar(text("SELECT count(*) FROM inbounds")) == 0

    def test_no_words_of_people_reach_the_log(self, app: App, capsys: pytest.CaptureFixture[str]) -> None:
        with structlog.testing.capture_logs() as lines:
            self.take_in(app, "zebrafish marker: they asked for exclusivity", message_id="m1")
        assert lines
        assert "zebrafish" not in repr(lines)
        assert "zebrafish" not in capsys.readouterr().err

    def _within_limits(self, shown: Shown, what: str) -> None:
        for piece in shown.pieces:
            assert piece.strip(), f"{what}: an empty piece"
            assert self.limits.size(piece) <= self.limits.longest_text, f"{what}: a piece of {self.limits.size(piece)}"
        assert len(shown.buttons) <= max(self.limits.most_buttons, 0)
        assert all(len(button) <= self.limits.longest_button for button in shown.buttons)


class Repeated(ABC):
    """For channels whose vendor or client repeats a message under the same id."""

    @abstractmethod
    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        """As in ChannelContract."""

    def test_a_repeat_is_answered_once(self, app: App) -> None:
        first = self.take_in(app, "They asked for exclusivity, what do I say?", message_id="same")
        again = self.take_in(app, "They asked for exclusivity, what do I say?", message_id="same")
        assert again.status < 400
        assert again.visible in (first.visible, None)
        with reading(app.engine) as session:
            assert session.scalar(text("SELECT count(*) FROM inbounds")) == 1


class Signed(ABC):
    """For channels whose vendor signs what it sends."""

    @abstractmethod
    def forged(self, app: App) -> Iterator[tuple[str, Callable[[], int]]]:
        """(what is wrong, send it): no, wrong, old, future and replayed signatures."""

    @abstractmethod
    def rotated(self, app: App) -> Iterator[Callable[[], int]]:
        """The same message signed with the current and with the previous secret."""

    def test_nothing_forged_comes_in(self, app: App) -> None:
        for what, send in self.forged(app):
            assert 400 <= send() < 500, what
        with reading(app.engine) as session:
            assert session.scalar(text("SELECT count(*) FROM inbounds")) == 0

    def test_both_secrets_count_during_a_rotation(self, app: App) -> None:
        for send in self.rotated(app):
            assert send() == 200


class Pushed(ABC):
    """For channels that send: their vendor's answers become the four errors, and nothing is sent twice."""

    @abstractmethod
    def channel_that(self, fault: str) -> Channel:
        """The channel, its vendor answering so: `later`, `gone`, `refuses`, `drops the line`, `works`."""

    @pytest.mark.parametrize(
        ("fault", "error"), [("later", TryLater), ("gone", Unreachable), ("refuses", Rejected), ("drops the line", InDoubt)]
    )
    def test_the_vendors_answers_become_the_four_errors(self, fault: str, error: type[Exception]) -> None:
        channel = self.channel_that(fault)
        with pytest.raises(error):
            channel.send(self.an_address(), Card(id="x", kind="notice", lang="en", text="hello"), "k1")

    @abstractmethod
    def an_address(self):
        """An address of this channel."""


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _readable(text: str) -> str:
    """Without the characters that no channel shows: controls and direction marks."""
    return "".join(c for c in text if c.isprintable() or c.isspace())
