"""A house for every test: once over SQLite, once over PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.faults.figures import Figure
from tests.renewal.house import House, environment, opened
from tests.tools.sandbox import Sandbox


@pytest.fixture
async def house(sandbox: Sandbox, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(environment(sandbox, tmp_path, database_url), sandbox) as house:
        yield house


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    return lambda line, found: record_property("figure", (line, found))
