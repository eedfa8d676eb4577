"""One statement for many questions: what is asked while one runs waits, and shares the next one.

On PostgreSQL a round trip costs more than a row, so this is how a busy process answers more questions than it could
make round trips. Each question is answered by a statement that began after it was asked, never by an older one.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from symphony_connect.base.clock import Clock
from symphony_connect.store.db import Row, Store
from symphony_connect.store.statements import All

AT_ONCE = 2
"""Statements under way: a second one, so that a slow answer does not hold up everybody who comes after."""
MOST = 200
"""Questions in one statement."""


class Shared:
    """Asks one statement, which takes `questions`, a JSON array of arrays, and `now`; each row says its `place`."""

    def __init__(self, store: Store, statement: All, clock: Clock) -> None:
        self._store = store
        self._statement = statement
        self._clock = clock
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[Row | None]]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, *question: Any) -> Row | None:
        """The row for this question, or None. Raises StoreUnavailable."""
        answer: asyncio.Future[Row | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if len(self._running) < AT_ONCE:
            task = asyncio.create_task(self._work())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await answer

    async def _work(self) -> None:
        """Until nobody waits."""
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                rows = await self._rows([question for question, _ in batch])
            except Exception as error:  # whatever it is, those who asked must hear of it
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for place, (_, answer) in enumerate(batch):
                if not answer.done():  # its caller may have left
                    answer.set_result(rows.get(place))

    async def _rows(self, questions: list[tuple[Any, ...]]) -> dict[int, Row]:
        rows = await self._store.look_up(self._statement, questions=json.dumps(questions), now=self._clock())
        return {row["place"]: row for row in rows}
