"""What is said? Own words in both languages, a card, a tip, or the tips of a theme in turn; as cards, one a language. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot.broadcasts.ports import Ports
from bot.errors import NotThere, Refused
from bot.messages import Card, Choice, Lang

LANGS: tuple[Lang, ...] = ("en", "zh")
LONGEST = 20_000
"""Characters of own words; what a channel can carry is told by the preview."""
NAMES: dict[str, dict[Lang, str]] = {
    "useful": {"en": "Useful", "zh": "有用"},
    "not": {"en": "Not for me", "zh": "对我没用"},
    "stop": {"en": "No more", "zh": "不再接收"},
}
"""At most ten characters each: what a button of WeCom shows."""


def written(ports: Ports, *, en: str = "", zh: str = "", card: str = "", tip: str = "", theme: str = "") -> dict[str, str]:
    """What a draft says, checked. Raises Refused, NotThere for a card, tip or theme that there is not."""
    own = bool(en.strip() or zh.strip())
    if sum(map(bool, (own, card, tip, theme))) != 1:
        raise Refused("say one thing: own words in both languages, a card, a tip, or the tips of a theme")
    if own:
        for lang, text in (("en", en), ("zh", zh)):
            if not text.strip():
                raise Refused(
                    "the English text is empty" if lang == "en" else "the Chinese text is empty: both languages are read"
                )
            if len(text) > LONGEST:
                raise Refused(f"the text is too long: {len(text)} characters, at most {LONGEST}")
        return {lang: _storable(text.strip()) for lang, text in (("en", en), ("zh", zh))}
    if theme:
        if not ports.tips_of(theme):
            raise NotThere(f"there is no theme {theme}")
        return {"theme": theme}
    kind, name = ("card", card) if card else ("tip", tip)
    if ports.content(kind, name, "en") is None:
        raise NotThere(f"there is no {kind} {name}")
    return {kind: name}


def next_of(content: Mapping[str, Any], used: Sequence[str], ports: Ports) -> str | None:
    """The card or tip that the next run carries: of a theme the one least used so far; None for own words."""
    if "theme" in content:
        times = Counter(used)
        tips = ports.tips_of(content["theme"])
        if not tips:
            raise NotThere("this theme has no tips any more")
        return min(tips, key=lambda tip: (times[tip], tips.index(tip)))
    return content.get("card") or content.get("tip")


def cards(content: Mapping[str, Any], name: str | None, run_id: str, ports: Ports) -> dict[Lang, Card]:
    """Its card in each language, with what can be said to it. Raises NotThere when a card or tip is gone."""
    if name is None:
        return {
            lang: Card(id="broadcast", kind="notice", lang=lang, text=content[lang], choices=_choices(run_id, lang))
            for lang in LANGS
        }
    found: dict[Lang, Card] = {}
    for lang in LANGS:
        card = ports.content("card" if "card" in content else "tip", name, lang)
        if card is None:
            raise NotThere(f"there is no {'card' if 'card' in content else 'tip'} {name} any more")
        own = [choice for choice in card.choices if not choice.id.startswith("vote:")]
        found[lang] = card.model_copy(update={"choices": [*own, *_choices(run_id, lang)]})
    return found


def _choices(run_id: str, lang: Lang) -> list[Choice]:
    return [Choice(id=f"bc:{word}:{run_id}", title=titles[lang]) for word, titles in NAMES.items()]


def _storable(text: str) -> str:
    """Half characters and NUL, which no database can hold, become replacement marks."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
