"""Which shape a card, a command and the out-of-scope list must have.

Pure data classes (pydantic). Length limits are those of the writing standard: a card is read on a
phone between two messages. Every text stands in English and Chinese side by side, so that a missing
twin is an error at load, not a surprise in Shanghai.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
ClaimId = Annotated[str, StringConstraints(pattern=r"^S[0-9]-[0-9]{2}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line60 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Line120 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Line160 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]
Line200 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Line240 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=240)]
Line400 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class Model(BaseModel):
    """Strict base: an unknown field is a spelling mistake and is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text60(Model):
    """A short label in both languages, at most 60 characters each."""

    en: Line60
    zh: Line60


class Text120(Model):
    """One line in both languages, at most 120 characters each."""

    en: Line120
    zh: Line120


class Text240(Model):
    """One or two lines in both languages, at most 240 characters each."""

    en: Line240
    zh: Line240


class Note(Model):
    """Marks a line as the curator's, not the article's, and names where it comes from.

    `source` is a document with publisher and date, or "curators' judgement" when the line states no fact.
    """

    source: Line200


class Verdict(Model):
    """The answer in one sentence; `kind` is one of the guarded kinds of verdicts.yaml."""

    kind: Identifier
    en: Line200
    zh: Line200


class Reason(Model):
    """One reason, tied to claims of the articles or marked as a curator's note (one of the two)."""

    en: Line160
    zh: Line160
    claims: list[ClaimId] = Field(default_factory=list)
    note: Note | None = None


class Ready(Model):
    """A ready message, to copy as it is; slots stand in {braces}."""

    to: Literal["counterpart", "boss", "team"] = "counterpart"
    en: Line400
    zh: Line400


class Caveat(Model):
    """When the advice does not hold, or what has changed since the article was written."""

    en: Line240
    zh: Line240
    note: Note | None = None


class Review(Model):
    """Who last read the card in full, and when."""

    by: Line60
    date: dt.date


class Phrasings(Model):
    """Ways of asking, by language: what understanding is trained on."""

    en: list[Line]
    zh: list[Line]

    def of(self, lang: Lang) -> list[str]:
        """The phrasings in one language."""
        return self.en if lang == "en" else self.zh


class Card(Model):
    """One piece of advice: verdict, reasons, what to do, what to say, and how people ask for it."""

    id: Identifier
    theme: Identifier
    title: Text60
    verdict: Verdict
    because: Annotated[list[Reason], Field(min_length=1, max_length=4)]
    do: Annotated[list[Text120], Field(min_length=2, max_length=5)]
    avoid: Annotated[list[Text120], Field(min_length=2, max_length=5)]
    say: Annotated[list[Ready], Field(min_length=1, max_length=3)]
    ask: Annotated[list[Text120], Field(min_length=1, max_length=4)]
    watch_for: Annotated[list[Text120], Field(min_length=1, max_length=5)]
    unless: Annotated[list[Caveat], Field(min_length=1, max_length=4)]
    tips: Annotated[list[Text240], Field(min_length=2, max_length=3)]
    near: dict[Identifier, Text120]
    flow: Identifier | None = None
    claims: Annotated[list[ClaimId], Field(min_length=1)]
    reviewed: Review
    phrasings: Phrasings

    def given_claims(self) -> set[str]:
        """The claims that a reason of this card really gives, a subset of what it promises."""
        return {claim for reason in self.because for claim in reason.claims}


class Command(Model):
    """Something the coach does rather than advises; recognised in the same door as the cards."""

    id: Identifier
    title: Text60
    phrasings: Phrasings


class Aspect(Model):
    """Something people ask about the card before them; shows some of its fields."""

    id: Identifier
    fields: Annotated[list[str], Field(min_length=1)]
    title: Text60
    phrasings: Phrasings


class Theme(Model):
    """A shelf of cards."""

    id: Identifier
    title: Text60


class VerdictKind(Model):
    """A guarded kind of verdict: its label and whether it means go, take care or stop."""

    id: Identifier
    signal: Literal["go", "care", "stop"]
    label: Text60


class Source(Model):
    """An article the claims come from."""

    id: Annotated[str, StringConstraints(pattern=r"^S[0-9]$")]
    title: Line200
    author: Line60
    publisher: Line60


class Claim(Model):
    """One piece of advice of an article, in our own words."""

    id: ClaimId
    at: Line60
    says: Line240

    @property
    def source(self) -> str:
        """Id of the article."""
        return self.id[:2]
