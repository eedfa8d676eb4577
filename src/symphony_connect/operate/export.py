"""Export a whole installation to a file, and import it into another database. Tokens stay sealed.

The file is JSON lines: a header (format, schema, number of rows in each table), one line for each row, and
a trailer with the SHA-256 of everything before it. The checksum is sealed with the keyset in the file, so
nobody can change a line without the master key.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tink
from tink import aead

from symphony_connect.access import sql as access_sql
from symphony_connect.base.errors import SymphonyError
from symphony_connect.store import bulk, search
from symphony_connect.store import sql as store_sql
from symphony_connect.store.db import Store, Transaction
from symphony_connect.store.migrate import tables
from symphony_connect.vault import keyset, rekey
from symphony_connect.vault import sql as vault_sql
from symphony_connect.vault.keyset import Keyset
from symphony_connect.vault.vault import Vault

FORMAT = "symphony-connect installation"
VERSION = 1
TRAILER = b"symphony-connect export"
"""The associated data of the sealed checksum."""

Progress = Callable[[int, int], None]
"""Called with the number of rows done, and the total."""


class NotImported(SymphonyError):
    """The import was refused; the database is unchanged."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Nothing was imported.")


class BadFile(NotImported):
    """The file is not a complete, unchanged export."""


class NotEmpty(NotImported):
    """The database holds an installation already."""


@dataclass
class Transferred:
    """The result: rows of each table, and how many sealed values opened after the import."""

    rows: dict[str, int] = field(default_factory=dict)
    opened: int = 0


# Out


async def export(
    store: Store, masters: list[aead.Aead], write: Callable[[bytes], object], progress: Progress
) -> Transferred:
    """Write the installation as it is now. Raises StoreUnavailable, ConfigError or KeysUnavailable."""
    digest = hashlib.sha256()

    def line(value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        digest.update(text)
        write(text)

    async with store.snapshot() as tx:
        transferred = Transferred({table: await bulk.count(tx, table) for table in tables(derived=False)})
        total, done = sum(transferred.rows.values()), 0
        line({"format": FORMAT, "version": VERSION, "schema": await _schema(tx), "rows": transferred.rows})
        for table in tables(derived=False):
            async for row in bulk.scan(tx, table, await bulk.columns(tx, table)):
                line([table, {name: _plain(value) for name, value in row.items()}])
                done += 1
                progress(done, total)
        keys = await _keys(tx, masters)
    sealed = keys.primitive.encrypt(digest.digest(), TRAILER)
    line({"sha256": digest.hexdigest(), "sealed": base64.b64encode(sealed).decode()})
    return transferred


def _plain(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


async def _schema(tx: Transaction) -> list[str]:
    return sorted(row["name"] for row in await tx.all(store_sql.migrations_done))


async def _keys(tx: Transaction, masters: list[aead.Aead]) -> Keyset:
    row = await tx.one(vault_sql.keyset)
    if row is None:
        raise SymphonyError("There is no installation in this database: it has no keys.")
    return await asyncio.to_thread(keyset.unwrap, bytes(row["wrapped"]), masters)


# In


async def import_installation(
    store: Store, masters: list[aead.Aead], lines: Iterable[bytes], progress: Progress
) -> Transferred:
    """Import an exported installation into a migrated database without workspaces: all of it, or nothing.

    Raises BadFile, NotEmpty, ConfigError (another master key) or StoreUnavailable.
    """
    reader = _Reader(lines)
    async with store.writing() as tx:
        await _prepare(tx, reader.header())
        transferred = await _fill(tx, reader, progress)
        await search.rebuild(tx)
        keys = await _keys(tx, masters)
        _check_seal(keys, reader)
        transferred.opened = await _open_all(tx, Vault(store, masters, b"", keys))
    return transferred


class _Reader:
    """Reads the lines of a file and checks each."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._digest = hashlib.sha256()
        self.expected: dict[str, int] = {}
        self.trailer: dict[str, str] = {}
        self.digest = b""

    def header(self) -> dict[str, Any]:
        header = self._parsed(next(self._lines, b""))
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise BadFile("This is not a file that `brands export` wrote.")
        if header.get("version") != VERSION:
            raise BadFile(f"The file has format {header.get('version')}; this version reads {VERSION}.")
        rows: Any = header.get("rows")
        schema = header.get("schema")
        counts = isinstance(rows, dict) and all(isinstance(count, int) for count in rows.values())
        if not counts or not (isinstance(schema, list) and all(isinstance(name, str) for name in schema)):
            raise BadFile("The file is damaged: its first line does not say what it holds.")
        self.expected = dict(rows)
        return header

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The table and the row of each line, until the trailer."""
        for raw in self._lines:
            before = self._digest.digest()
            match self._parsed(raw):
                case [str(table), dict(row)]:
                    yield table, {name: _value(one) for name, one in row.items()}
                case dict(trailer):
                    self.trailer, self.digest = trailer, before
                    if next(self._lines, b""):
                        raise BadFile("The file goes on after its end.")
                    return
                case _:
                    raise BadFile("The file is damaged: a line is no row.")
        raise BadFile("The file is cut off: its last line is missing.")

    def _parsed(self, raw: bytes) -> Any:
        self._digest.update(raw)
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise BadFile("The file is cut off or damaged: a line is not JSON.") from error


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    try:
        return base64.b64decode(value["base64"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile("The file is damaged: a value is not base64.") from error


async def _prepare(tx: Transaction, header: Mapping[str, Any]) -> None:
    if await tx.all(access_sql.workspaces, most=1):
        raise NotEmpty("This database has workspaces already; import goes into an empty one.")
    here = await _schema(tx)
    if header["schema"] != here:
        raise BadFile(
            f"The file has the schema {', '.join(header['schema'])}, this database {', '.join(here)}: "
            "export and import with the same version of symphony-connect."
        )
    # Without a workspace the database holds only a keyset that has sealed nothing.
    for table in reversed(tables()):
        await bulk.empty(tx, table)


async def _fill(tx: Transaction, reader: _Reader, progress: Progress) -> Transferred:
    transferred, total = Transferred(dict.fromkeys(tables(derived=False), 0)), sum(reader.expected.values())
    for table, rows in _batches(reader):
        if table not in transferred.rows:
            raise BadFile(f"The file has rows of {table!r}, which there is no table for.")
        columns = await bulk.columns(tx, table)
        if any(row.keys() != set(columns) for row in rows):
            raise BadFile(f"The file has a row of {table} with other columns than the table.")
        try:
            await bulk.fill(tx, table, columns, rows)
        except bulk.Misfit as error:
            raise BadFile(str(error)) from error
        transferred.rows[table] += len(rows)
        progress(sum(transferred.rows.values()), total)
    if transferred.rows != reader.expected:
        raise BadFile("The file has not the rows that its first line says.")
    return transferred


def _batches(reader: _Reader) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for table, lines in itertools.groupby(reader.rows(), key=lambda line: line[0]):
        while batch := [row for _, row in itertools.islice(lines, bulk.BATCH)]:
            yield table, batch


def _check_seal(keys: Keyset, reader: _Reader) -> None:
    """The checksum finds damage; its seal finds tampering."""
    try:
        if reader.trailer.get("sha256") == reader.digest.hex():
            sealed = base64.b64decode(reader.trailer.get("sealed", ""))
            if keys.primitive.decrypt(sealed, TRAILER) == reader.digest:
                return
    except (tink.TinkError, ValueError, TypeError):
        pass
    raise BadFile("The file was changed after it was written: its checksum does not hold.")


async def _open_all(tx: Transaction, vault: Vault) -> int:
    opened = 0
    for place in rekey.PLACES:
        async for row in rekey.sealed_values(tx, place):
            binding = rekey.binding_of(row)
            if not (vault.opens(binding, row["sealed"]) or vault.opens(binding.rowless, row["sealed"])):
                raise BadFile(f"The sealed {binding.field} of brand {binding.brand_id} does not open.")
            opened += 1
    return opened
