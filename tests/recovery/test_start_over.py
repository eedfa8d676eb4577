"""A development service starts over: nothing is left but workspaces and keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphony_connect.base import config
from symphony_connect.base.errors import ConfigError
from symphony_connect.operate.start_over import AUDIT, KEPT, start_over
from symphony_connect.store import bulk
from symphony_connect.store.migrate import tables
from tests.tools.installation import environment, fill, master_key, opened


async def test_everything_goes_but_what_lets_people_and_programs_in(database_url: str, tmp_path: Path) -> None:
    env = environment(database_url, tmp_path, master_key())
    async with opened(env) as core:
        await fill(core, 20)

        async def left() -> set[str]:
            async with core.store.snapshot() as tx:
                return {name for name in tables() if await bulk.count(tx, name)}

        before = await left()
        assert {"brands", "connections", "grants", "events", "connection_counts"} < before
        await start_over(core.settings)
        assert await left() == before & KEPT == AUDIT | {"workspaces", "api_keys", "vault_keysets"}
        await fill(core, 20)
        assert await left() == before, "and it can be filled again, with the same keys of the vault"


async def test_a_service_in_production_does_not(tmp_path: Path) -> None:
    settings = config.load({"SYMPHONY_PUBLIC_URL": "https://connect.example.com", "SYMPHONY_DATA_DIR": str(tmp_path)})
    with pytest.raises(ConfigError, match="Only a development service can start over"):
        await start_over(settings)
