"""Logs: one JSON object a line on stderr, or readable lines where stderr is a terminal.

Whoever logs must leave secrets and recipients out; the masking here is a second line, for the day somebody forgets.
"""

import logging
import os
import sys
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LEVEL_VARIABLE: Final = "TIDEGATE_LOG"
MASK: Final = "***"

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_SENSITIVE: Final = ("token", "secret", "password", "authorization", "openid", "recipient", "aes", "cookie")
_SENSITIVE_EXACTLY: Final = frozenset(("key", "to", "touser", "url"))
"""Too short to look for inside other words (`monkey`); a store's URL may hold its password."""


def mask_sensitive(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide the value of every field whose name says that it may be a secret or a person."""
    for name in event:
        lowered = name.lower()
        if lowered in _SENSITIVE_EXACTLY or lowered.endswith("_key") or any(word in lowered for word in _SENSITIVE):
            event[name] = MASK
    return event


def configure_logging(role: str) -> None:
    """Set up structlog for this process; `TIDEGATE_LOG` is debug, info (default), warning or error.

    An unknown level means info: a service must not fail to start over its verbosity.
    """
    level = _LEVELS.get(os.environ.get(LEVEL_VARIABLE, "").lower(), logging.INFO)
    console = sys.stderr.isatty()
    shown: list[Processor] = [structlog.dev.ConsoleRenderer()] if console else _json()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=not console),
            mask_sensitive,
            *shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role, pid=os.getpid())


def _json() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
