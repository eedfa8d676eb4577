"""Log lines with secrets taken out, whatever part of the program wrote them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRETS = re.compile(
    r"(sym_[sp]k_\w+|symcs_\w+|EAA\w{8,}|whsec_\S+|\d{6,}\|[\w-]{8,}|"
    r"(?<=token=)[^&\s\"']+|(?<=secret=)[^&\s\"']+|(?<=code=)[^&\s\"']+|(?<=Access-Token: )\S+|"
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@))"
)
SECRET_NAMES = re.compile(r"token|secret|password|authorization|api.?key|code_verifier", re.IGNORECASE)
MASK = "[redacted]"


def redact(text: str) -> str:
    """The text with everything that looks like one of our or the platforms' secrets masked."""
    return SECRETS.sub(MASK, text)


def configure(format: str, level: str) -> None:
    """`console` for people, `json` for machines; both to standard error."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
        renderer,
    ]
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=max(threshold, logging.WARNING), format="%(levelname)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_RedactingFilter())


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if SECRET_NAMES.search(name):
            event[name] = MASK
        elif isinstance(value, str):
            # A line is a line: nothing that a request says can start another one.
            event[name] = (
                redact(value) if name == "exception" else redact(value).replace("\n", "\\n").replace("\r", "\\r")
            )
    return event


class _RedactingFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        return True
