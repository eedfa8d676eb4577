"""One service for the tests of a module, on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.proxy.place import Place, opened


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else ""
    async with opened(url) as started:
        yield started


@pytest.fixture(scope="module")
async def one_place() -> AsyncIterator[Place]:
    """On SQLite alone, for what no database has a part in."""
    async with opened() as started:
        yield started
