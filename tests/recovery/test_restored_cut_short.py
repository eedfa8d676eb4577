"""`restored` is killed in the middle: nothing is served before it came to its end, and it goes on where it was."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.access import keyring
from symphony_connect.access.keyring import NewKey
from symphony_connect.base.errors import Problem
from symphony_connect.connections import read_token
from symphony_connect.operate import sql as operate_sql
from symphony_connect.operate.restored import BATCH, restored
from tests.tools import preloaded
from tests.tools.installation import PLATFORM, environment, fill, master_key, opened
from tests.tools.process import CLI, Process, clean_env
from tests.tools.rows import rows
from tests.tools.wait import free_port, wait_until

BRANDS = 6 * BATCH
SERVED = [number for number in range(1, BRANDS + 1) if number % 10 != 7]


def begun(url: str) -> list[tuple[Any, ...]]:
    return rows(url, "restores")["restores"]


async def filled(env: dict[str, str]) -> str:
    """Connect BRANDS brands; returns a key that reads their tokens."""
    async with opened(env) as core:
        await fill(core, BRANDS)
        return (await keyring.create(core, "acme", NewKey("reads", scopes=("tokens:read",)))).key


async def refusal(env: dict[str, str], key: str, brand: int) -> str:
    async with opened(env) as core:
        with pytest.raises(Problem) as caught:
            await read_token.read(core, key, None, brand, PLATFORM, 0)
    return caught.value.code


def cli(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return preloaded.run([CLI, *words], clean_env(**env), timeout=300)


def test_killed_in_the_middle(database_url: str, tmp_path: Path) -> None:
    env = environment(database_url, tmp_path, master_key())
    key = asyncio.run(filled(env))
    running = Process("restored", [CLI, "restored"], tmp_path / "log", clean_env(**env))
    running.start()
    wait_until(lambda: any(mark[3] > 0 for mark in begun(database_url)), 60, "the first batch to be done")
    running.kill()
    ((_, _, after, doubted, _),) = begun(database_url)
    statuses = [row[4] for row in rows(database_url, "connections")["connections"]]
    assert 0 < doubted == statuses.count("unverified") < len(SERVED)
    assert after
    for words in (("serve", "--port", str(free_port())), ("worker",)):
        done = cli(env, *words)
        assert (done.returncode, "was cut short" in done.stderr) == (2, True), done.stderr
    assert {asyncio.run(refusal(env, key, number)) for number in (SERVED[0], SERVED[-1])} == {"unverified"}
    done = cli(env, "restored", "--json")
    assert json.loads(done.stdout)["unverified"] == len(SERVED), done.stderr
    assert begun(database_url) == []
    found = rows(database_url, "connections", "events")
    assert [row[4] for row in found["connections"]].count("unverified") == len(SERVED)
    assert len([row for row in found["events"] if row[6] == "restored"]) == len(SERVED)


async def test_progress_names_how_many_there_are(database_url: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    async with opened(environment(database_url, tmp_path, master_key())) as core:
        await fill(core, BATCH + 50)
        await restored(core, lambda done, total: seen.append((done, total)))
    total = len([number for number in SERVED if number <= BATCH + 50])
    assert seen == [(BATCH, total), (total, total)]


async def test_a_backup_from_the_middle_of_a_run_is_as_doubtful_as_any(database_url: str, tmp_path: Path) -> None:
    """A worker had confirmed some of what the run had set back; since the backup their tokens may have been taken."""
    async with opened(environment(database_url, tmp_path, master_key())) as core:
        await fill(core, 2 * BATCH)

        def cut_short(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await restored(core, cut_short)
        async with core.store.writing() as tx:
            await tx.script("UPDATE connections SET status = 'connected', reason = NULL WHERE status = 'unverified'")
        await restored(core, lambda done, total: None)
        async with core.store.reading() as tx:
            left = await tx.one(operate_sql.connections_to_confirm_count)
    assert left is not None
    assert left["count"] == 0
