"""Would Slack take these blocks? The limits of Block Kit, also those that slack_sdk's models do not check.

Source: docs.slack.dev/reference/block-kit, /surfaces/modals, /methods/chat.postMessage (read 2026-11).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from slack_sdk.models.blocks import Block

KNOWN = {"actions", "context", "divider", "header", "image", "input", "rich_text", "section"}
TEXT_OF_MESSAGE, TEXT_OF_BLOCKS = 4_000, 12_000


def message_problems(text: str, blocks: list[dict[str, Any]]) -> list[str]:
    """What Slack would refuse in a message."""
    found = blocks_problems(blocks, 50)
    if not text.strip():
        found.append("no text beside the blocks")
    if units(text) > TEXT_OF_MESSAGE:
        found.append(f"text of {units(text)}")
    if sum(units(words(block)) for block in blocks) > TEXT_OF_BLOCKS:
        found.append("msg_blocks_too_long")
    return found


def view_problems(view: dict[str, Any]) -> list[str]:
    """What Slack would refuse in a modal or a Home tab."""
    found = blocks_problems(view["blocks"], 100)
    if view["type"] == "modal":
        for name in ("title", "close", "submit"):
            if name in view and not 1 <= units(view[name]["text"]) <= 24:
                found.append(f"{name} of a modal")
        if "title" not in view:
            found.append("a modal without title")
        if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
            found.append("inputs without submit")
    if len(view.get("private_metadata", "")) > 3_000 or len(view.get("callback_id", "")) > 255:
        found.append("metadata or callback id too long")
    return found


def blocks_problems(blocks: list[dict[str, Any]], most: int) -> list[str]:
    """What Slack would refuse in a list of blocks."""
    found: list[str] = []
    if not 1 <= len(blocks) <= most:
        found.append(f"{len(blocks)} blocks")
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    found += [f"block_id {name} twice" for name, times in ids.items() if times > 1]
    for block in blocks:
        if block.get("type") not in KNOWN:
            found.append(f"block type {block.get('type')}")
            continue
        found += _block(block)
    try:
        for parsed in Block.parse_all(blocks):
            parsed.to_dict()
    except Exception as error:  # noqa: BLE001 - whatever a model says of its own blocks
        found.append(f"slack_sdk: {error}")
    return found


def words(block: dict[str, Any]) -> str:
    """All texts of a block."""
    if block.get("type") in ("text", "plain_text", "mrkdwn"):
        return block["text"]
    inner = [block.get(name) for name in ("text", "label", "hint", "element")]
    listed = [*block.get("elements", []), *block.get("options", []), *(each for each in inner if isinstance(each, dict))]
    return "\n".join(words(each) for each in listed)


def units(text: str) -> int:
    """Length in UTF-16 units, the most that Slack may count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _block(block: dict[str, Any]) -> list[str]:
    found: list[str] = []
    if len(block.get("block_id", "x")) > 255:
        found.append("block_id too long")
    if block["type"] == "header" and not 1 <= units(block["text"]["text"]) <= 150:
        found.append("header")
    if block["type"] == "section" and not 1 <= units(block["text"]["text"]) <= 3_000:
        found.append("section")
    if block["type"] == "rich_text":
        found += _rich(block)
        if units(words(block)) > 3_000:
            found.append(f"rich text of {units(words(block))}")
    if block["type"] == "actions":
        elements = block["elements"]
        if not 1 <= len(elements) <= 25:
            found.append(f"{len(elements)} elements")
        if len({element["action_id"] for element in elements}) != len(elements):
            found.append("action_id twice")
        for element in elements:
            if not 1 <= units(element["text"]["text"]) <= 75 or len(element.get("value", "")) > 2_000:
                found.append("button")
    if block["type"] == "input":
        element = block["element"]
        if not 1 <= units(block["label"]["text"]) <= 2_000:
            found.append("label")
        for option in element.get("options", []):
            if not 1 <= units(option["text"]["text"]) <= 75 or not 1 <= len(option["value"]) <= 150:
                found.append("option")
        if element["type"] == "static_select" and not 1 <= len(element["options"]) <= 100:
            found.append("options")
    return found


def _rich(element: dict[str, Any]) -> list[str]:
    found: list[str] = []
    if "elements" in element and not element["elements"]:
        found.append(f"an empty {element['type']}")
    if element.get("type") == "text" and not element["text"]:
        found.append("an empty text")
    for each in element.get("elements", []):
        found += _rich(each)
    return found
