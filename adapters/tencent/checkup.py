"""What does `caucus doctor` ask the platforms? Does a token come, does a call work; and who has to do what when not."""

from __future__ import annotations

from adapters.tencent.api import Api, Refusal
from bot.errors import Refused, SendError


def one_call(api: Api, call: str, **query: str) -> str:
    """A token, and one harmless call with it. Raises Refused with what an operator has to do."""
    try:
        told = api.ask(call, **query)
    except Refusal as refusal:
        what = refusal.advice or "look the code up in the platform's list"
        raise Refused(f"{call}: error {refusal.code}: {what}") from None
    except SendError as error:
        raise Refused(str(error) or "the platform cannot be reached") from None
    about = f", app {told['name']}" if told.get("name") else ""
    closed = ", but switched off in the console" if told.get("close") else ""
    return f"ok (access token, {call}{about}{closed})"


def callback(address: str) -> str:
    """The address to enter in the console. Raises Refused when the console would not take it."""
    if not address.startswith("https://"):
        raise Refused(f"the console takes https:// only: set CAUCUS_PUBLIC_URL, then enter it with {address}")
    return f"enter {address} in the console"


def not_set_up(channel: str) -> str:
    """Raises Refused."""
    raise Refused(f"not set up: see deploy/{channel}/README.md")
