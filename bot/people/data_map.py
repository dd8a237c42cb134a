"""What is kept, why, and how long? One entry a table; docs/privacy.md is written from it, retention runs by it.

A table without an entry fails a test. Pure.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

Owner = Literal["person", "others", "nobody"]


@dataclass(frozen=True)
class Kept:
    """One table: what it holds and why, whose it is, and after how many days rows go by themselves."""

    what: str
    why: str
    whose: Owner = "person"
    """person: goes with the person's erasure; others: stays without their name; nobody: says nothing of people."""
    days: int | None = None
    """Days after `since`, 0 as soon as it is past; None: as long as what it belongs to."""
    since: str = ""
    """The column that counts: a moment, or a date as text."""
    only: tuple[str, tuple[str | None, ...]] | None = None
    """(column, values): only rows like this go; (None,): only those without one."""
    until: str = ""
    """What it belongs to or waits for, in words. Never a span of time, which no sweep would read."""


ENDED = ("sent", "failed", "in_doubt", "cancelled")
DATA_MAP: dict[str, Kept] = {
    "people": Kept(
        "name*, e-mail*, zone, language (chosen, last spoken), quiet hours, role",
        "to know whom to answer, how and when",
        until="erased",
    ),
    "addresses": Kept("the vendor's id of a person on one channel, last heard to the hour", "to answer there", until="erased"),
    "workspaces": Kept("a vendor's team, corp or account id", "to keep tenants apart", "nobody", until="uninstalled"),
    "installations": Kept("access tokens*, granted scopes", "to speak in a workspace", "nobody", until="uninstalled"),
    "install_states": Kept("hash of an installation under way", "so that it is used once", "nobody", days=0, since="expires_at"),
    "vendor_tokens": Kept("access tokens*", "to call a vendor", "nobody", days=1, since="expires_at"),
    "windows": Kept("until when the platform lets us speak", "not to break the platform's rules", until="erased"),
    "quotas": Kept("calls counted by day", "not to exceed a vendor's quota", "nobody", days=62, since="day"),
    "conversations": Kept("state of a talk*", "to understand what the next words refer to", days=90, since="expires_at"),
    "inbounds": Kept(
        "what was said* (14 days), its answer*, decision", "a repeat gets the same answer; history", until="with the conversation"
    ),
    "arrivals": Kept(
        "a vendor's notice* until it is answered",
        "nothing acknowledged is lost or answered twice",
        "nobody",
        days=3,
        since="arrived_at",
        only=("open_at", (None,)),
    ),
    "unanswered": Kept(
        "questions without a good answer*, without links, addresses, long numbers and such names as can be recognised",
        "curators improve the advice",
        days=180,
        since="at",
    ),
    "votes": Kept("useful or not, by card", "curators improve the advice", days=730, since="at"),
    "contacts": Kept("counterparts*: name, organisation, numbers, zone", "to know when to remind, and of whom", until="erased"),
    "contact_emails": Kept("their e-mail addresses* and digests", "to recognise their mail", until="with the counterpart"),
    "followups": Kept("matters that wait: subject*, excerpt*, times", "to remind", days=365, since="ended_at"),
    "followup_contacts": Kept("who a matter waits for", "to remind", until="with the follow-up"),
    "followup_events": Kept("what happened to it, notes*", "undo, and why it is as it is", until="with the follow-up"),
    "followup_mails": Kept("Message-IDs* and digests", "to recognise the answer", until="with the follow-up"),
    "mail_addresses": Kept("hash of the secret mail address", "to take mail from its owner only", until="erased"),
    "copied_mails": Kept(
        "digest and outcome* of a copied mail; sender and subject* while it is asked about",
        "a repeat changes nothing",
        days=90,
        since="taken_at",
    ),
    "cadences": Kept("a workspace's rhythm of reminders", "to remind as the team wishes", "nobody", until="uninstalled"),
    "deliveries": Kept(
        "cards* that were sent or wait, state, times",
        "sent once, and shown again",
        days=90,
        since="moved_at",
        only=("state", ENDED),
    ),
    "shared_cards": Kept("a broadcast's card*", "one copy for all", "nobody", until="with the broadcast"),
    "chunks": Kept("which process sends what", "nothing is lost when it dies", "nobody", until="its sends have ended"),
    "chunk_counts": Kept("numbers of a broadcast", "its report", "nobody", until="with the broadcast"),
    "holds": Kept("which broadcast is paused or cancelled", "to pause it", "nobody", until="with the broadcast"),
    "paces": Kept("when the next call may go", "not to exceed a vendor's pace", "nobody", days=0, since="free_at"),
    "subscriptions": Kept("who wants tips, when", "to send what was asked for", until="erased"),
    "opt_outs": Kept("who wants no broadcasts", "to keep that wish", until="erased"),
    "tips_shown": Kept("which tip was shown, and why", "none again before all were shown", until="erased"),
    "segment_members": Kept("who a vendor says is in a department or tag", "to send to them", until="replaced"),
    "broadcasts": Kept("text*, author, approver, plan", "what was sent, and who approved it", "others", until="kept as a record"),
    "broadcast_versions": Kept("earlier texts*", "what was approved", "others", until="with the broadcast"),
    "broadcast_runs": Kept("numbers of one sending", "its report", "nobody", until="with the broadcast"),
    "broadcast_times": Kept("when it is due in which zone", "to send at local time", "nobody", until="sent"),
    "broadcast_votes": Kept("useful or not", "its report", until="with the broadcast"),
    "link_codes": Kept("hash of a code that links two channels", "to link them", days=1, since="expires_at"),
    "link_tries": Kept("wrong codes at an address", "against guessing", days=0, since="until"),
    "sign_in_links": Kept("hash of a link that works once", "sign-in", days=7, since="expires_at"),
    "web_sessions": Kept("hash of a session, name of the browser*", "sign-in; to end it elsewhere", days=0, since="expires_at"),
    "api_keys": Kept("hash of a key, its name in clear (a tool's, never a person's)", "to let other tools in", until="erased"),
    "audit": Kept("who did what to whom, when", "to answer for it", "others", days=730, since="at"),
    "layer_versions": Kept("the team's own knowledge*", "what the coach says", "nobody", until="kept, for undo"),
    "layer_changes": Kept(
        "proposed changes*, who and when",
        "review",
        "others",
        days=365,
        since="proposed_at",
        only=("state", ("declined", "refused")),
    ),
}
SAID_DAYS = 14
"""Days after which the words of a message go; its answer stays with the conversation."""
ENDS = {"person": "goes with the person", "others": "stays, without the person", "nobody": "says nothing of people"}


def table() -> str:
    """The data map as Markdown."""
    lines = ["| table | what | why | how long | at erasure |", "|---|---|---|---|---|"]
    for name in sorted(DATA_MAP):
        kept = DATA_MAP[name]
        span = kept.until if kept.days is None else _after(kept.days, kept.since)
        if kept.only:
            span += f" ({', '.join(value or f'without `{kept.only[0]}`' for value in kept.only[1])})"
        lines.append(f"| `{name}` | {kept.what} | {kept.why} | {span} | {ENDS[kept.whose]} |")
    return "\n".join(lines) + "\n"


def _after(days: int, since: str) -> str:
    return f"{days} day{'s' * (days > 1)} after `{since}`" if days else f"when `{since}` is past"


if __name__ == "__main__":
    sys.stdout.write(table())
