"""Commands that are imported only when one of them runs, so that `--help` and `version` answer at once."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from symphony_connect import __version__

HELP = {"help_option_names": ["-h", "--help"]}
"""Context settings; commands below a group inherit them."""


@dataclass(frozen=True)
class Later:
    """A command that has not been imported."""

    place: str
    """`module:name` in `symphony_connect.cli`: a function, or a typer.Typer with commands of its own."""
    help: str
    """The first line of the command's help. tests/house/test_commands.py compares both."""

    @cache  # noqa: B019 - as many as there are commands, and they are needed as long as the process runs
    def load(self, name: str) -> Any:
        """The command itself, imported now."""
        module, _, attribute = self.place.partition(":")
        found = getattr(importlib.import_module(f"symphony_connect.cli.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            alone = group("")
            alone.command(name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = name
        for each in _and_below(command):
            each.params.append(_version_option())
        return command


def group(help: str, **more: Any) -> typer.Typer:
    """A typer.Typer as all of ours are: plain help text, no completion, no decorated tracebacks."""
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings=HELP,
        help=help,
        **more,
    )


def lazy_group(commands: Mapping[str, Later]) -> type[TyperGroup]:
    """A class for typer.Typer(cls=…) that lists these commands and imports the one that is called."""

    class Lazy(TyperGroup):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            listed = {name: TyperCommand(name, help=later.help) for name, later in commands.items()}
            self.commands = {**listed, **self.commands}

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            """`version` is `--version`: to run any command, typer imports pydantic."""
            return super().parse_args(ctx, ["--version"] if args == ["version"] else args)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            if args[0] in commands:
                self.add_command(commands[args[0]].load(args[0]))
            return super().resolve_command(ctx, args)

    return Lazy


def _print_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        ctx.exit()


Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
]


@cache
def _version_option() -> Any:
    """The option, for a command whose function does not take it."""
    alone = group("")

    @alone.command()
    def holder(version: Version = False) -> None: ...

    option: Any = typer.main.get_command(alone).params[0]
    option.expose_value = False
    option.hidden = True
    return option


def _and_below(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _and_below(each)
