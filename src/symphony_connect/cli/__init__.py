"""`symphony-connect`: every command, and how their failures are told.

Exit codes: 0 done · 1 it did not hold, or something failed · 2 wrong use or a bad setting.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from symphony_connect import __version__
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.cli import brands, dashboard_link, demo, doctor, keys, move, recovery, serve, vault
from symphony_connect.cli.common import say

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Gets access to each brand's ad accounts, and keeps it.",
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("sandbox")(serve.sandbox)
app.command("migrate")(serve.migrate)
app.add_typer(keys.app, name="keys")
app.add_typer(brands.app, name="brands")
brands.app.command("export")(move.export)
brands.app.command("import")(move.bring)
app.add_typer(vault.app, name="vault")
app.command("backup")(recovery.backup)
app.command("restored")(recovery.restored)
app.command("doctor")(doctor.doctor)
app.command("panic-revoke")(recovery.panic_revoke)
app.command("dashboard-link")(dashboard_link.dashboard_link)


@app.command()
def version() -> None:
    """Print the version."""
    Console().print(__version__, highlight=False)


def main() -> None:
    """Run a command; a failure that is not a fault of ours is one sentence on standard error."""
    try:
        app()
    except ConfigError as error:
        say(str(error))
        sys.exit(2)
    except SymphonyError as error:
        say(str(error))
        sys.exit(1)
