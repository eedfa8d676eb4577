"""`demo`: the service, the sandbox and a customer's page on one machine. Nothing in it is real."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import webbrowser
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from symphony_connect.base.errors import ConfigError
from symphony_connect.cli.common import out, table, words
from symphony_connect.demo import check as walk
from symphony_connect.demo import site
from symphony_connect.demo.running import ENDS, Running, free_port, interrupt, left_out, running


def demo(
    check: Annotated[bool, typer.Option("--check", help="Do the whole job without a browser, and end.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The service's port.")] = 8080,
    sandbox_port: Annotated[int, typer.Option(min=1, max=65535, help="The sandbox's port.")] = 8081,
    page_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The page's port; 8082 or, when taken, any.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the data here; a temporary folder when absent.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
) -> None:
    """Service, sandbox and a page to try, with one command. Ctrl-C ends it."""
    for end in ENDS:
        signal.signal(end, interrupt)
    if check:
        port, sandbox_port = free_port(), free_port()
        data = None
    _check_free("--port", port)
    _check_free("--sandbox-port", sandbox_port)
    with ExitStack() as stack:
        server = stack.enter_context(site.bound(*_page_ports(check, page_port)))
        folder = Path(stack.enter_context(_folder(data)))
        up = stack.enter_context(running(folder, port, sandbox_port, server.server_port))
        if check:
            raise typer.Exit(0 if _check(up) else 1)
        stack.enter_context(site.serving(server, up))
        _say(up)
        if not no_browser:
            webbrowser.open(up.site)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            out.print("\nEnding …")


def _check(up: Running) -> bool:
    """Run every step and print one row for each; True when all of them passed."""
    steps = walk.run(up)
    marks = {True: Text("✓", "green"), False: Text("✗", "red")}
    out.print(table("", "Step", "What was seen", rows=[(marks[step.held], step.name, step.seen) for step in steps]))
    held = all(step.held for step in steps)
    out.print("Everything held." if held else "[red]Not everything held.[/red]")
    return held


def _page_ports(check: bool, wanted: int | None) -> tuple[int, ...]:
    """The ports to try, in order; 0 means any free port."""
    if wanted is not None:
        return (wanted,)
    return (0,) if check else (8082, 0)


def _folder(data: Path | None) -> AbstractContextManager[Any]:
    if data is None:
        return tempfile.TemporaryDirectory(prefix="symphony-demo-")
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--data {data} cannot be used ({error.strerror}). Choose another folder.") from error
    return nullcontext(data)


def _check_free(option: str, port: int) -> None:
    """Raises ConfigError."""
    if free_port(prefer=port) != port:
        raise ConfigError(f"Port {port} is in use. End what listens there, or choose another with {option}.")


def _say(running: Running) -> None:
    curl = f'curl "{running.service}/api/sym/v2/brands?brandId={running.brand_id}" -H "x-api-key: {running.secret_key}"'
    out.print(
        f"""
[bold]Symphony Connect is up, with a sandbox in the place of {running.played}.[/bold]

  Open this page      {running.site}
  Brand to try        {running.brand_id}
  Secret key          {running.secret_key}
  Publishable key     {running.publishable_key}
  Dashboard           {running.site}/dashboard
  API reference       {running.service}/docs
  Sandbox             {running.sandbox}

Connect on the page, then see the brand from your terminal:

  {curl}

{_left_out()}Ctrl-C ends it.
"""
    )


def _left_out() -> str:
    """Says which settings of the environment have no effect here."""
    names = left_out(os.environ)
    return f"Not taken from your environment: {', '.join(map(words, names))}\n\n" if names else ""
