"""What does a curator want changed? One kind of data for each wish, and what it makes of a part of the layer. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from bot.curation.layer import WHOLE, Added, KnownQuestion
from bot.errors import Refused
from knowledge.schema import Identifier, Line120, Model


class _OfPhrasings(Model):
    intent: Line120
    phrasings: Added

    @property
    def part(self) -> str:
        """The part of the layer that it touches."""
        return f"phrasings:{self.intent}"


class AddPhrasings(_OfPhrasings):
    """People also ask for this card or command so; `intent` may be `out_of_scope`."""

    kind: Literal["add-phrasings"] = "add-phrasings"

    def on(self, now: Any) -> Any:
        """The part with those that it does not have yet."""
        had = Added.model_validate(now or {})
        return {lang: [*had.of(lang), *(t for t in self.phrasings.of(lang) if t not in had.of(lang))] for lang in ("en", "zh")}


class DropPhrasings(_OfPhrasings):
    """These added phrasings shall go again."""

    kind: Literal["drop-phrasings"] = "drop-phrasings"

    def on(self, now: Any) -> Any:
        """The part without them; None when nothing is left."""
        had = Added.model_validate(now or {})
        left = {lang: [text for text in had.of(lang) if text not in self.phrasings.of(lang)] for lang in ("en", "zh")}
        return left if left["en"] or left["zh"] else None


class PutCard(Model):
    """A card of the team's own, new or written anew; its fields are those of a card file."""

    kind: Literal["card"] = "card"
    card: dict[str, Any]

    @property
    def part(self) -> str:
        """The part of the layer that it touches."""
        return f"card:{self.card.get('id', '')}"

    def on(self, now: Any) -> Any:  # noqa: ARG002 - the new card counts, not the old
        """The card."""
        return self.card


class DropCard(Model):
    """A card of the team's own shall go."""

    kind: Literal["drop-card"] = "drop-card"
    card: Identifier

    @property
    def part(self) -> str:
        """The part of the layer that it touches."""
        return f"card:{self.card}"

    def on(self, now: Any) -> Any:
        """Nothing."""


class Hide(Model):
    """A shipped card shall not be given; or again (`hidden` false)."""

    kind: Literal["hide"] = "hide"
    card: Identifier
    hidden: bool = True

    @property
    def part(self) -> str:
        """The part of the layer that it touches."""
        return f"hidden:{self.card}"

    def on(self, now: Any) -> Any:  # noqa: ARG002 - whatever it was
        """Hidden or not."""
        return self.hidden or None


class PutText(Model):
    """Fields of a shipped card shall read otherwise; None brings a field's shipped text back."""

    kind: Literal["text"] = "text"
    card: Identifier
    fields: dict[str, Any]

    @property
    def part(self) -> str:
        """The part of the layer that it touches."""
        return f"text:{self.card}"

    def on(self, now: Any) -> Any:
        """The changed fields after it; None when all are as shipped."""
        return {name: value for name, value in {**(now or {}), **self.fields}.items() if value is not None} or None


class Expect(Model):
    """This question must stay understood; or no longer (`forget`)."""

    kind: Literal["question"] = "question"
    question: KnownQuestion
    forget: bool = False

    @property
    def part(self) -> str:
        """The part of the layer that it touches."""
        return "questions"

    def on(self, now: Any) -> Any:
        """The known questions after it."""
        others = [known for known in now or [] if known["text"] != self.question.text]
        return others if self.forget else [*others, self.question.model_dump()]


class Restore(Model):
    """A part shall be as it was before version `version`, which changed it."""

    kind: Literal["undo"] = "undo"
    version: int
    name: Line120
    value: Any = None

    @property
    def part(self) -> str:
        """The part of the layer that it touches."""
        return self.name

    def on(self, now: Any) -> Any:  # noqa: ARG002 - whatever it became
        """What it was."""
        return self.value


class Import(Model):
    """The whole layer shall be this one."""

    kind: Literal["import"] = "import"
    layer: dict[str, Any]

    @property
    def part(self) -> str:
        """All parts."""
        return WHOLE

    def on(self, now: Any) -> Any:  # noqa: ARG002 - whatever it was
        """The given layer."""
        return self.layer


Change = Annotated[
    AddPhrasings | DropPhrasings | PutCard | DropCard | Hide | PutText | Expect | Restore | Import, Field(discriminator="kind")
]
_ANY: TypeAdapter[Any] = TypeAdapter(Change)


def change_from(data: Any) -> Change:
    """A change from plain data such as a form or JSON. Raises Refused naming every field that is wrong."""
    try:
        return _ANY.validate_python(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise Refused("; ".join(f"{'.'.join(map(str, item['loc'][1:])) or 'kind'}: {item['msg']}" for item in wrong)) from None
