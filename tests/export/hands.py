"""What hands may do to the lines of an exported file, and the words that refuse each."""

from __future__ import annotations

import json


def another_name(lines: list[bytes]) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith(b'["workspaces"'))
    lines[at] = lines[at].replace(b"acme", b"evil")


def a_row_less(lines: list[bytes]) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith(b'["events"'))
    del lines[at]


def a_foreign_column(lines: list[bytes]) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith(b'["workspaces"'))
    lines[at] = lines[at].replace(b'"name":', b'"name) --":')


def a_foreign_table(lines: list[bytes]) -> None:
    lines.insert(1, b'["migrations; --",{"name":"x"}]\n')


def a_row_of_nobody(lines: list[bytes]) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith(b'["brands"'))
    table, row = json.loads(lines[at])
    lines[at] = json.dumps([table, {**row, "workspace_id": "ws_nobody"}]).encode() + b"\n"


def no_row_at_all(lines: list[bytes]) -> None:
    lines.insert(3, b"[1,2,3]\n")


def a_grant_moved(lines: list[bytes]) -> None:
    one, other = [at for at, line in enumerate(lines) if line.startswith(b'["grants"')][:2]
    rows = [json.loads(lines[at])[1] for at in (one, other)]
    rows[0]["sealed"] = rows[1]["sealed"]
    lines[one] = json.dumps(["grants", rows[0]]).encode() + b"\n"


def another_format(lines: list[bytes]) -> None:
    lines[0] = lines[0].replace(b'"version":1', b'"version":2')


def another_schema(lines: list[bytes]) -> None:
    lines[0] = lines[0].replace(b'"schema":["', b'"schema":["0000_before","')


def a_deep_line(lines: list[bytes]) -> None:
    lines.insert(3, b"[" * 200_000 + b"]" * 200_000 + b"\n")


def rows_that_are_a_list(lines: list[bytes]) -> None:
    lines[0] = json.dumps({**json.loads(lines[0]), "rows": [1, 2]}).encode() + b"\n"


def no_schema(lines: list[bytes]) -> None:
    header = json.loads(lines[0])
    del header["schema"]
    lines[0] = json.dumps(header).encode() + b"\n"


def a_seal_that_is_a_number(lines: list[bytes]) -> None:
    lines[-1] = json.dumps({**json.loads(lines[-1]), "sealed": 7}).encode() + b"\n"


def half_a_surrogate_pair(lines: list[bytes]) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith(b'["workspaces"'))
    lines[at] = lines[at].replace(b"acme", b"\\ud800")


def a_list_for_a_text(lines: list[bytes]) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith(b'["workspaces"'))
    lines[at] = lines[at].replace(b'"acme"', b"[1]")


HANDS = [
    (a_deep_line, "a line is not JSON|a line is no row"),
    (rows_that_are_a_list, "its first line does not say"),
    (no_schema, "its first line does not say"),
    (a_seal_that_is_a_number, "was changed after"),
    (half_a_surrogate_pair, "does not fit the table"),
    (a_list_for_a_text, "does not fit the table"),
    (another_name, "was changed after"),
    (a_row_less, "not the rows that its first line says"),
    (a_foreign_column, "other columns than the table"),
    (a_foreign_table, "there is no table for"),
    (a_row_of_nobody, "does not fit the table|was changed after"),
    (no_row_at_all, "a line is no row"),
    (a_grant_moved, "was changed after"),
    (another_format, "has format 2"),
    (another_schema, "0000_before"),
]
