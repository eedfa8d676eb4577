"""One statement answers many: each by a statement that began after it asked, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest

from symphony_connect.connections import sql
from symphony_connect.store.db import Store, StoreUnavailable
from symphony_connect.store.shared import AT_ONCE, MOST, Shared

STATEMENT = sql.token_reads


class Slow:
    """A store whose look-ups end when they are let go, each as it was told to."""

    def __init__(self) -> None:
        self.asked: list[list[Any]] = []
        self.gates: list[asyncio.Future[None]] = []

    async def look_up(self, _statement: Any, /, *, questions: str, now: int) -> list[dict[str, Any]]:
        assert now == 7
        parsed = json.loads(questions)
        self.asked.append(parsed)
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        await gate
        return [{"place": place, "of": question} for place, question in enumerate(parsed) if question != ["nobody"]]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def shared(slow: Slow) -> Shared:
    return Shared(cast(Store, slow), STATEMENT, lambda: 7)


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_comes_while_statements_run_shares_the_next(slow: Slow, shared: Shared) -> None:
    first = [asyncio.create_task(shared.ask(number)) for number in range(AT_ONCE)]
    await turns()
    more = [asyncio.create_task(shared.ask(f"more {number}")) for number in range(5)]
    more.append(asyncio.create_task(shared.ask("nobody")))
    await turns()
    assert slow.asked == [[[number]] for number in range(AT_ONCE)]
    slow.gates[0].set_result(None)
    await turns()
    assert slow.asked[AT_ONCE:] == [[*([f"more {number}"] for number in range(5)), ["nobody"]]]
    for gate in slow.gates[1:]:
        gate.set_result(None)
    assert [await each for each in first] == [{"place": 0, "of": [number]} for number in range(AT_ONCE)]
    found = [await each for each in more]
    assert [each and each["of"] for each in found] == [*([f"more {number}"] for number in range(5)), None]


async def test_no_statement_takes_more_than_its_share(slow: Slow, shared: Shared) -> None:
    asks = [asyncio.create_task(shared.ask(number)) for number in range(MOST * 3)]
    for _ in range(10):
        await turns()
        for gate in slow.gates:
            if not gate.done():
                gate.set_result(None)
    assert {(await each or {})["of"][0] for each in asks} == set(range(MOST * 3))
    assert max(len(batch) for batch in slow.asked) <= MOST


async def test_a_failure_is_told_to_all_who_share_it_and_to_nobody_else(slow: Slow, shared: Shared) -> None:
    failing = asyncio.create_task(shared.ask(1))
    await turns()
    slow.gates[0].set_exception(StoreUnavailable("gone"))
    with pytest.raises(StoreUnavailable):
        await failing
    after = asyncio.create_task(shared.ask(2))
    await turns()
    slow.gates[1].set_result(None)
    assert await after == {"place": 0, "of": [2]}


async def test_who_leaves_takes_nobody_along(slow: Slow, shared: Shared) -> None:
    busy = [asyncio.create_task(shared.ask(number)) for number in range(AT_ONCE)]
    await turns()
    leaving, staying = asyncio.create_task(shared.ask("leaves")), asyncio.create_task(shared.ask("stays"))
    await turns()
    leaving.cancel()
    for _ in range(5):
        for gate in slow.gates:
            if not gate.done():
                gate.set_result(None)
        await turns()
    assert (await staying or {})["of"] == ["stays"]
    assert [task.done() for task in (*busy, leaving)] == [True] * (AT_ONCE + 1)
