"""`symphony-connect`: every command, and what a failure prints.

Exit codes: 0 done · 1 a check or the work failed · 2 wrong use or a bad setting.
"""

from __future__ import annotations

import sys

import typer

from symphony_connect import __version__
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.base.redact import printable
from symphony_connect.cli.lazy import Later, Version, group, lazy_group

COMMANDS = {
    "demo": Later("demo:demo", "Service, sandbox and a page to try, with one command. Ctrl-C ends it."),
    "serve": Later("serve:serve", "Serve the API and the pages, and keep connections alive."),
    "worker": Later("serve:worker", "Keep connections alive, without serving."),
    "sandbox": Later("sandbox_command:sandbox", "Run the stand-in for the platforms."),
    "migrate": Later("serve:migrate", "Bring the database's schema up to date."),
    "workspaces": Later("workspaces:app", "Workspaces: each has brands and keys of its own."),
    "keys": Later("keys:app", "API keys: make, list, revoke."),
    "events": Later("events:app", "Events: what happened to the connections."),
    "webhooks": Later("webhooks:app", "Webhooks: endpoints, and what was delivered to them."),
    "brands": Later("brands:app", "Brands and their connections."),
    "vault": Later("vault:app", "The keys that seal what is stored."),
    "backup": Later("recovery:backup", "Copy a SQLite database into FILE while the service runs"),
    "restored": Later("recovery:restored", "After a backup was put back, before servers start."),
    "doctor": Later("doctor:doctor", "Check settings, database, keys and each platform's app."),
    "flow": Later("flow:flow", "Find a sign-in by the code on its owner's page."),
    "panic-revoke": Later("recovery:panic_revoke", "End many connections at once."),
    "dashboard-link": Later("dashboard_link:dashboard_link", "Print a link that signs one person in to the dashboard."),
}

app = group("Gets access to each brand's ad accounts, and keeps it.", cls=lazy_group(COMMANDS))


@app.callback()
def _root(version: Version = False) -> None: ...


@app.command("version")
def print_version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run a command. An expected failure prints one sentence on standard error."""
    try:
        app()
    except ConfigError as error:
        _say(error)
        sys.exit(2)
    except SymphonyError as error:
        _say(error)
        sys.exit(1)


def _say(error: Exception) -> None:
    typer.echo(f"symphony-connect: {printable(str(error))}", err=True)
