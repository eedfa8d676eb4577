"""A core over each database, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.renewal.house import House, environment, opened
from tests.tools.sandbox import Sandbox


@pytest.fixture
async def house(sandbox: Sandbox, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(environment(sandbox, tmp_path, database_url), sandbox) as house:
        yield house
