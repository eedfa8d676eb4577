"""What is over is deleted by time, without anybody signing in; what still counts stays."""

from __future__ import annotations

from pathlib import Path

from symphony_connect.access import sql as access_sql
from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.connections import sql as connections_sql
from symphony_connect.operate import sweep
from symphony_connect.store import bulk
from tests.tools.installation import environment, fill, master_key, opened

HELD = ("handed_over", "flows", "replays", "connect_sessions", "events")


async def test_each_in_its_time(database_url: str, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    env = environment(database_url, tmp_path, master_key(), SYMPHONY_CLOCK_FILE=str(clock), SYMPHONY_EVENT_DAYS="90")
    async with opened(env) as core:
        await fill(core, 20)

        async def left() -> list[str]:
            async with core.store.snapshot() as tx:
                counts = {name: await bulk.count(tx, name) for name in HELD}
            return [name for name, count in counts.items() if count]

        async def after(milliseconds: int) -> list[str]:
            clock.write_text(str(milliseconds))
            await sweep.sweep(core)
            return await left()

        assert await after(0) == list(HELD)
        assert await after(HOUR) == ["connect_sessions", "events"]
        assert await after(29 * DAY) == ["connect_sessions", "events"]
        assert await after(32 * DAY) == ["events"]
        assert await after(89 * DAY) == ["events"]
        assert await after(91 * DAY) == []
        async with core.store.snapshot() as tx:
            assert await bulk.count(tx, "connections") == 20


async def test_more_than_one_batch(database_url: str, tmp_path: Path) -> None:
    async with opened(environment(database_url, tmp_path, master_key())) as core:
        await fill(core, 1)
        async with core.store.writing() as tx:
            workspace = await tx.one(access_sql.workspace_by_name, name="acme")
            assert workspace is not None
            of = {"connection_id": None, "brand_id": None, "platform": None, "type": "x", "actor": "test", "data": "{}"}
            for number in range(sweep.BATCH + 1):
                id = f"old {number}"
                await tx.run(connections_sql.event_add, id=id, workspace_id=workspace["id"], at=number, **of)
        assert await sweep.sweep(core) == sweep.BATCH + 1
        assert await sweep.sweep(core) == 0
