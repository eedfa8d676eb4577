"""`events list`: what happened, from the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, get_args

import typer

from symphony_connect.access.api_keys import SCOPES
from symphony_connect.access.caller import Caller
from symphony_connect.access.workspaces import find_workspace
from symphony_connect.base.errors import ConfigError
from symphony_connect.cli.common import AsJson, listing, print_json, with_core
from symphony_connect.cli.lazy import group
from symphony_connect.connections import history
from symphony_connect.connections.event_types import EventType
from symphony_connect.connections.history import LAST, NEWEST, Filter
from symphony_connect.core import Core

app = group("Events: what happened to the connections.")

COLUMNS = ("Time", "Type", "Brand", "Platform", "By", "Id")


@app.callback()
def _group() -> None: ...


@app.command("list")
def list_events(
    workspace: Annotated[str, typer.Option(help="Whose events.")] = "default",
    type: Annotated[str, typer.Option(help="Only this type, such as connection.needs_reconnect.")] = "",
    brand: Annotated[int | None, typer.Option(min=1, help="Only this brand.")] = None,
    platform: Annotated[str, typer.Option(help="Only this platform.")] = "",
    after: Annotated[str, typer.Option(help="Only later ones: a time such as 2027-01-21T11:49:35Z.")] = "",
    before: Annotated[str, typer.Option(help="Only earlier ones.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """What happened in a workspace, newest first."""
    if type and type not in get_args(EventType):
        raise ConfigError(f"There is no event type {type!r}; known are: {', '.join(get_args(EventType))}.")
    asked = Filter(type, brand, platform, _time("--after", after, -1), _time("--before", before, LAST))
    events = with_core(lambda core: _events(core, workspace, asked, limit))
    if as_json:
        print_json(events)
        return
    names = ("timestamp", "type", "brandId", "adPlatform", "actor", "id")
    listing(COLUMNS, [tuple(event[name] for name in names) for event in events])


async def _events(core: Core, workspace: str, asked: Filter, limit: int) -> list[dict[str, Any]]:
    caller = Caller((await find_workspace(core, workspace)).id, "cli", "secret", frozenset(SCOPES), ())
    found: list[dict[str, Any]] = []
    place: history.Place | None = NEWEST
    while place is not None and len(found) < limit:
        page = await history.list_events(core, caller, asked, place, limit - len(found))
        found, place = [*found, *page.events], page.next
    return found


def _time(option: str, text: str, absent: int) -> int:
    if not text:
        return absent
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} takes a time such as 2027-01-21T11:49:35Z, not {text!r}.") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
