"""Log lines: one line for one event, secrets masked, whatever part of the program or of its libraries wrote them."""

from __future__ import annotations

import json
import logging
import logging.config
import sys
import threading
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict

from symphony_connect.base.redact import clean


def configure(format: str, level: str) -> None:
    """`console` for people, `json` for machines; both to standard error.

    What libraries, the server and Python's warnings write goes the same way, from a warning on.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_prepared(), _rendered(format)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(dict_config(format, level))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)


def dict_config(format: str, level: str) -> dict[str, Any]:
    """The same for the standard library's `logging`, as the dictionary that servers take."""
    threshold = max(logging.getLevelNamesMapping()[level.upper()], logging.WARNING)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "format": format}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}},
        "root": {"handlers": ["lines"], "level": threshold},
        "loggers": {
            # The server's, which adds a level of its own to the first.
            "_granian": {"handlers": [], "level": threshold, "propagate": True},
            "granian.access": {"handlers": [], "level": threshold, "propagate": True},
        },
    }


def formatter(format: str) -> logging.Formatter:
    """Renders a record of `logging` as our own lines look."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name],
        processors=[_without_record, *_prepared(), _rendered(format)],
    )


def _prepared() -> list[Any]:
    return [
        structlog.processors.format_exc_info,
        _cleaned,
        _level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _rendered(format: str) -> Any:
    return structlog.processors.JSONRenderer() if format == "json" else _console


def _without_record(_logger: Any, _method: str, event: EventDict) -> EventDict:
    del event["_record"], event["_from_structlog"]
    return event


def _level(_logger: Any, method: str, event: EventDict) -> EventDict:
    event.setdefault("level", method)
    return event


def _cleaned(_logger: Any, _method: str, event: EventDict) -> EventDict:
    cleaned: MutableMapping[str, Any] = clean(dict(event))
    return cleaned


def _console(_logger: Any, _method: str, event: EventDict) -> str:
    """Time, level, what happened, then what is known about it."""
    head = f"{event.pop('timestamp')} [{event.pop('level'):<8}] {event.pop('event', ''):<30}"
    return " ".join([head, *(f"{name}={_console_value(value)}" for name, value in event.items())]).rstrip()


def _console_value(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f'"{value}"' if " " in value or not value else value


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    structlog.get_logger().critical("process.failed", exc_info=(kind, error, trace))
