"""A card as a form, and back: two languages side by side, a list as lines. Pure; whether it is right, the house decides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

SINGLE = ("title", "verdict")
LISTS = ("because", "do", "avoid", "say", "ask", "watch_for", "unless", "tips")
PAIRED = (*SINGLE, *LISTS)
LANGS = ("en", "zh")
CHOSEN = ("theme", "kind")
OWN_FIELDS = ("phrasings_en", "phrasings_zh")
FIELDS = (*CHOSEN, *(f"{name}_{lang}" for name in PAIRED for lang in LANGS), *OWN_FIELDS)
JUDGEMENT = {"source": "curators' judgement"}
"""What a reason or exception rests on that names no claim of an article."""
LONGEST_ID = 48


def card_of(form: Mapping[str, str], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields of a card from a form; claims, notes and readers of lines that were there stay with their place."""
    old = before or {}
    made: dict[str, Any] = {
        "title": _pair(form, "title"),
        "verdict": {"kind": form.get("kind", ""), **_pair(form, "verdict")},
        **{name: _lines(form, name, old.get(name, [])) for name in LISTS},
    }
    if "theme" in form:
        made["theme"] = form["theme"]
    return made


def own_card(form: Mapping[str, str], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A whole card of the team's own; a new one is named by its English title."""
    phrasings = {lang: lines_of(form.get(f"phrasings_{lang}", "")) for lang in LANGS}
    kept = {name: (before or {}).get(name) for name in ("near", "claims", "flow") if (before or {}).get(name)}
    name = (before or {}).get("id") or named(form.get("title_en", ""))
    return {"id": name, "near": {}, **kept, **card_of(form, before), "phrasings": phrasings}


def changed_texts(form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a shipped card that read otherwise in the form."""
    made = card_of(form, before)
    return {name: made[name] for name in PAIRED if _words(made[name]) != _words(before.get(name))}


def values_of(card: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the form for a card."""
    found = {"theme": str(card.get("theme", "")), "kind": str((card.get("verdict") or {}).get("kind", ""))}
    for lang in LANGS:
        for name in SINGLE:
            found[f"{name}_{lang}"] = (card.get(name) or {}).get(lang, "")
        for name in LISTS:
            found[f"{name}_{lang}"] = "\n".join(" ".join(line[lang].split()) for line in card.get(name) or [])
        found[f"phrasings_{lang}"] = "\n".join((card.get("phrasings") or {}).get(lang, []))
    return found


def named(title: str) -> str:
    """An id out of an English title, in the form that ids have."""
    words = re.findall(r"[a-z0-9]+", title.casefold())
    while words and not words[0][0].isalpha():
        words.pop(0)
    return "-".join(words)[:LONGEST_ID].strip("-")


def _pair(form: Mapping[str, str], name: str) -> dict[str, str]:
    return {lang: form.get(f"{name}_{lang}", "").strip() for lang in LANGS}


def _lines(form: Mapping[str, str], name: str, before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    english, chinese = (lines_of(form.get(f"{name}_{lang}", "")) for lang in LANGS)
    made: list[dict[str, Any]] = []
    for n, (en, zh) in enumerate(zip_longest(english, chinese, fillvalue="")):
        same = before[n] if n < len(before) and len(before) == max(len(english), len(chinese)) else None
        rest = {key: value for key, value in (same or {}).items() if key not in LANGS and value}
        if name in ("because", "unless") and not rest:
            rest = {"note": JUDGEMENT}
        made.append({**rest, "en": en, "zh": zh})
    return made


def lines_of(text: str) -> list[str]:
    """What is written line by line, without empty ones."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _words(value: Any) -> Any:
    """What a reader reads of a field, lines folded as the form folds them."""
    if isinstance(value, list):
        return [_words(each) for each in value]
    if isinstance(value, Mapping):
        return {key: " ".join(str(value.get(key, "")).split()) for key in (*LANGS, "kind") if key in value}
    return value
