"""Reads files of existing tokens: CSV, JSON, and what Nango's `GET /connections/{connectionId}` answers.

A file is read row by row and never held. `check` reads it once, before anything is done.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Secret
from symphony_connect.operate import adoption_json

COLUMNS = ("brandId", "platform", "accessToken", "refreshToken", "expiresIn", "expiresAt", "name", "adAccountIds")
REQUIRED = ("brandId", "platform", "accessToken")
ALSO = {"adplatform": "platform"}
_KNOWN = {name.lower(): name for name in COLUMNS} | ALSO
LARGEST_BRAND = 2**53 - 1
LONGEST_TOKEN = 8192
LONGEST_NAME = 200
LATEST = 10**13
"""A number of seconds is smaller; one of milliseconds has 13 digits."""
MOST_FAULTS = 10
"""Mistakes that are named before reading stops."""


class BadFile(ConfigError):
    """The file cannot be read, or has mistakes: the message names rows and columns, never what stands in them."""


class Fault(Exception):
    """A mistake in one row."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(f"{column} {what}")


@dataclass(frozen=True)
class Row:
    """One token. `number` is the row of a CSV file, whose header is row 1, or the place in a JSON list, from 1."""

    number: int
    brand_id: int
    platform: str
    access_token: Secret
    refresh_token: Secret | None = None
    expires_in: int | None = None
    """Seconds from now."""
    expires_at: int | None = None
    """Milliseconds since the epoch."""
    name: str | None = None
    ad_accounts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class File:
    """Where the tokens are, and what the file does not say itself."""

    path: Path
    platforms: tuple[str, ...]
    """The names that are known."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """The platform of a word in the file, such as Nango's `provider_config_key`."""
    brands: Mapping[str, int] = field(default_factory=dict)
    """The brand of Nango's `connection_id`."""


@dataclass(frozen=True)
class Checked:
    rows: int
    repeated: Mapping[int, int]
    """Rows that say what an earlier row said: its number by theirs."""


def check(file: File) -> Checked:
    """Read all of it. Raises BadFile with the first mistakes."""
    seen: dict[tuple[int, str], tuple[int, bytes]] = {}
    repeated: dict[int, int] = {}
    faults: list[str] = []
    count = 0
    for number, row in _read(file):
        count += 1
        if isinstance(row, Row):
            before, digest = seen.setdefault((row.brand_id, row.platform), (number, _digest(row)))
            if before == number:
                continue
            if digest == _digest(row):
                repeated[number] = before
                continue
            row = Fault("brandId", f"and platform are those of row {before}, which has another token")
        faults.append(f"row {number}: {row}")
        if len(faults) == MOST_FAULTS:
            faults.append("and maybe more")
            break
    if faults:
        raise BadFile(f"{file.path} has mistakes, and nothing was done.\n  " + "\n  ".join(faults))
    if not count:
        raise BadFile(f"{file.path} has no rows.")
    return Checked(count, repeated)


def rows(file: File) -> Iterator[Row]:
    """The rows of a checked file. Raises BadFile when it was changed since."""
    for number, row in _read(file):
        if isinstance(row, Fault):
            raise BadFile(f"{file.path} was changed while it was read: row {number}: {row}")
        yield row


def _digest(row: Row) -> bytes:
    tokens = (row.access_token.reveal(), row.refresh_token.reveal() if row.refresh_token else "")
    return hashlib.sha256("\n".join(tokens).encode()).digest()[:8]


def _read(file: File) -> Iterator[tuple[int, Row | Fault]]:
    try:
        with file.path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _parsed(file, stream)
    except OSError as error:
        raise BadFile(f"{file.path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        # The error itself would show what stands there.
        raise BadFile(f"{file.path} is not UTF-8: save it as UTF-8 and try again.") from None


def _parsed(file: File, stream: TextIO) -> Iterator[tuple[int, Row | Fault]]:
    start = stream.read(1024).lstrip()
    stream.seek(0)
    found = adoption_json.objects(stream) if start.startswith(("{", "[")) else _lines(stream)
    try:
        for number, values in found:
            try:
                yield number, _row(file, number, values)
            except Fault as fault:
                yield number, fault
    except (adoption_json.Damaged, csv.Error) as error:
        raise BadFile(f"{file.path}: {error}") from None


def _lines(stream: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of CSV. The header says by what they are separated: comma, semicolon or tab."""
    header = stream.readline()
    if not header.strip():
        return
    separator = max(",;\t", key=header.count)
    names = [_column(name) for name in next(csv.reader([header], delimiter=separator))]
    if twice := {name for name in names if names.count(name) > 1}:
        raise csv.Error(f"row 1: column {min(twice)} is there twice")
    if missing := [name for name in REQUIRED if name not in names]:
        raise csv.Error(f"row 1: there is no column {missing[0]}; the first row names the columns")
    reader = csv.reader(stream, delimiter=separator, strict=True)
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise csv.Error(f"row {number}: {error}") from None
        if cells is None:
            return
        if not any(cells):
            continue
        values: dict[str, Any] = {name: cell.strip() or None for name, cell in zip(names, cells, strict=False)}
        yield number, values if len(cells) == len(names) else {"": len(cells), "of": len(names)}


def _column(name: str) -> str:
    found = _KNOWN.get(re.sub(r"[\s_-]", "", name).lower())
    if found is None:
        near = difflib.get_close_matches(name, COLUMNS, 1)
        meant = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(COLUMNS)}"
        raise csv.Error(f"row 1: a column has a name that is not known{meant}")
    return found


def _row(file: File, number: int, values: dict[str, Any]) -> Row:
    if "" in values:
        raise Fault(f"has {values['']} cells,", f"and the first row names {values['of']} columns")
    if "connection_id" in values:
        values = adoption_json.from_nango(values, file.brands, Fault)
    else:
        values = {_known(name): value for name, value in values.items()}
    for name in REQUIRED:
        if values.get(name) in (None, ""):
            raise Fault(name, "is empty")
    return Row(
        number,
        _whole(values, "brandId", 1, LARGEST_BRAND) or 0,
        _platform(file, values["platform"]),
        _token(values, "accessToken") or Secret(""),
        _token(values, "refreshToken"),
        _whole(values, "expiresIn", 0, 10 * 365 * 86400),
        _time(values.get("expiresAt")),
        _name(values.get("name")),
        _accounts(values.get("adAccountIds")),
    )


def _known(name: str) -> str:
    try:
        return _column(name)
    except csv.Error as error:
        raise Fault("has a name", str(error).partition(" a column has a name ")[2]) from None


def _whole(values: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = values.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,17}", value):
        value = int(value)
    if type(value) is not int or not least <= value <= most:
        raise Fault(name, f"is not a whole number from {least} to {most}")
    return value


def _platform(file: File, value: Any) -> str:
    name = file.renamed.get(value, value) if isinstance(value, str) else ""
    for known in (name, name.lower().replace("-", "_")):
        if known in file.platforms:
            return known
    raise Fault("platform", f"is none of {', '.join(file.platforms)}; --platform WORD=PLATFORM says what is meant")


def _token(values: Mapping[str, Any], name: str) -> Secret | None:
    value = values.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise Fault(name, "holds characters that no token has")
    if len(value) > LONGEST_TOKEN:
        raise Fault(name, f"is longer than {LONGEST_TOKEN} letters")
    return Secret(value)


def _time(value: Any) -> int | None:
    """RFC 3339, or seconds or milliseconds since 1970, as milliseconds."""
    if value in (None, ""):
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,13}", value):
        value = int(value)
    if type(value) is int and 0 < value < LATEST:
        return value if value >= LATEST // 100 else value * SECOND
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        if read and read.tzinfo:
            return round(read.timestamp() * SECOND)
    except (ValueError, OverflowError):
        pass
    raise Fault("expiresAt", "is not a time such as 2027-01-21T11:49:35Z")


def _name(value: Any) -> str | None:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or len(value) > LONGEST_NAME or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", value):
        raise Fault("name", f"is not text of at most {LONGEST_NAME} letters without control characters")
    return value


def _accounts(value: Any) -> tuple[str, ...] | None:
    """In CSV, ids are separated by spaces, `;` or `|`."""
    if value in (None, ""):
        return None
    ids = re.split(r"[\s;|,]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(ids, list) or not all(isinstance(id, str) and re.fullmatch(r"[\w.:-]{1,200}", id) for id in ids):
        raise Fault("adAccountIds", "is not a list of ids")
    return tuple(ids)
