"""Logs: one JSON object a line on stderr, or readable lines where stderr is a terminal.

Whoever logs must leave secrets and recipients out; the masking here is a second line, for the day somebody forgets.
"""

import logging
import os
import sys
from functools import lru_cache
from typing import Final

import msgspec
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
        if _is_sensitive(name):
            event[name] = MASK
    return event


@lru_cache(maxsize=1024)  # field names are the code's, a few dozen; looking at one takes as long as rendering it
def _is_sensitive(name: str) -> bool:
    lowered = name.lower()
    return lowered in _SENSITIVE_EXACTLY or lowered.endswith("_key") or any(word in lowered for word in _SENSITIVE)


def configure_logging(role: str, *, level: str = "info", form: str = "auto", again: bool = False) -> None:
    """Set up structlog for this process.

    `level` is debug, info, warning or error, `form` json, console or auto (console where stderr is a terminal).
    `TIDEGATE_LOG` goes before `level`; an unknown level there means info: a service must not fail to start over its
    verbosity. `again`: this process will be told another level later; it costs some microseconds a line.
    """
    named = os.environ.get(LEVEL_VARIABLE, "").lower() or level
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shown = _console() if console else _json()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=not console),
            mask_sensitive,
            *shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS.get(named, logging.INFO)),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=not again,
    )
    structlog.contextvars.bind_contextvars(role=role, pid=os.getpid())


def _console() -> list[Processor]:
    # Not the library's own choice of traceback, which shows local variables: keys, recipients, messages.
    return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def _json() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_encoded)]


def _encoded(event: EventDict, **_: object) -> str:
    """Msgspec takes a third of the time that json does."""
    return msgspec.json.encode(event, enc_hook=repr).decode()
