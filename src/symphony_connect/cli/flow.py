"""`flow`: finds a sign-in by the code that its owner reads out, and says what happened."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.cli.common import AsJson, out, print_json, table, with_core
from symphony_connect.core import Core
from symphony_connect.signin import flows


def flow(
    code: Annotated[str, typer.Argument(help="As the owner's page shows it, such as 9fK2Qa.")], as_json: AsJson = False
) -> None:
    """Find a sign-in by the code on its owner's page. Those that failed are kept for a week."""
    asked = code.strip()
    if not (asked.isascii() and asked.removeprefix("flow_").isalnum() and 4 <= len(asked) <= 40):
        raise ConfigError("A code has letters and digits, six of them; read it again from the owner's page.")
    found = with_core(lambda core: _found(core, asked))
    if not found:
        raise SymphonyError(f"There is no sign-in {asked}: it did not begin here, or it is over for more than a week.")
    if as_json:
        print_json(found)
        return
    for each in found:
        out.print(table("", "", rows=each.items()))


async def _found(core: Core, code: str) -> list[dict[str, Any]]:
    return [_shown(row) for row in await flows.by_code(core, code)]


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "workspace": row["workspace"],
        "brandId": row["brand_id"],
        "adPlatform": row["platform"],
        "mode": row["mode"],
        "step": row["step"],
        "errorCode": row["error_code"],
        "errorMessage": row["error_message"],
        "origin": row["origin"],
        "startedAt": rfc3339(row["created_at"]),
    }
