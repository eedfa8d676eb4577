"""A line that is written often looks as if it had gone through the whole chain."""

from __future__ import annotations

import logging
import re
import sys

import pytest
import structlog

from symphony_connect.base import logs
from symphony_connect.base.frequent import FrequentLine
from symphony_connect.base.redact import Plain

NAMES = {"method": str, "status": int, "ms": float, "request_id": str}
VALUES = ("GET", 200, 0.4, "req_0VcBIzXmYTM8FffWUAC3deqo")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")


def chain(format: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that goes through the whole chain, without a change to everybody's."""
    processors = [*logs._prepared(), logs._rendered(format)]
    level = structlog.make_filtering_bound_logger(logging.INFO)
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr), processors=processors, wrapper_class=level
    )
    return logger


@pytest.mark.parametrize("format", ["console", "json"])
def test_it_is_the_line_that_the_chain_writes(capsys: pytest.CaptureFixture[str], format: str) -> None:
    values = {
        name: Plain(value) if isinstance(value, str) else value for name, value in zip(NAMES, VALUES, strict=True)
    }
    chain(format).info("request", **values)
    whole = TIME.sub("(time)", capsys.readouterr().err)
    line = FrequentLine("request", NAMES, format, "info")
    line.write([VALUES, VALUES])
    assert TIME.sub("(time)", capsys.readouterr().err) == whole * 2


def test_a_higher_level_writes_none(capsys: pytest.CaptureFixture[str]) -> None:
    FrequentLine("request", NAMES, "console", "warning").write([VALUES])
    assert capsys.readouterr().err == ""
