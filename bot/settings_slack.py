"""What the settings of Slack need of each other. See bot.settings, which has them."""

from __future__ import annotations

from typing import Any


def incomplete(settings: Any) -> dict[str, str]:
    """Name → what else is needed with what is set."""
    problems: dict[str, str] = {}
    one_workspace, many = settings.slack_bot_token.get_secret_value(), settings.slack_client_id
    signed, socket = settings.slack_signing_secret.get_secret_value(), settings.slack_app_token.get_secret_value()
    if bool(many) != bool(settings.slack_client_secret.get_secret_value()):
        problems["slack_client_secret" if many else "slack_client_id"] = "must be set too: the two belong together"
    if one_workspace and many:
        problems["slack_bot_token"] = "is for one workspace, SLACK_CLIENT_ID for many: set one of them"  # noqa: S105 - a sentence
    if (one_workspace or many) and not (signed or socket):
        problems["slack_signing_secret"] = "must be set (or SLACK_APP_TOKEN, for Socket Mode)"  # noqa: S105 - a sentence
    if (signed or socket) and not (one_workspace or many):
        problems["slack_bot_token"] = "must be set (or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET)"  # noqa: S105 - a sentence
    return problems
