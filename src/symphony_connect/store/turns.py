"""One statement on SQLite: what is asked in one turn of the event loop is answered at its end, in one read transaction.

Beginning and ending a read transaction costs half of what a row costs that is found by an index, and a statement that
runs again at once finds everything that it needs in the processor's cache. The transaction begins after the last
question was asked, so each is answered with what is committed then.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence

from symphony_connect.store.look_ups import Found, Question

Asked = tuple[Question, int]
"""A question, and the time (milliseconds) that it is about."""
Failure = Callable[[sqlite3.Error], Exception]
"""What an error of the driver is raised as."""


class Turns:
    """Answers in the loop's own thread: the switch to another one costs more than a row found by an index."""

    def __init__(self, connection: sqlite3.Connection, text: str, failure: Failure) -> None:
        self._connection = connection
        self._text = text
        self._failure = failure
        self._waiting: list[tuple[Asked, asyncio.Future[Found | None]]] = []

    async def ask(self, question: Question, now: int) -> Found | None:
        """The row for this question at this time, or None. Raises StoreUnavailable."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._answer)
        answer: asyncio.Future[Found | None] = loop.create_future()
        self._waiting.append(((question, now), answer))
        return await answer

    def look_up(self, asked: Sequence[Asked]) -> list[Found | None]:
        """A row for each, in their order; all of one state of the database."""
        execute, text = self._connection.execute, self._text
        try:
            if len(asked) == 1:
                return [execute(text, {**asked[0][0], "now": asked[0][1]}).fetchone()]
            execute("BEGIN")
            try:
                return [execute(text, {**question, "now": now}).fetchone() for question, now in asked]
            finally:
                self._connection.rollback()
        except sqlite3.DatabaseError as error:
            raise self._failure(error) from error

    def _answer(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            rows = self.look_up([asked for asked, _ in waiting])
        except Exception as error:  # this is a callback of the loop: nobody else would hear of it
            for _, answer in waiting:
                if not answer.done():
                    answer.set_exception(error)
            return
        for row, (_, answer) in zip(rows, waiting, strict=True):
            if not answer.done():  # whoever asked may have left
                answer.set_result(row)
