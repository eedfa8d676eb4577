"""`brands export|import`: writes a whole installation to a file, and reads one into an empty database."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from tink import aead

from symphony_connect.base.config import Settings
from symphony_connect.base.errors import ConfigError
from symphony_connect.cli.common import AsJson, camel, print_json, progress, settings
from symphony_connect.operate import export as exporting
from symphony_connect.operate.export import Transferred
from symphony_connect.store import db
from symphony_connect.store.db import Store
from symphony_connect.store.migrate import migrate
from symphony_connect.vault.master_keys import master_keys

File = Annotated[Path, typer.Argument(help="A file, or - for standard input or output.", show_default=False)]
STANDARD = Path("-")


def export(file: File, as_json: AsJson = False) -> None:
    """Write workspaces, keys, brands, connections and sealed tokens to FILE: never anything in clear.

    To move, stop the servers first and do not start them on the old database again: a refresh token works
    once. The file opens only with the master key of this installation.
    """
    with _written(file) as write, progress("Exporting", quiet=as_json) as show:
        transferred = _with_store(lambda store, masters: exporting.export(store, masters, write, show))
    _report(transferred, as_json, "Exported", "", to_error=file == STANDARD)


def import_file(file: File, as_json: AsJson = False) -> None:
    """Read what `brands export` wrote into an empty database: all of it, or nothing.

    Needs the master key of the installation it came from. If servers ran on the old database after the
    export, run `symphony-connect restored` before serving.
    """
    with _read(file) as lines, progress("Importing", quiet=as_json) as show:
        transferred = _with_store(lambda store, masters: exporting.import_installation(store, masters, lines, show))
    _report(transferred, as_json, "Imported", f"; all {transferred.opened} sealed values open")


def _with_store(work: Callable[[Store, list[aead.Aead]], Awaitable[Transferred]]) -> Transferred:
    """Opens the database and the master key, but no vault, which would make a keyset."""

    async def run(chosen: Settings) -> Transferred:
        masters = master_keys(chosen)
        async with db.opened(chosen.database_url.reveal()) as store:
            await migrate(store)
            return await work(store, masters)

    return asyncio.run(run(settings()))


@contextmanager
def _written(file: Path) -> Iterator[Callable[[bytes], object]]:
    """A new file that only its owner can read. It appears under its name only when it is complete."""
    if file == STANDARD:
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    beside = file.with_name(file.name + ".part")
    try:
        if file.exists():
            raise ConfigError(f"{file} exists already; name another file.")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream.write
            stream.flush()
            os.fsync(stream.fileno())
        beside.rename(file)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _read(file: Path) -> Iterator[BinaryIO]:
    if file == STANDARD:
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    with stream:
        yield stream


def _report(transferred: Transferred, as_json: bool, did: str, more: str, *, to_error: bool = False) -> None:
    console = Console(stderr=to_error, soft_wrap=True, highlight=False)
    if as_json:
        facts = {"rows": transferred.rows, "opened": transferred.opened}
        if to_error:
            console.print_json(data=camel(facts), indent=None)
        else:
            print_json(facts)
        return
    rows = transferred.rows
    console.print(
        f"{did}: {rows['workspaces']} workspaces, {rows['brands']} brands, {rows['connections']} connections, "
        f"{rows['grants']} grants, {sum(rows.values())} rows in all{more}."
    )
