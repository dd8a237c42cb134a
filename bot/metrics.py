"""What does this process count? Answers, sends, vendors' errors, mails: since it started, without people's words or ids.

What the database knows is not counted but asked for when somebody looks, see `bot.wiring_metrics`: it is the same
whichever process is asked.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram, ProcessCollector
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector, CollectorRegistry

from bot.errors import InDoubt, OutsideWindow, Rejected, TryLater, Unreachable

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the steps in which answers are timed; 5 s is the official account's patience."""
KINDS = {
    TryLater: "try_later",
    OutsideWindow: "outside_window",
    Unreachable: "unreachable",
    Rejected: "rejected",
    InDoubt: "in_doubt",
}
"""What a vendor's error is called, the more special first; anything else is a `fault` of ours."""

ANSWERS = Counter("caucus_answers", "Messages answered, repeats left out", ["channel", "decision"], registry=None)
ANSWER_SECONDS = Histogram(
    "caucus_answer_seconds", "From a message to its committed answer", ["channel"], buckets=SECONDS, registry=None
)
SENDS = Counter("caucus_sends", "Tries to send, by how they ended (deliveries' states)", ["channel", "state"], registry=None)
VENDOR_ERRORS = Counter("caucus_vendor_errors", "Errors of calls that send or look up", ["channel", "kind"], registry=None)
MAILS = Counter("caucus_mails", "Copied mails taken in, by what came of them", ["action"], registry=None)
_OURS: tuple[MetricWrapperBase, ...] = (ANSWERS, ANSWER_SECONDS, SENDS, VENDOR_ERRORS, MAILS)


def registry(*others: Collector) -> CollectorRegistry:
    """All that is counted here, the process's memory, CPU time and open files, and `others`."""
    found = CollectorRegistry()
    for each in (*_OURS, ProcessCollector(registry=None), *others):
        found.register(each)
    return found


@contextmanager
def asking(channel: str) -> Generator[None]:
    """A vendor is asked for something: its errors are counted and go on."""
    try:
        yield
    except Exception as error:
        kind = next((name for of, name in KINDS.items() if isinstance(error, of)), "fault")
        VENDOR_ERRORS.labels(channel, kind).inc()
        raise
