"""Commands are imported when they run: `--help` and `version` need next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from symphony_connect import __version__
from symphony_connect.cli import COMMANDS, app
from tests.tools.process import clean_env

HEAVY = {"asyncpg", "aiosqlite", "fastapi", "granian", "httpx2", "pydantic", "rich", "starlette", "tink", "uvicorn"}
RUN = """
import json, sys
from symphony_connect.cli import main
sys.argv[0] = "symphony-connect"
try:
    main()
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def commands() -> Iterator[tuple[str, ...]]:
    """Every command as it is typed, groups too."""

    def below(typed: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
        yield typed
        for name, each in getattr(command, "commands", {}).items():
            yield from below((*typed, name), each)

    yield ()
    for name, later in COMMANDS.items():
        yield from below((name,), later.load(name))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="symphony-connect", env={"COLUMNS": "200"})


@pytest.mark.parametrize("asked", ["--help", "-h", "--version", "version"])
def test_help_and_version_import_no_heavy_part(asked: str) -> None:
    done = subprocess.run([sys.executable, "-c", RUN, asked], env=clean_env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert HEAVY.isdisjoint(json.loads(done.stderr))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_their_own_help_says(name: str) -> None:
    own = COMMANDS[name].load(name).help
    assert own.startswith(COMMANDS[name].help.rstrip("."))
    assert f"{name} " in run("--help").stdout


@pytest.mark.parametrize("typed", list(commands()), ids=" ".join)
def test_every_command_takes_h_and_version(typed: tuple[str, ...]) -> None:
    assert run(*typed, "--version").stdout == f"{__version__}\n"
    short, long = run(*typed, "-h"), run(*typed, "--help")
    assert short.exit_code == long.exit_code == 0
    assert short.stdout == long.stdout
    assert short.stdout.startswith(f"Usage: {' '.join(('symphony-connect', *typed))} ")


@pytest.mark.parametrize("wrong", [(), ("nope",), ("serve", "--nope"), ("keys", "nope"), ("serve", "--port", "x")])
def test_wrong_use_ends_with_two(wrong: tuple[str, ...]) -> None:
    assert run(*wrong).exit_code == 2
