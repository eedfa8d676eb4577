"""`vault rotate`: seals everything with new keys while servers run."""

from __future__ import annotations

import typer

from symphony_connect.cli.common import AsJson, out, print_json, progress, with_core
from symphony_connect.cli.lazy import group
from symphony_connect.vault import rekey
from symphony_connect.vault.rekey import Rotation

app = group("The keys that seal what is stored.")


@app.callback()
def _group() -> None:
    """A group, though it has only one command now."""


@app.command()
def rotate(as_json: AsJson = False) -> None:
    """Seal everything with a new key, wrap it with the first of SYMPHONY_MASTER_KEY, and take the old keys away.

    Servers keep running. To change the master key, give every server "new,old" first, rotate, then leave
    the old one out. Cut short, it goes on where it was when run again. Exit code 1 when a value does not open.
    """
    with progress("Sealing", quiet=as_json) as show:
        done = with_core(lambda core: rekey.rotate(core.store, core.vault, core.clock, show))
    if as_json:
        print_json(_facts(done))
    else:
        _say(done)
    if done.unreadable:
        raise typer.Exit(1)


def _facts(done: Rotation) -> dict[str, object]:
    return {
        "resumed": done.resumed,
        "key": done.primary[1:].hex(),
        "retired": sorted(key[1:].hex() for key in done.retired),
        "removed": done.proven is not None,
        "resealed": done.resealed,
        "proven": done.proven,
        "unreadable": done.unreadable,
    }


def _say(done: Rotation) -> None:
    if done.resumed:
        out.print("Went on with a rotation that was cut short.")
    out.print(f"Sealed {done.resealed} values again, with key {done.primary[1:].hex()}.")
    if done.proven is not None:
        out.print(
            f"Proven: all {done.proven} values open with the first of SYMPHONY_MASTER_KEY and the new key alone. "
            "The old keys are gone; further master keys can be left out of the setting."
        )
        return
    for value in done.unreadable:
        out.print(f"✗ {value}", markup=False)
    out.print(
        f"{len(done.unreadable)} values do not open with any key, so the old keys were kept. "
        "Disconnect those brands (or let them reconnect), then run: symphony-connect vault rotate"
    )
