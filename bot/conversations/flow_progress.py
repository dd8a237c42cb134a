"""Where does a decision flow stand in a conversation?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from bot.conversations import flow as thinking
from bot.conversations.turn import Turn


@dataclass
class Progress:
    """Where a flow stands.

    `asked` are facts in the order they were asked, what "back" goes back over; `current` is asked now (None: a verdict was
    given); `since` counts questions since the last verdict offered, `unclear` answers in a row that fitted no value;
    `paused` was open when the person turned to something else; before anything is `answered`, "why?" is about the card.
    """

    flow: str
    facts: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    current: str | None = None
    since: int = 0
    unclear: int = 0
    paused: str | None = None
    answered: bool = False

    @classmethod
    def of(cls, turn: Turn) -> Progress | None:
        """The flow that runs in this conversation; None without one, or when its file has gone or changed."""
        stored = turn.state.flow
        if not stored or stored.get("flow") not in turn.kb.flows:
            return None
        progress = cls(**{k: v for k, v in stored.items() if k in cls.__dataclass_fields__})
        try:
            thinking.checked(turn.kb.flows[progress.flow], progress.facts)
        except thinking.BadFacts:
            return None
        return progress

    def keep(self, turn: Turn) -> None:
        """Store it with the conversation."""
        turn.state.flow = asdict(self)
