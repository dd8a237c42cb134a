"""What `caucus doctor wechat` and `caucus doctor wecom` look at: the platform is asked, and says who has to do what."""

from __future__ import annotations

from collections.abc import Callable

from bot.cli.shared import database
from bot.settings import Settings
from bot.wiring_ground import clock
from bot.wiring_tencent import assemble, looks


def wechat(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """Token, IP list, callback address, what the account may do, calls of today."""
    return looks(assemble(settings, database(), clock(settings)), "wechat")


def wecom(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """Token, trusted IP, the app, callback address, calls of today."""
    return looks(assemble(settings, database(), clock(settings)), "wecom")
