"""A whole installation moves from one database to another, sealed all the way, or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.base.errors import ConfigError
from symphony_connect.core import Core
from symphony_connect.operate import export
from symphony_connect.store import bulk
from symphony_connect.store.migrate import tables
from symphony_connect.vault import rekey
from tests.export.hands import HANDS, another_name
from tests.tools import preloaded
from tests.tools.installation import CANARY, environment, everything, fill, master_key, opened
from tests.tools.postgres import Postgres
from tests.tools.process import CLI, clean_env

pytestmark = pytest.mark.anyio

MASTER = master_key()
Hand = Callable[[list[bytes]], None]
BRANDS = 40


def cli(env: dict[str, str], *arguments: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return preloaded.run_in_bytes([CLI, *arguments], clean_env(**env), input=input, timeout=120)


@pytest.fixture
def new(postgres: Postgres, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """The settings of a fresh database of a kind."""
    numbers = iter(range(100))

    def make(engine: str, master: str = MASTER) -> dict[str, str]:
        folder = tmp_path / str(next(numbers))
        url = f"sqlite:///{folder}/symphony.db" if engine == "sqlite" else postgres.new_database()
        return environment(url, folder, master)

    return make


async def rows(core: Core) -> dict[str, list[str]]:
    """Every row of every table, the same way from both kinds of database."""
    found = {}
    async with core.store.snapshot() as tx:
        for table in tables(derived=False):
            lines = bulk.scan(tx, table, sorted(await bulk.columns(tx, table)))
            found[table] = sorted([repr(row) async for row in lines])
    return found


DIRECTIONS = [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite"), ("postgresql", "postgresql")]


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
async def test_everything_arrives(new: Any, source: str, target: str) -> None:
    async with opened(new(source)) as here, opened(new(target)) as there:
        await fill(here, BRANDS)
        before, sealed = await rows(here), await everything(here)
        moved = await brought(there, await exported(here))
        assert moved.rows == {table: len(held) for table, held in before.items()}
        assert moved.opened == len(sealed)
        assert await rows(there) == before
        # A server that ran there already takes the keys that came.
        assert await everything(there) == sealed
    assert all(before[table] for table in ("api_keys", "grants", "flows", "events", "connect_sessions", "rotations"))


async def test_by_file(new: Any, tmp_path: Path) -> None:
    here, there, file = new("sqlite"), new("postgresql"), tmp_path / "installation.jsonl"
    async with opened(here) as core:
        await fill(core, 12)
        before = await everything(core)
    out = cli(here, "brands", "export", str(file), "--json")
    assert out.returncode == 0, out.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    done = cli(there, "brands", "import", str(file), "--json")
    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout)
    assert output["rows"] == json.loads(out.stdout)["rows"]
    assert output["opened"] == len(before)
    async with opened(there) as core:
        assert await everything(core) == before


async def test_by_pipe(new: Any) -> None:
    here, there = new("postgresql"), new("sqlite")
    async with opened(here) as core:
        await fill(core, 12)
        before = await everything(core)
    out = cli(here, "brands", "export", "-")
    assert out.returncode == 0
    assert b"Exported: 1 workspaces, 12 brands" in out.stderr
    done = cli(there, "brands", "import", "-", input=out.stdout)
    assert done.returncode == 0, done.stderr
    assert b"12 brands" in done.stdout
    async with opened(there) as core:
        assert await everything(core) == before


async def test_no_token_is_in_the_file_or_beside_it(new: Any, tmp_path: Path) -> None:
    """A thousand canaries, sought in file, database and WAL, as text and as base64 would hide them."""
    async with opened(new("sqlite")) as here, opened(new("sqlite")) as there:
        await fill(here, 1_000)
        await rekey.rotate(here.store, here.vault, here.clock, untold)
        file = await exported(here)
        await brought(there, file)
        sought = places(tmp_path)
        assert len([path for path in sought if path.name.endswith("-wal")]) == 2
        assert leaks([*(path.read_bytes() for path in sought), file]) == 0


def places(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def leaks(texts: list[bytes]) -> int:
    # Base64 of a text depends on where in a group of three it begins.
    hidden = [b"canary-token-", b"Y2FuYXJ5LXRva2Vu", b"NhbmFyeS10b2tlb", b"jYW5hcnktdG9rZW"]
    assert hidden[0].decode() == CANARY
    return sum(text in one for text in hidden for one in texts)


# What must not come in


def untold(done: int, total: int) -> None:
    """Nobody watches."""


async def exported(core: Core) -> bytes:
    file = io.BytesIO()
    await export.export(core.store, core.vault.masters, file.write, untold)
    return file.getvalue()


async def brought(core: Core, file: bytes) -> export.Transferred:
    return await export.import_installation(core.store, core.vault.masters, io.BytesIO(file), untold)


@pytest.fixture
async def file(new: Any) -> bytes:
    async with opened(new("sqlite")) as core:
        await fill(core, 12)
        return await exported(core)


async def refused(env: dict[str, str], file: bytes, words: str) -> None:
    async with opened(env) as core:
        before = await rows(core)
        with pytest.raises(export.NotImported, match=words) as refusal:
            await brought(core, file)
        assert str(refusal.value).endswith("Nothing was imported.")
        assert len(str(refusal.value).splitlines()) == 1
        assert await rows(core) == before


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.7, 0.99])
async def test_a_truncated_file(new: Any, file: bytes, engine: str, kept: float) -> None:
    await refused(new(engine), file[: int(len(file) * kept)], "not a file that|cut off")


async def test_a_file_cut_between_lines(new: Any, file: bytes) -> None:
    lines = file.splitlines(keepends=True)
    await refused(new("sqlite"), b"".join(lines[:-1]), "cut off: its last line is missing")


async def test_a_file_that_goes_on(new: Any, file: bytes) -> None:
    await refused(new("sqlite"), file + b'["workspaces",{}]\n', "goes on after its end")


@pytest.mark.parametrize(("change", "words"), HANDS)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_a_tampered_file(new: Any, file: bytes, engine: str, change: Hand, words: str) -> None:
    lines = file.splitlines(keepends=True)
    change(lines)
    assert b"".join(lines) != file
    await refused(new(engine), b"".join(lines), words)


async def test_a_tampered_file_with_a_fitting_checksum(new: Any, file: bytes) -> None:
    """Whoever has no master key cannot seal the checksum anew."""
    lines = file.splitlines(keepends=True)
    another_name(lines)
    trailer = json.loads(lines[-1])
    trailer["sha256"] = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    lines[-1] = json.dumps(trailer).encode() + b"\n"
    await refused(new("sqlite"), b"".join(lines), "was changed after it was written")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_another_master_key(new: Any, file: bytes, engine: str) -> None:
    async with opened(new(engine, master_key())) as core:
        before = await rows(core)
        with pytest.raises(ConfigError, match="SYMPHONY_MASTER_KEY does not open"):
            await brought(core, file)
        assert await rows(core) == before


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_a_database_that_is_in_use(new: Any, file: bytes, engine: str) -> None:
    env = new(engine)
    async with opened(env) as core:
        await fill(core, 3)
    await refused(env, file, "This database has workspaces already")


async def test_what_is_refused_is_one_sentence_and_an_exit_code(new: Any, file: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(file[:-100])
    done = cli(new("sqlite"), "brands", "import", str(tmp_path / "file"))
    assert done.returncode == 1
    assert b"Nothing was imported." in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


async def test_a_file_that_is_there_is_not_overwritten(new: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"precious")
    done = cli(new("sqlite"), "brands", "export", str(tmp_path / "file"))
    assert done.returncode == 2
    assert b"exists already" in done.stderr
    assert (tmp_path / "file").read_bytes() == b"precious"
