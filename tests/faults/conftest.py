"""A house as in the tests of renewal, its environment for further processes, and figures for the table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.figures import Figure
from tests.faults.killing import Driver, driving
from tests.renewal.house import House, environment, opened
from tests.tools.sandbox import Sandbox


@pytest.fixture
def env(sandbox: Sandbox, database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment(sandbox, tmp_path, database_url)


@pytest.fixture
async def house(env: dict[str, str], sandbox: Sandbox) -> AsyncIterator[House]:
    async with opened(env, sandbox) as house:
        yield house


@pytest.fixture
def driver(env: dict[str, str], house: House) -> Iterator[Driver]:
    with driving(env) as driver:
        yield driver


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    return lambda line, found: record_property("figure", (line, found))
