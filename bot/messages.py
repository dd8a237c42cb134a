"""What goes in and what comes out: one thing a person said, and the cards shown in answer.

Pure data, the same for every channel. An outgoing `Card` is in one language and knows nothing of markup;
its users' words are text, never markup.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Lang = Literal["en", "zh"]
Decision = Literal["sure", "ask", "unknown"]
LONGEST_UTTERANCE = 8_000
"""Characters of one message that are read; what is longer is cut, and the person is told."""


class Model(BaseModel):
    """Frozen, strict data."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Model):
    """Where a person is reached on one channel: `web:ID`, `slack:TEAM/USER`, `api:KEY`."""

    channel: str
    external_id: str
    workspace: str = ""
    """The vendor's id of the tenant (Slack team, WeCom corp); empty where the channel has none."""
    place: str = ""
    """Where to speak to them, in the channel's own words (a thread, a room); empty: to them alone. Not who they are."""

    def __str__(self) -> str:
        """`channel:external_id`, the name people and operators use."""
        return f"{self.channel}:{self.external_id}"


class Inbound(Model):
    """One thing a person said or pressed.

    `message_id` is the vendor's (or client's) id, unique per address: the same one again is a repeat.
    `room` tells conversations of one person apart (a thread, a browser session).
    `choice` is the id of a pressed choice; then `text` may be empty.
    """

    address: Address
    message_id: str = Field(min_length=1, max_length=200)
    text: str = ""
    choice: str = Field(default="", max_length=200)
    room: str = Field(default="", max_length=200)
    place: str = Field(default="", max_length=200)
    """Where the answer is to go, see Address; on channels that push."""
    quoted: bool = False
    """The words are somebody else's, and the person wants to be coached on them."""
    outsider: bool = False
    """The person is of another organisation: told only what is public, and nothing of them is kept for others to see."""
    lang: Lang | None = None
    """Force the language of the answer; otherwise it follows the message and what the person chose."""
    usual_lang: Lang = "en"
    """What to speak when neither the person nor the words tell: the language of the channel's people."""
    opens: str = Field(default="", max_length=40)
    """The window of the channel's `Limits` that this opens."""
    received_at: dt.datetime
    zone: str = Field(default="", max_length=64)
    """The time zone the channel knows the person's device or profile to be in; taken until they say another."""

    @field_validator("text", "choice", "room", "place", "message_id", mode="before")  # pydantic itself refuses half characters
    @classmethod
    def _can_be_stored(cls, value: object) -> object:
        """Half characters and NUL, which neither UTF-8 nor PostgreSQL can hold, become replacement marks."""
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd") if isinstance(value, str) else value


class Choice(Model):
    """Something to press or, where there are no buttons, to answer with its number."""

    id: str
    title: str


class Remark(Model):
    """A line with where it comes from: claims of the articles, or the source of a curator's note."""

    text: str
    claims: list[str] = Field(default_factory=list)
    note: str = ""


class Ready(Model):
    """Words to copy and send; `to` is counterpart, boss or team."""

    to: str
    text: str


class Source(Model):
    """An article behind the card."""

    id: str
    title: str
    author: str
    publisher: str


class Card(Model):
    """What people see in answer: advice, a list to choose from, a question, or a plain notice."""

    id: str
    kind: Literal["advice", "choices", "notice", "question", "result"]
    lang: Lang
    title: str = ""
    text: str = ""
    """Plain words; paragraphs are parted by an empty line."""
    verdict: str = ""
    verdict_kind: str = ""
    verdict_label: str = ""
    signal: Literal["", "go", "care", "stop"] = ""
    because: list[Remark] = Field(default_factory=list)
    do: list[str] = Field(default_factory=list)
    avoid: list[str] = Field(default_factory=list)
    say: list[Ready] = Field(default_factory=list)
    ask: list[str] = Field(default_factory=list)
    watch_for: list[str] = Field(default_factory=list)
    unless: list[Remark] = Field(default_factory=list)
    conditions: list[str] = Field(default_factory=list)
    """On what the verdict of a flow rests."""
    document: str = ""
    """A page to copy or forward: a flow's summary or a planner's document."""
    sources: list[Source] = Field(default_factory=list)
    choices: list[Choice] = Field(default_factory=list)


class Answer(Model):
    """Everything one inbound led to; stored, so that a repeat gets the very same."""

    conversation: str
    decision: Decision
    intent: str | None = None
    confidence: float = 0.0
    choices: list[Choice] = []
    """The intents offered when the coach asks back."""
    cards: list[Card]
    asks: dict[str, Any] | None = None
    """The flow's question that is open now: flow, fact, question, values."""
    result: dict[str, Any] | None = None
    """What a flow came to."""
    delivery: str = ""
    """Of cards that came unasked: the delivery that carried them."""


class Exchange(Model):
    """One thing that was said, and its answer, as they are kept."""

    at: dt.datetime
    said: str
    """The words, or what stood on the button that was pressed; empty of what came unasked."""
    answer: Answer
    message_id: str = ""
    forgotten: bool = False
    """The words are no longer kept; the answer is."""
    vote: bool = False
    """A word on a card rather than a question."""
