"""One statement answers many: each by a statement that began after it asked, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from symphony_connect.connections import sql
from symphony_connect.store.db import Store, StoreUnavailable
from symphony_connect.store.shared import AT_ONCE, MOST, Shared

STATEMENT = sql.fresh_token


class Slow:
    """A store whose look-ups end when they are let go, each as it was told to."""

    def __init__(self) -> None:
        self.asked: list[list[Any]] = []
        self.times: list[int] = []
        self.gates: list[asyncio.Future[None]] = []

    async def look_up(
        self, _statement: Any, questions: Sequence[dict[str, Any]], now: int
    ) -> list[tuple[Any, ...] | None]:
        self.asked.append([question["of"] for question in questions])
        self.times.append(now)
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        await gate
        return [None if question["of"] == "nobody" else (question["of"],) for question in questions]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def shared(slow: Slow) -> Shared:
    return Shared(cast(Store, slow), STATEMENT)


def ask(shared: Shared, of: str | int, now: int = 7) -> asyncio.Task[Any]:
    return asyncio.create_task(shared.ask({"of": of}, now))


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_comes_while_statements_run_shares_the_next(slow: Slow, shared: Shared) -> None:
    first = [ask(shared, number) for number in range(AT_ONCE)]
    await turns()
    more = [ask(shared, f"more {number}") for number in range(5)]
    more.append(ask(shared, "nobody"))
    await turns()
    assert slow.asked == [[number] for number in range(AT_ONCE)]
    slow.gates[0].set_result(None)
    await turns()
    assert slow.asked[AT_ONCE:] == [[*(f"more {number}" for number in range(5)), "nobody"]]
    for gate in slow.gates[1:]:
        gate.set_result(None)
    assert [await each for each in first] == [(number,) for number in range(AT_ONCE)]
    assert [await each for each in more] == [*((f"more {number}",) for number in range(5)), None]


async def test_no_statement_takes_more_than_its_share(slow: Slow, shared: Shared) -> None:
    asks = [ask(shared, number) for number in range(MOST * 3)]
    for _ in range(10):
        await turns()
        for gate in slow.gates:
            if not gate.done():
                gate.set_result(None)
    assert {(await each)[0] for each in asks} == set(range(MOST * 3))
    assert max(len(batch) for batch in slow.asked) <= MOST


async def test_a_failure_is_told_to_all_who_share_it_and_to_nobody_else(slow: Slow, shared: Shared) -> None:
    failing = ask(shared, 1)
    await turns()
    slow.gates[0].set_exception(StoreUnavailable("gone"))
    with pytest.raises(StoreUnavailable):
        await failing
    after = ask(shared, 2)
    await turns()
    slow.gates[1].set_result(None)
    assert await after == (2,)


async def test_who_leaves_takes_nobody_along(slow: Slow, shared: Shared) -> None:
    busy = [ask(shared, number) for number in range(AT_ONCE)]
    await turns()
    leaving, staying = ask(shared, "leaves"), ask(shared, "stays")
    await turns()
    leaving.cancel()
    for _ in range(5):
        for gate in slow.gates:
            if not gate.done():
                gate.set_result(None)
        await turns()
    assert await staying == ("stays",)
    assert [task.done() for task in (*busy, leaving)] == [True] * (AT_ONCE + 1)


async def test_a_shared_statement_is_of_the_time_of_its_last_question(slow: Slow, shared: Shared) -> None:
    """A key that ended before anybody of them asked is refused to all."""
    asks = [ask(shared, number, now=number) for number in range(AT_ONCE + 3)]
    await turns()
    slow.gates[0].set_result(None)
    await turns()
    assert slow.times[AT_ONCE:] == [AT_ONCE + 2]
    for gate in slow.gates[1:]:
        gate.set_result(None)
    await asyncio.gather(*asks)
