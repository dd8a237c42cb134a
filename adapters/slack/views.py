"""What do the Home tab and the forms look like, and is a submitted form complete? Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack import blocks
from adapters.slack.blocks import Json
from adapters.slack.ports import Form
from adapters.slack.words import EXAMPLES, say
from bot.messages import Lang

ASK, FORM = "ask", "form"
"""Callback ids of our modals."""
LONGEST_QUESTION = 3_000
"""Of a plain-text input (docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element, read 2026-11)."""


def home(lang: Lang, chosen: str | None, recent: Sequence[tuple[str, str]]) -> Json:
    """The Home tab; `chosen` is the language they set, `recent` (id, title) of cards they looked at."""
    languages = [("en", "English"), ("zh", "中文")]
    shown = [
        blocks.header("Caucus"),
        *blocks.paragraphs([say("home.hello", lang), say("home.how", lang)]),
        blocks.rich(blocks.section(blocks.run(say("home.ask", lang), bold=True))),
        blocks.actions(
            "examples", [blocks.button(title, f"ask:{said}", f"example:{n}") for n, (title, said) in enumerate(EXAMPLES[lang])]
        ),
    ]
    if recent:
        shown.append(blocks.rich(blocks.section(blocks.run(say("home.recent", lang), bold=True))))
        shown += [
            blocks.actions(f"recent:{n}", [blocks.button(title, f"card:{card}", "card")])
            for n, (card, title) in enumerate(recent)
        ]
    shown += [
        {"type": "divider"},
        blocks.rich(blocks.section(blocks.run(say("home.language", lang), bold=True))),
        blocks.actions("language", [_language(code, name, chosen == code) for code, name in languages]),
        blocks.actions("help", [blocks.button(say("home.help", lang), "command:help", "help")]),
    ]
    return {"type": "home", "blocks": shown[:100]}


def ask_modal(lang: Lang) -> Json:
    """The global shortcut's question."""
    field = {
        "type": "input",
        "block_id": "question",
        "label": blocks.plain_text(say("ask.label", lang), 2_000),
        "hint": blocks.plain_text(say("ask.hint", lang), 2_000),
        "element": {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": LONGEST_QUESTION},
    }
    return blocks.modal(
        say("ask.title", lang),
        [field],
        close=say("cancel", lang),
        submit=say("send", lang),
        name=ASK,
        kept=json.dumps({"lang": lang}),
    )


def form_modal(form: Form, lang: Lang, place: str) -> Json:
    """A flow as one form: every question may be left open."""
    fields: list[Json] = []
    for field in form.fields[:95]:
        options = [
            {"text": blocks.plain_text(label, blocks.LONGEST_OPTION), "value": value} for value, label in field.values[:100]
        ]
        fields.append(
            {
                "type": "input",
                "optional": True,
                "block_id": f"fact:{field.id}"[:255],
                "label": blocks.plain_text(field.question, 2_000),
                "element": {"type": "static_select", "action_id": "value", "options": options},
            }
        )
    kept = json.dumps({"flow": form.flow, "place": place, "lang": lang})
    return blocks.modal(form.title, fields, close=say("cancel", lang), submit=say("send", lang), name=FORM, kept=kept)


def errors_in(payload: Mapping[str, Any]) -> Json | None:
    """What Slack shows beside the fields of a form that cannot be taken; None when it can."""
    view = payload["view"]
    if view.get("callback_id") == FORM and not chosen_in(view):
        lang: Lang = "zh" if kept_in(view).get("lang") == "zh" else "en"
        first = next((block["block_id"] for block in view.get("blocks", []) if block.get("type") == "input"), "")
        return {"response_action": "errors", "errors": {first: say("form.empty", lang)}}
    return None


def chosen_in(view: Mapping[str, Any]) -> dict[str, str]:
    """Fact → value, as submitted."""
    values = (view.get("state") or {}).get("values") or {}
    found = {name.removeprefix("fact:"): (field.get("value") or {}).get("selected_option") for name, field in values.items()}
    return {name: str(option["value"]) for name, option in found.items() if option}


def typed_in(view: Mapping[str, Any]) -> str:
    """The question, as submitted."""
    values = (view.get("state") or {}).get("values") or {}
    return str((values.get("question") or {}).get("text", {}).get("value") or "")


def kept_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What we kept in the view."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _language(code: str, name: str, chosen: bool) -> Json:  # noqa: FBT001 - one of two looks
    made = blocks.button(name, f"lang:{code}", f"lang:{code}")
    return {**made, "style": "primary"} if chosen else made
