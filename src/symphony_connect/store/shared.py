"""One statement for many questions: what is asked while one runs waits, and shares the next one.

On PostgreSQL a round trip costs more than a row, so this is how a busy process answers more questions than it could
make round trips. Each question is answered by a statement that began after it was asked, never by an older one.
"""

from __future__ import annotations

import asyncio

from symphony_connect.store.db import Store
from symphony_connect.store.look_ups import Found, Question
from symphony_connect.store.statements import One

AT_ONCE = 2
"""Statements under way: a second one, so that a slow answer does not hold up everybody who comes after."""
MOST = 200
"""Questions in one statement."""

Asked = tuple[Question, int, asyncio.Future[Found | None]]


class Shared:
    """Asks one statement, which takes a question's values and `now`, for callers who may wait for one another."""

    def __init__(self, store: Store, statement: One) -> None:
        self._store = store
        self._statement = statement
        self._waiting: list[Asked] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_work = 0

    async def ask(self, question: Question, now: int) -> Found | None:
        """The row for this question at this time (milliseconds), or None. Raises StoreUnavailable."""
        if self._at_work < AT_ONCE:
            return await self._ask_now(question, now)
        answer: asyncio.Future[Found | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, now, answer))
        return await answer

    async def _ask_now(self, question: Question, now: int) -> Found | None:
        self._at_work += 1
        try:
            return (await self._store.look_up(self._statement, [question], now))[0]
        finally:
            self._at_work -= 1
            if self._waiting:
                self._go_on()

    def _go_on(self) -> None:
        """Start a statement for those who wait, as a task of its own: a caller who leaves does not cancel it."""
        self._at_work += 1
        task = asyncio.create_task(self._work())
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._at_work -= 1
        self._tasks.discard(task)

    async def _work(self) -> None:
        """Until nobody waits."""
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                questions, now = [question for question, _, _ in batch], max(now for _, now, _ in batch)
                rows = await self._store.look_up(self._statement, questions, now)
            except Exception as error:
                _fail(batch, error)
                continue
            except BaseException as error:  # this task ends, so nobody may go on waiting for it
                _fail(batch + self._waiting, error)
                self._waiting = []
                raise
            for row, (_, _, answer) in zip(rows, batch, strict=True):
                if not answer.done():  # whoever asked may have left
                    answer.set_result(row)


def _fail(asked: list[Asked], error: BaseException) -> None:
    for _, _, answer in asked:
        if not answer.done():
            answer.set_exception(error)
