"""The master key changes while servers run."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphony_connect.base.errors import ConfigError
from symphony_connect.core import Core
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.vault import rekey
from symphony_connect.vault.master_keys import KeysUnavailable
from tests.tools.installation import environment, everything, fill, master_key, opened


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment(database_url, tmp_path, master_key())


async def rotate(core: Core) -> rekey.Rotation:
    return await rekey.rotate(core.store, core.vault, core.clock, lambda done, total: None)


@pytest.mark.anyio
async def test_the_master_key_changes_without_a_stop(env: dict[str, str]) -> None:
    old, new = env["SYMPHONY_MASTER_KEY"], master_key()
    async with opened(env) as core:
        await fill(core, 5)
        before = await everything(core)
    both = {**env, "SYMPHONY_MASTER_KEY": f"{new},{old}"}
    async with opened(both) as server, opened(both) as operator:
        done = await rotate(operator)
        assert done.proven == len(before)
        assert await everything(server) == before
    async with opened({**env, "SYMPHONY_MASTER_KEY": new}) as core:
        assert await everything(core) == before
    with pytest.raises(ConfigError, match="SYMPHONY_MASTER_KEY does not open"):
        async with opened(env):
            pass


@pytest.mark.anyio
async def test_a_server_that_has_only_the_old_master_key_says_so_and_keeps_what_it_had(env: dict[str, str]) -> None:
    async with opened(env) as server:
        await fill(server, 1)
        before = await everything(server)
        both = {**env, "SYMPHONY_MASTER_KEY": f"{master_key()},{env['SYMPHONY_MASTER_KEY']}"}
        async with opened(both) as operator:
            await rotate(operator)
        with pytest.raises(KeysUnavailable, match="which this process does not have"):
            await everything(server)
        assert issubclass(KeysUnavailable, StoreUnavailable)  # a 503, not a failure of the token
        async with opened(both) as operator:
            assert await everything(operator) == before
