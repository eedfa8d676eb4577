"""A copy of a SQLite database, made while the service runs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from symphony_connect.base.errors import ConfigError
from symphony_connect.store.db import StoreUnavailable


def backup(url: str, target: Path) -> int:
    """Write what is committed now into a new file that only its owner may read; returns its size in bytes.

    The file has its name only when it is whole. Writers do not wait. Raises ConfigError for a database
    that is not SQLite and for a file that is there already or cannot be made; StoreUnavailable.
    """
    if not url.startswith("sqlite:///"):
        raise ConfigError("`backup` copies SQLite. For PostgreSQL: pg_dump --format=custom --file=FILE DATABASE-URL")
    if target.exists():
        raise ConfigError(f"{target} is there already; name a new file.")
    source = Path(url.removeprefix("sqlite:///"))
    partial = target.with_name(f"{target.name}.partial-{os.getpid()}")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(source, partial)
        os.link(partial, target)  # fails, where a rename would replace what came meanwhile
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{source} cannot be copied to {target}: {error}") from error
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True, timeout=30)) as database:
        database.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copy:
        found = copy.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
