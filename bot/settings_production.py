"""What will not do in production? Name of a setting → why. See bot.settings, which refuses to start with it."""

from __future__ import annotations

import ipaddress
from typing import Any

from bot.settings_mail import parts

FEWEST_LETTERS = 10
"""Different characters of a secret key: fewer are no product of chance but a placeholder."""


def insecure(settings: Any) -> dict[str, str]:
    """Every setting of production that would leave a door open."""
    problems: dict[str, str] = {}
    keys = parts(settings.secret_keys.get_secret_value())
    if not keys:
        problems |= {"secret_keys": "must be set in production"}
    elif any(len(set(key)) < FEWEST_LETTERS for key in keys):
        problems |= {"secret_keys": "is a placeholder: make one by chance, as deploy/env.example says"}
    if settings.now is not None:
        problems["now"] = "is for development only"
    if settings.public_url and not settings.public_url.startswith("https://"):
        problems["public_url"] = "must be https:// in production"
    elif not settings.public_url and not settings.loopback_only:
        problems["public_url"] = "must be set in production where others can reach us (CAUCUS_HOST): cookies need https://"
    if not settings.slack_api_url.startswith("https://"):
        problems["slack_api_url"] = "must be https:// in production"
    for name in ("mail_peers", "proxies"):
        if any(ipaddress.ip_network(part).prefixlen == 0 for part in parts(getattr(settings, name))):
            problems[name] = "names the whole Internet: name your own server, which alone is believed"
    return problems
