"""`webhooks list|create|change|remove|rotate|test|deliveries|replay`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from symphony_connect.access.workspaces import find_workspace
from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import Problem, SymphonyError
from symphony_connect.cli.common import AsJson, listing, out, print_json, with_core
from symphony_connect.cli.lazy import group
from symphony_connect.core import Core
from symphony_connect.web.api.views import time
from symphony_connect.web.api.webhooks import delivery_out
from symphony_connect.webhooks import deliveries, endpoints
from symphony_connect.webhooks.endpoints import Change, Endpoint

app = group("Webhooks: endpoints, and what was delivered to them.")

T = TypeVar("T")
Workspace = Annotated[str, typer.Option(help="Whose endpoints.")]
Id = Annotated[str, typer.Argument(help="As `webhooks list` shows it: we_…")]
Types = Annotated[str | None, typer.Option(help="Comma list of event types; all when empty.")]
NEWEST = (2**62, "")


def _in(workspace: str, work: Callable[[Core, str], Awaitable[T]]) -> T:
    """Raises SymphonyError with the sentence of a Problem."""

    async def run(core: Core) -> T:
        try:
            return await work(core, (await find_workspace(core, workspace)).id)
        except Problem as problem:
            raise SymphonyError(problem.message) from problem

    return with_core(run)


def _split(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(word.strip() for word in text.split(",") if word.strip())


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "types": None if endpoint.types is None else list(endpoint.types),
        "description": endpoint.description,
        "enabled": endpoint.disabled_at is None,
        "disabledWhy": endpoint.disabled_why,
        "createdAt": rfc3339(endpoint.created_at),
    }


@app.command("list")
def list_endpoints(workspace: Workspace = "default", as_json: AsJson = False) -> None:
    """The workspace's endpoints, and how many deliveries wait or were given up."""
    found = _in(workspace, endpoints.list_endpoints)
    rows = [{**_shown(each), "pending": pending, "failed": failed} for each, pending, failed in found]
    if as_json:
        print_json(rows)
        return
    names = ("id", "url", "types", "enabled", "pending", "failed")
    listing(
        ("Id", "Address", "Types", "Enabled", "Waiting", "Given up"),
        [tuple(row[name] if row[name] is not None else "all" for name in names) for row in rows],
    )


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="https://…")],
    types: Types = None,
    description: Annotated[str, typer.Option(help="What it is for, in your words.")] = "",
    workspace: Workspace = "default",
    as_json: AsJson = False,
) -> None:
    """Make an endpoint. Its secret is shown once."""
    ask = Change(url=url, types=_split(types), description=description[:200])
    made = _in(workspace, lambda core, id: endpoints.create(core, id, ask))
    if as_json:
        print_json({**_shown(made.endpoint), "secret": made.secret})
        return
    out.print(made.secret, markup=False)
    out.print(f"The secret of {made.endpoint.id}; this is the only time it is shown.", style="dim", markup=False)


@app.command()
def change(
    id: Id,
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    types: Types = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether events are delivered.")] = None,
    workspace: Workspace = "default",
    as_json: AsJson = False,
) -> None:
    """Change an endpoint; what is left out stays as it is."""
    ask = Change(url, _split(types), description, enabled)
    changed = _in(workspace, lambda core, within: endpoints.change(core, within, id, ask))
    _say(_shown(changed), f"{id} is changed.", as_json)


@app.command()
def remove(id: Id, workspace: Workspace = "default", as_json: AsJson = False) -> None:
    """Remove an endpoint with its secrets and its deliveries."""
    _in(workspace, lambda core, within: endpoints.remove(core, within, id))
    _say({"id": id, "removed": True}, f"{id} is removed.", as_json)


@app.command()
def rotate(id: Id, workspace: Workspace = "default", as_json: AsJson = False) -> None:
    """Make a new secret; the one before it signs too for a day."""
    secret, until = _in(workspace, lambda core, within: endpoints.rotate(core, within, id))
    _say({"secret": secret, "otherUntil": time(until)}, secret, as_json)


@app.command("test")
def send_test(id: Id, workspace: Workspace = "default", as_json: AsJson = False) -> None:
    """Queue a test delivery; a worker sends it."""
    sent = _in(workspace, lambda core, within: deliveries.send_test(core, within, id, "cli"))
    _say(delivery_out(sent).model_dump(by_alias=True), f"{sent.id} is queued.", as_json)


@app.command("deliveries")
def list_deliveries(
    id: Id,
    status: Annotated[str, typer.Option(help="pending, delivered or failed; all when absent.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    workspace: Workspace = "default",
    as_json: AsJson = False,
) -> None:
    """What was sent, waits or was given up, newest first."""
    found = _in(workspace, lambda core, within: deliveries.list_deliveries(core, within, id, status, NEWEST, limit))
    rows = [delivery_out(each).model_dump(by_alias=True) for each in found]
    if as_json:
        print_json(rows)
        return
    names = ("id", "type", "status", "attempts", "lastAttemptAt", "error")
    listing(
        ("Id", "Type", "Status", "Attempts", "Last attempt", "Error"),
        [tuple(row[name] for name in names) for row in rows],
    )


@app.command()
def replay(
    id: Id,
    delivery: Annotated[str, typer.Argument(help="As `webhooks deliveries` shows it: evt_…")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="All that were given up, instead of one.")] = False,
    workspace: Workspace = "default",
    as_json: AsJson = False,
) -> None:
    """Send a delivery again under the same id, or with --failed all that were given up."""
    if failed is bool(delivery):
        raise typer.BadParameter("name one delivery, or give --failed for all that were given up")
    if failed:
        count = _in(workspace, lambda core, within: deliveries.replay_failed(core, within, id))
        _say({"replayed": count}, f"{count:,} deliveries are queued again.", as_json)
        return
    again = _in(workspace, lambda core, within: deliveries.replay(core, within, id, delivery))
    _say(delivery_out(again).model_dump(by_alias=True), f"{delivery} is queued again.", as_json)


def _say(facts: dict[str, Any], sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        out.print(sentence, markup=False)
