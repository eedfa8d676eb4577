"""`backup`: a whole copy while others write, of its owner alone, and never over something else."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from symphony_connect.access import keyring
from symphony_connect.access.keyring import NewKey
from tests.tools import preloaded
from tests.tools.installation import environment, everything, fill, master_key, opened
from tests.tools.process import CLI, clean_env


def backup(env: dict[str, str], target: Path) -> subprocess.CompletedProcess[str]:
    return preloaded.run([CLI, "backup", str(target)], clean_env(**env))


async def test_what_is_committed_is_in_it(tmp_path: Path) -> None:
    master = master_key()
    env = environment(f"sqlite:///{tmp_path}/symphony.db", tmp_path, master)
    copy = tmp_path / "backup.db"
    async with opened(env) as core:
        await fill(core, 20)
        held = await everything(core)
        async with core.store.writing():  # somebody writes, and what is not committed is not in it
            done = backup(env, copy)
        assert done.returncode == 0, done.stderr
        await keyring.create(core, "later", NewKey("after the backup", scopes=("brands:read",)))
    assert copy.stat().st_mode & 0o777 == 0o600
    async with opened(environment(f"sqlite:///{copy}", tmp_path, master)) as core:
        assert await everything(core) == held
        assert {key["workspace"] for key in await keyring.list_keys(core)} == {"acme"}


def test_nothing_is_overwritten_and_nothing_half_left(tmp_path: Path) -> None:
    env = environment(f"sqlite:///{tmp_path}/symphony.db", tmp_path, master_key())
    missing = backup(env, tmp_path / "a.db")
    assert (missing.returncode, "cannot be copied" in missing.stderr) == (1, True), missing.stderr
    with closing(sqlite3.connect(tmp_path / "symphony.db")) as made:
        made.execute("CREATE TABLE t (a)")
    (tmp_path / "mine").write_text("precious")
    refused = backup(env, tmp_path / "mine")
    assert (refused.returncode, "is there already" in refused.stderr) == (2, True), refused.stderr
    assert (tmp_path / "mine").read_text() == "precious"
    refused = backup(env, tmp_path / "no" / "folder")
    assert (refused.returncode, "cannot be written" in refused.stderr) == (2, True), refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "symphony.db"]


def test_postgresql_has_its_own(tmp_path: Path) -> None:
    refused = backup(environment("postgresql://db/x", tmp_path, master_key()), tmp_path / "a")
    assert (refused.returncode, "pg_dump" in refused.stderr) == (2, True), refused.stderr
