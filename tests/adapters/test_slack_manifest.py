"""The manifest is what Slack takes and what the code does; the doctor names what is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.slack import oauth, read, surfaces
from bot.cli.doctor_slack import looks
from bot.errors import Refused
from tests.adapters.slack_site import many_workspaces, one_workspace
from tests.conftest import REPO
from tests.fakes.slack import FakeSlack

FILE = REPO / "deploy" / "slack" / "manifest.yaml"
EVENTS = {
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "tokens_revoked",
}
"""Names of Slack's that the schema does not check (docs.slack.dev/reference/events, read 2026-11)."""
NEEDED = {
    "app_mention": "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history",
    "message.im": "im:history", "app_home_opened": "", "app_uninstalled": "", "tokens_revoked": "",
}  # fmt: skip
"""Event → the scope it needs."""
KEYS = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
    "display_information": {"name", "description", "background_color", "long_description"},
    "features": {"app_home", "bot_user", "agent_view", "shortcuts", "slash_commands"},
    "oauth_config": {"redirect_urls", "scopes"},
    "settings": {"event_subscriptions", "interactivity", "org_deploy_enabled", "socket_mode_enabled", "token_rotation_enabled"},
}
"""Of the schema 2.0.0, which refuses others."""
HTTP = r"^https?://"
RULES: dict[str, tuple[type, int, int, str]] = {
    "_metadata.major_version": (int, 0, 0, ""),
    "_metadata.minor_version": (int, 0, 0, ""),
    "display_information.name": (str, 1, 35, ""),
    "display_information.description": (str, 1, 140, ""),
    "display_information.long_description": (str, 175, 4_000, ""),
    "display_information.background_color": (str, 4, 7, "^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"),
    "features.app_home.home_tab_enabled": (bool, 0, 0, ""),
    "features.app_home.messages_tab_enabled": (bool, 0, 0, ""),
    "features.app_home.messages_tab_read_only_enabled": (bool, 0, 0, ""),
    "features.bot_user.display_name": (str, 1, 80, ""),
    "features.bot_user.always_online": (bool, 0, 0, ""),
    "features.agent_view.agent_description": (str, 0, 300, ""),
    "features.agent_view.suggested_prompts": (list, 0, 4, ""),
    "features.agent_view.suggested_prompts.*.title": (str, 0, 10_000, ""),
    "features.agent_view.suggested_prompts.*.message": (str, 0, 10_000, ""),
    "features.shortcuts": (list, 1, 10, ""),
    "features.shortcuts.*.name": (str, 1, 24, ""),
    "features.shortcuts.*.type": (str, 1, 7, "^(message|global)$"),
    "features.shortcuts.*.callback_id": (str, 1, 255, ""),
    "features.shortcuts.*.description": (str, 1, 150, ""),
    "features.slash_commands": (list, 1, 50, ""),
    "features.slash_commands.*.command": (str, 2, 32, "^/"),
    "features.slash_commands.*.url": (str, 1, 3_000, HTTP),
    "features.slash_commands.*.description": (str, 1, 2_000, ""),
    "features.slash_commands.*.usage_hint": (str, 1, 1_000, ""),
    "features.slash_commands.*.should_escape": (bool, 0, 0, ""),
    "oauth_config.redirect_urls": (list, 0, 1_000, ""),
    "oauth_config.redirect_urls.*": (str, 1, 2_000, HTTP),
    "oauth_config.scopes.bot": (list, 0, 255, ""),
    "oauth_config.scopes.bot.*": (str, 1, 255, ""),
    "settings.event_subscriptions.request_url": (str, 1, 3_500, HTTP),
    "settings.event_subscriptions.bot_events": (list, 1, 100, ""),
    "settings.event_subscriptions.bot_events.*": (str, 1, 255, ""),
    "settings.interactivity.is_enabled": (bool, 0, 0, ""),
    "settings.interactivity.request_url": (str, 1, 3_500, HTTP),
    "settings.org_deploy_enabled": (bool, 0, 0, ""),
    "settings.socket_mode_enabled": (bool, 0, 0, ""),
    "settings.token_rotation_enabled": (bool, 0, 0, ""),
}
"""The rules of Slack's schema 2.0.0 (github.com/slackapi/manifest-schema, read 2026-11) for all that we use:
type, least and most characters or entries, pattern. Any other key of these objects is refused there, and here."""


def broken_rules(value: Any, path: str = "") -> list[str]:
    """Where a manifest breaks a rule."""
    found: list[str] = []
    if path in RULES:
        kind, least, most, pattern = RULES[path]
        if type(value) is not kind:
            return [f"{path}: is no {kind.__name__}"]
        if kind in (str, list) and not least <= len(value) <= most:
            found.append(f"{path}: {len(value)} is not between {least} and {most}")
        if pattern and not re.search(pattern, value):
            found.append(f"{path}: does not read {pattern}")
    elif not isinstance(value, dict) and not (isinstance(value, list) or f"{path}.*" in RULES):
        found.append(f"{path}: there is no such key")
    if path and isinstance(value, dict) and not any(rule.startswith(f"{path}.") for rule in RULES):
        found.append(f"{path}: there is no such key")
    parts = value.items() if isinstance(value, dict) else (("*", each) for each in value) if isinstance(value, list) else ()
    return found + [rule for name, each in parts for rule in broken_rules(each, f"{path}.{name}".lstrip("."))]


@pytest.fixture
def manifest() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text("utf-8"))


def test_it_has_the_schemas_keys_and_lengths(manifest: dict[str, Any]) -> None:
    for part, known in KEYS.items():
        assert set(manifest[part] if part else manifest) == known, part
    about, features = manifest["display_information"], manifest["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4_000
    assert re.fullmatch(r"#[0-9a-fA-F]{6}", about["background_color"])
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert 1 <= len(features["agent_view"]["suggested_prompts"]) <= 4
    assert all(set(prompt) == {"title", "message"} for prompt in features["agent_view"]["suggested_prompts"])
    for shortcut in features["shortcuts"]:
        assert set(shortcut) == {"name", "type", "callback_id", "description"}
        assert shortcut["type"] in ("message", "global")
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z]{1,31}", command["command"])
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000


def test_it_keeps_every_rule_of_slacks_schema(manifest: dict[str, Any]) -> None:
    assert broken_rules(manifest) == []


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("features", "shortcuts", 0, "name"), "Coach me on this very message", "features.shortcuts.*.name: 29"),
        (("features", "shortcuts", 0, "kind"), "message", "features.shortcuts.*.kind: there is no such key"),
        (("features", "slash_commands", 0, "command"), "coach", "features.slash_commands.*.command: does not read"),
        (("settings", "socket_mode_enabled"), "false", "settings.socket_mode_enabled: is no bool"),
        (("settings", "event_subscriptions", "request_url"), "caucus.example.com", "request_url: does not read"),
        (("display_information", "long_description"), "short", "long_description: 5 is not"),
        (("oauth_config", "scope"), {"bot": []}, "oauth_config.scope: there is no such key"),
    ],
)
def test_a_broken_rule_would_be_found(manifest: dict[str, Any], path: tuple[Any, ...], value: Any, rule: str) -> None:
    place = manifest
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert any(rule in found for found in broken_rules(manifest)), broken_rules(manifest)


def test_only_one_of_the_two_views_for_ai_apps_is_used(manifest: dict[str, Any]) -> None:
    assert "assistant_view" not in manifest["features"]


def test_every_address_is_ours_and_of_a_route_we_have(manifest: dict[str, Any]) -> None:
    found = re.findall(r"https?://[^\s]+", FILE.read_text("utf-8").partition("_metadata")[2])
    assert len(found) == 4
    assert {address.removeprefix("https://caucus.example.com") for address in found} == {"/slack/events", "/slack/oauth_redirect"}


def test_events_exist_are_handled_and_have_their_scope(manifest: dict[str, Any]) -> None:
    events, scopes = manifest["settings"]["event_subscriptions"]["bot_events"], manifest["oauth_config"]["scopes"]["bot"]
    assert len(events) == len(set(events))
    assert set(events) == EVENTS
    assert {event.partition(".")[0] for event in events} == read.EVENTS
    assert {NEEDED[event] for event in events} - {""} <= set(scopes)


def test_scopes_are_those_we_ask_for_and_each_says_why(manifest: dict[str, Any]) -> None:
    assert tuple(manifest["oauth_config"]["scopes"]["bot"]) == oauth.SCOPES
    for scope in oauth.SCOPES:
        assert re.search(rf"- {re.escape(scope)} # \w.{{10,}}", FILE.read_text("utf-8")), scope


def test_shortcuts_are_those_we_answer(manifest: dict[str, Any]) -> None:
    named = {shortcut["callback_id"] for shortcut in manifest["features"]["shortcuts"]}
    assert named == surfaces.SHORTCUTS


def test_the_guide_names_every_setting_of_slack() -> None:
    guide = (FILE.parent / "README.md").read_text("utf-8")
    for name in ("SIGNING_SECRET", "SIGNING_SECRET_PREVIOUS", "BOT_TOKEN", "CLIENT_ID", "CLIENT_SECRET", "APP_TOKEN"):
        assert f"CAUCUS_SLACK_{name}`" in guide


def told(settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Point → what the doctor says."""
    monkeypatch.setenv("CAUCUS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("CAUCUS_SECRET_KEYS", settings.secret_keys.get_secret_value())
    found: dict[str, str] = {}
    for name, look in looks(settings):
        try:
            found[name] = look()
        except Refused as error:
            found[name] = f"TROUBLE {error}"
    return found


def test_the_doctor_is_content_when_all_is_there(slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(one_workspace(slack, str(tmp_path), CAUCUS_PUBLIC_URL="https://caucus.example.com"), monkeypatch)
    assert set(found) == {"how requests come in", "bot token", "scopes"}
    assert all(said.startswith("ok") for said in found.values()), found


def test_the_doctor_names_a_wrong_token_a_missing_scope_and_a_private_address(
    slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.teams["xoxb-one"].scopes = "chat:write,commands,im:history,app_mentions:read,assistant:write,users:read"
    found = told(one_workspace(slack, str(tmp_path)), monkeypatch)
    assert "public https:// address" in found["how requests come in"]
    assert found["scopes"].startswith("TROUBLE missing: im:write")
    found = told(one_workspace(slack, str(tmp_path), CAUCUS_SLACK_BOT_TOKEN="xoxb-wrong"), monkeypatch)
    assert "invalid_auth" in found["bot token"]
    assert "xoxb-wrong" not in str(found)


def test_the_doctor_says_where_to_install_when_nobody_has(
    slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told(many_workspaces(slack, str(tmp_path), CAUCUS_PUBLIC_URL="https://caucus.example.com"), monkeypatch)
    assert found["workspaces"] == "ok (none yet: open https://caucus.example.com/slack/install)"


def test_the_doctor_sends_to_the_guide_when_nothing_is_set(tmp_path: Path, settings: Any) -> None:
    ((_, look),) = looks(settings)
    with pytest.raises(Refused, match=r"deploy/slack/README\.md"):
        look()
