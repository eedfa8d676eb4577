"""`kill -9` between sending a webhook and marking it: sent again under the same id, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from pathlib import Path

from symphony_connect.connections import changes
from symphony_connect.webhooks import deliveries, endpoints
from symphony_connect.webhooks.endpoints import Change
from tests.faults.figures import FULL, Figure
from tests.platforms.chosen import ANY
from tests.renewal.house import WORKSPACE, House
from tests.tools.process import CLI, Process
from tests.tools.wait import wait_until
from tests.webhooks.receiver import Got, Receiver

KILLS = 40 if FULL else 3
NEWEST = (2**62, "")


class Killer:
    """Ends the worker with `kill -9` while it waits for an answer; each second time when one has just been sent."""

    def __init__(self, worker: Process, receiver: Receiver) -> None:
        self.worker = worker
        self.killed: list[str] = []
        self._turn = threading.Lock()
        self._dead = False
        receiver.before = lambda got: self._kill(got, 0)
        receiver.after = lambda got: self._kill(got, 1)

    def start(self) -> None:
        with self._turn:
            self._dead = False
            self.worker.start()

    def _kill(self, got: Got, when: int) -> None:
        with self._turn:
            if not self._dead and len(self.killed) < KILLS and len(self.killed) % 2 == when:
                self._dead = True
                self.killed.append(got.id)
                self.worker.kill()


async def test_what_was_sent_and_not_marked_is_sent_again(
    house: House, env: dict[str, str], tmp_path: Path, figure: Figure
) -> None:
    with Receiver.up() as receiver:
        made = await endpoints.create(house.core, WORKSPACE, Change(url=receiver.url))
        for brand in range(400, 400 + KILLS):
            await house.connect(ANY, brand=brand)
            await changes.disconnect_now(house.core, house.caller, brand, ANY)
        killer = Killer(Process("worker", [CLI, "worker"], tmp_path / "worker.log", env), receiver)

        async def waiting() -> int:
            found = await deliveries.list_deliveries(house.core, WORKSPACE, made.endpoint.id, "pending", NEWEST, 500)
            return len(found)

        for round in range(KILLS + 1):
            killer.start()
            if round < KILLS:
                await asyncio.to_thread(wait_until, lambda: not killer.worker.alive, what="the worker to be killed")
                house.sandbox.advance("46s")
        async with asyncio.timeout(60):
            while await waiting():  # noqa: ASYNC110 - of rows in a database nobody is told
                await asyncio.sleep(0)
        killer.worker.stop()
    times = Counter(receiver.ids)
    assert len(killer.killed) == KILLS
    assert all(times[id] >= 2 for id in killer.killed[::2]), "what had no answer is sent again under the same id"
    bodies: dict[str, set[bytes]] = {}
    for got in receiver.got:
        bodies.setdefault(got.id, set()).add(got.body)
    assert all(len(same) == 1 for same in bodies.values()), "and with the same body"
    events = [json.loads(min(bodies[id])) for id in dict.fromkeys(receiver.ids)]
    for brand in range(400, 400 + KILLS):
        types = [event["type"] for event in events if event["brandId"] == brand]
        assert types == ["connection.connected", "connection.disconnected"], "each once to who dedupes, in order"
    figure(f"kill -9 between sending a webhook and marking it, {KILLS} times", f"0 of {2 * KILLS} lost")
