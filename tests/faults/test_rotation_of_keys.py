"""A rotation of the keys is killed again and again while a reader reads all the time."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from symphony_connect.core import Core
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.vault import rekey, sql
from symphony_connect.vault.vault import Unreadable
from tests.faults.figures import FULL, Figure
from tests.tools import preloaded
from tests.tools.installation import environment, everything, fill, master_key, opened, prefixes
from tests.tools.process import CLI, Process, clean_env

KILLS = 100 if FULL else 10
BRANDS = 300

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120 + 10 * KILLS)]


class Reader:
    """Opens every grant over and over, as servers do."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.read = 0
        self.failed: list[str] = []

    async def run(self) -> None:
        while True:
            async with self.core.store.reading() as tx:
                async for row in rekey.sealed_values(tx, "grants"):
                    try:
                        await self.core.vault.open(rekey.binding_of(row), row["sealed"])
                        self.read += 1
                    except (Unreadable, StoreUnavailable) as error:
                        self.failed.append(str(error))


@asynccontextmanager
async def reading(core: Core) -> AsyncIterator[Reader]:
    reader = Reader(core)
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Progress:
    """How far a rotation is: whether its key is published, and how many values it has sealed anew."""

    def __init__(self, core: Core) -> None:
        self.core = core

    async def begin(self) -> None:
        self.keyset, self.held = await self._keyset(), await prefixes(self.core)

    async def reached(self, values: int) -> bool:
        now = await prefixes(self.core)
        moved = sum(max(0, held - self.held.get(prefix, 0)) for prefix, held in now.items())
        return await self._keyset() != self.keyset and moved >= values

    async def _keyset(self) -> bytes:
        async with self.core.store.reading() as tx:
            row = await tx.one(sql.keyset)
        assert row is not None
        return bytes(row["wrapped"])


async def killed(process: Process, progress: Progress, values: int) -> bool:
    """Start it, kill it when so many values are sealed anew; False when it was faster."""
    await progress.begin()
    process.start()
    while process.alive and not await progress.reached(values):
        continue
    await asyncio.to_thread(process.kill)
    return process.wait() == -signal.SIGKILL


async def test_killed_at_any_moment_it_resumes_and_no_read_fails(
    database_url: str, tmp_path: Path, figure: Figure
) -> None:
    env = environment(database_url, tmp_path, master_key())
    chance, kills = random.Random(20260131), 0
    async with opened(env) as core, opened(env) as server:
        await fill(core, BRANDS)
        before, progress = await everything(core), Progress(core)
        command = [CLI, "vault", "rotate", "--json"]
        async with reading(server) as reader:
            while kills < KILLS:
                process = Process("rotation", command, tmp_path / "rotation.log", clean_env(**env))
                kills += await killed(process, progress, chance.choice([0, 1, chance.randrange(len(before))]))
            done = await asyncio.to_thread(rotate, env)
        assert done["unreadable"] == []
        assert done["proven"] == len(before)
        assert list((await prefixes(core)).values()) == [len(before)]
        assert await everything(server) == await everything(core) == before
        assert reader.read > BRANDS
        assert reader.failed == []
    figure("rotation of the keys killed", f"0 unreadable, 0 of {reader.read:,} reads failed in {kills} kills")


def rotate(env: dict[str, str]) -> dict[str, object]:
    done = preloaded.run([CLI, "vault", "rotate", "--json"], clean_env(**env))
    assert done.returncode == 0, done.stdout + done.stderr
    output: dict[str, object] = json.loads(done.stdout)
    return output
