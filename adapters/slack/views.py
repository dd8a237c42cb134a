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

ASK, FORM, FOLLOWUP = "ask", "form", "followup"
"""Callback ids of our modals."""
MOST_FOLLOWUPS = 10
LONGEST_QUESTION = 3_000
"""Of a plain-text input (docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element, read 2026-11)."""


def home(
    lang: Lang,
    chosen: str | None,
    recent: Sequence[tuple[str, str]],
    followups: Sequence[tuple[str, str]] = (),
    tips: tuple[str, Sequence[tuple[str, str]]] = ("", ()),
) -> Json:
    """The Home tab; `chosen` is the language they set, `recent` (id, title) of cards, `followups` (choice, line).

    `tips`: how they come, and (choice, title) of what can be changed.
    """
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
        *_followups(lang, followups),
        *_tips(lang, *tips),
        blocks.rich(blocks.section(blocks.run(say("home.language", lang), bold=True))),
        blocks.actions("language", [_language(code, name, chosen == code) for code, name in languages]),
        blocks.actions("help", [blocks.button(say("home.help", lang), "command:help", "help")]),
    ]
    return {"type": "home", "blocks": shown[:100]}


def ask_modal(lang: Lang) -> Json:
    """The global shortcut's question."""
    field = _text("question", say("ask.label", lang), longest=LONGEST_QUESTION, hint=say("ask.hint", lang))
    field["element"]["multiline"] = True
    return blocks.modal(
        say("ask.title", lang),
        [field],
        close=say("cancel", lang),
        submit=say("send", lang),
        name=ASK,
        kept=json.dumps({"lang": lang}),
    )


def followup_modal(lang: Lang, place: str, about: str = "") -> Json:
    """A new follow-up: whose answer is awaited, about what, until when. `about` is the message it was begun from."""
    fields = [
        _text("who", say("followup.who", lang), longest=100),
        _text("what", say("followup.what", lang), longest=500, given=about[:500]),
        _text("when", say("followup.when", lang), longest=100, hint=say("followup.when.hint", lang)),
    ]
    kept = json.dumps({"lang": lang, "place": place})
    title = say("followup.title", lang)
    return blocks.modal(title, fields, close=say("cancel", lang), submit=say("send", lang), name=FOLLOWUP, kept=kept)


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


def typed_in(view: Mapping[str, Any], field: str = "question") -> str:
    """What was written into a field, as submitted."""
    values = (view.get("state") or {}).get("values") or {}
    return str((values.get(field) or {}).get("text", {}).get("value") or "")


def kept_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What we kept in the view."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _followups(lang: Lang, followups: Sequence[tuple[str, str]]) -> list[Json]:
    """What they wait for, each to press; the ways to all of them and to a new one."""
    shown: list[Json] = []
    if followups:
        shown.append(blocks.rich(blocks.section(blocks.run(say("home.followups", lang), bold=True))))
    for number, (choice, line) in enumerate(followups[:MOST_FOLLOWUPS]):
        shown.append(blocks.actions(f"followup:{number}", [blocks.button(line, choice, "followup")]))
    ways = [("home.followups.all", "command:followup-list", "followups"), ("home.followup.new", "followup:new", "new")]
    shown.append(blocks.actions("followups", [blocks.button(say(name, lang), value, action) for name, value, action in ways]))
    return shown


def _tips(lang: Lang, line: str, ways: Sequence[tuple[str, str]]) -> list[Json]:
    """How tips come, and what can be changed about it."""
    if not line:
        return []
    buttons = [blocks.button(title, choice, f"tips:{number}") for number, (choice, title) in enumerate(ways)]
    heading = blocks.rich(blocks.section(blocks.run(say("home.tips", lang), bold=True)))
    return [heading, *blocks.paragraphs([line]), blocks.actions("tips", buttons)]


def _text(name: str, label: str, *, longest: int, hint: str = "", given: str = "") -> Json:
    """A line to write; its block's id is `name`."""
    element: Json = {"type": "plain_text_input", "action_id": "text", "max_length": longest}
    if given:
        element["initial_value"] = given
    made: Json = {"type": "input", "block_id": name, "label": blocks.plain_text(label, 2_000), "element": element}
    return {**made, "hint": blocks.plain_text(hint, 2_000)} if hint else made


def _language(code: str, name: str, chosen: bool) -> Json:  # noqa: FBT001 - one of two looks
    made = blocks.button(name, f"lang:{code}", f"lang:{code}")
    return {**made, "style": "primary"} if chosen else made
