"""What will not do in production? Name of a setting → why. See bot.settings, which refuses to start with it."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from sqlalchemy.engine import URL, make_url

from bot.settings_mail import parts

FEWEST_LETTERS = 10
"""Different characters of a secret key: fewer are no product of chance but a placeholder."""
_PLACEHOLDERS = re.compile(r"change.?me|replace|placeholder|example|secret|password|please|insert|your.?key", re.IGNORECASE)
_WIDEST = {4: 8, 6: 16}
"""The fewest bits of a network that may be believed, by IP version: 10.0.0.0/8 is the largest of one's own (RFC 1918)."""
_OWN_V6 = ipaddress.IPv6Network("fc00::/7")
_ENCRYPTED = ("require", "verify-ca", "verify-full")


def insecure(settings: Any) -> dict[str, str]:
    """Every setting of production that would leave a door open."""
    problems: dict[str, str] = {}
    keys = parts(settings.secret_keys.get_secret_value())
    if not keys:
        problems |= {"secret_keys": "must be set in production"}
    elif any(_made_up(key) for key in keys):
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
        if any(_too_wide(part) for part in parts(getattr(settings, name))):
            problems[name] = "names much of the Internet: name your own server, which alone is believed"
    if _open_to_readers(make_url(settings.database)):
        problems["database_url"] = (
            "leads over a network without TLS: add ?sslmode=verify-full (or require), see the operators' guide"
        )
    return problems


def _made_up(key: str) -> bool:
    """Whether a key is no product of chance: few characters, the same ones again and again, or words."""
    threes = [key[n : n + 3] for n in range(len(key) - 2)]
    return len(set(key)) < FEWEST_LETTERS or len(set(threes)) < 0.6 * len(threes) or _PLACEHOLDERS.search(key) is not None


def _too_wide(network: str) -> bool:
    found = ipaddress.ip_network(network)
    own = isinstance(found, ipaddress.IPv6Network) and found.subnet_of(_OWN_V6)
    return found.prefixlen < _WIDEST[found.version] and not own


def _open_to_readers(url: URL) -> bool:
    """Whether others could read along on the way to the database.

    A host of one's own is this machine, a private address, or a name without a dot, as services of a compose file or a
    cluster have.
    """
    hosts = [url.host or "", *_said(url, "host"), *_said(url, "hostaddr")]
    return (
        url.get_backend_name() == "postgresql" and not set(_said(url, "sslmode")) & set(_ENCRYPTED) and not all(map(_own, hosts))
    )


def _said(url: URL, name: str) -> list[str]:
    value = url.query.get(name, ())
    return [part for said in ([value] if isinstance(value, str) else value) for part in said.split(",")]


def _own(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.startswith("/") or "." not in host or host.endswith((".local", ".internal", ".svc", ".svc.cluster.local"))
