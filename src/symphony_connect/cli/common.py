"""What commands share: settings from the environment, an open core, and two ways to print."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from symphony_connect.app import opened_core
from symphony_connect.base import config, logs
from symphony_connect.base.config import Settings
from symphony_connect.base.redact import printable
from symphony_connect.core import Core

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="The same facts for machines.")]

out = Console(soft_wrap=True, highlight=False, emoji=False)


def settings() -> Settings:
    """Raises ConfigError."""
    loaded = config.load(os.environ)
    logs.configure(loaded.log_format, loaded.log_level)
    return loaded


def with_core(work: Callable[[Core], Awaitable[Result]]) -> Result:
    """Open everything, work, close everything."""

    async def run() -> Result:
        async with opened_core(settings()) as core:
            return await work(core)

    return asyncio.run(run())


def print_json(value: Any) -> None:
    """Print one line of JSON. Characters that control a terminal or reverse its text are written as JSON escapes."""
    out.print(_json(value), markup=False)


def _json(value: Any) -> str:
    return printable(json.dumps(camel(value), ensure_ascii=False))


class Keyed(dict[str, Any]):
    """A mapping whose keys are values, such as platforms or kinds, and not names of fields: JSON keeps them."""


def camel(value: Any) -> Any:
    """The same value with names as in the API: `brand_id` becomes `brandId`, at every depth."""
    if isinstance(value, Keyed):
        return {key: camel(each) for key, each in value.items()}
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda found: found[1].upper(), key): camel(each) for key, each in value.items()}
    return [camel(each) for each in value] if isinstance(value, list | tuple) else value


def print_json_part(values: Sequence[Any], *, first: bool) -> None:
    """The next values of one JSON array that is printed piece by piece; `print_json_end` closes it."""
    text = ",\n".join(map(_json, values))
    out.print(("[" if first else ",\n") + text, markup=False, end="")


def print_json_end(*, empty: bool) -> None:
    out.print("[]" if empty else "]", markup=False)


def say(sentence: str) -> None:
    """Print one sentence to standard error; standard output is only for results."""
    Console(stderr=True, soft_wrap=True).print(f"symphony-connect: {sentence}", markup=False, highlight=False)


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error. The function is called with the amount done and the total.

    No bar when `quiet`, or without a terminal."""
    console = Console(stderr=True)
    hidden = quiet or not console.is_terminal
    with Progress(console=console, transient=True, disable=hidden, redirect_stdout=out.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def table(*columns: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Cells are values, or Text where colour says something."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(words(cell)) for cell in row))
    return made


def listing(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for a terminal, in which no cell is broken: ids are there to be copied. Plain lines, cells between
    tabs, for a pipe."""
    cells = [[words(cell) for cell in row] for row in rows]
    if not out.is_terminal:
        out.file.writelines("\t".join(row) + "\n" for row in cells)
        return
    made = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        made.add_column(column, no_wrap=True, min_width=max(len(row[number]) for row in [columns, *cells]))
    for row in cells:
        made.add_row(*map(Text, row))
    out.print(made)


def words(value: Any) -> str:
    """The value as text for people. Control characters in it cannot act on the terminal."""
    if value is None or value == []:
        return "—"
    if isinstance(value, list):
        return ", ".join(map(words, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {words(each)}" for name, each in value.items())
    return printable(str(value))
