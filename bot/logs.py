"""What may be written to the log: ids, timings and decisions; never what people typed, never a secret.

`configure` is called once by the command line. Modules say `log = structlog.get_logger()` and log with names
and values; the names below are dropped wherever they come from.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

FORBIDDEN = frozenset(
    {
        "text",
        "body",
        "message",
        "utterance",
        "question",
        "answer",
        "token",
        "secret",
        "password",
        "authorization",
        "cookie",
        "name",
        "email",
        "phone",
    }
)


class _StandardError:
    """Standard error as it is at the moment of writing: who redirects it later (a command run within a test) may close it."""

    def write(self, said: str) -> int:
        return sys.stderr.write(said)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(*, production: bool) -> None:
    """Log to standard error: JSON lines in production, readable lines in development."""
    renderer = structlog.processors.JSONRenderer() if production else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_forbidden,
    ]
    here = cast("TextIO", _StandardError())
    structlog.configure(
        processors=[*shared, one_line_errors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(here),
        cache_logger_on_first_use=False,  # a logger once used would keep the first configuration for ever
    )
    handler = logging.StreamHandler(here)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta, one_line_errors, renderer]))  # fmt: skip
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def hush() -> None:
    """Warnings and worse only: for whoever talks in the terminal that the log is written to."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def drop_forbidden(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Remove every value that could carry people's words or secrets."""
    for key in FORBIDDEN & event.keys():
        event[key] = "(not logged)"
    return event


def one_line_errors(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception becomes its type and the place it was raised, never its text: that may quote a message."""
    given = event.pop("exc_info", None)
    if given:
        error = given if isinstance(given, BaseException) else (given[1] if isinstance(given, tuple) else sys.exc_info()[1])
        if error is not None:
            event["error"] = type(error).__name__
            frames = []
            trace = error.__traceback__
            while trace is not None:
                frames.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}")
                trace = trace.tb_next
            event["at"] = " > ".join(frames[-4:])
    return event
