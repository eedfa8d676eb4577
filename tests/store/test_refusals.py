"""A database that cannot be used is one plain sentence of `serve`, `migrate` and `keys`, never a stack."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from symphony_connect.base.errors import ConfigError
from symphony_connect.store import db, sql
from symphony_connect.store.migrate import MIGRATIONS, migrate
from symphony_connect.store.postgres_url import parsed
from symphony_connect.store.transaction import StoreUnavailable
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.chosen import LASTING
from tests.tools import preloaded
from tests.tools.postgres import OTHER_USER, Postgres
from tests.tools.process import CLI, Process, clean_env
from tests.tools.sandbox import Sandbox
from tests.tools.wait import free_port, wait_until

COMMANDS = {
    "serve": ("serve", "--wait", "0", "--port"),
    "worker": ("worker", "--wait", "0"),
    "migrate": ("migrate", "--wait", "0"),
    "keys": ("keys", "create", "--workspace", "acme"),
}


def environment(folder: Path, url: str) -> dict[str, str]:
    return clean_env(SYMPHONY_DATABASE_URL=url, SYMPHONY_DATA_DIR=str(folder / "data"))


def run(name: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    words = COMMANDS[name]
    port = [str(free_port())] if words[-1] == "--port" else []
    return preloaded.run([CLI, *words, *port], env)


def refused(folder: Path, url: str, words: str, commands: tuple[str, ...] = tuple(COMMANDS)) -> None:
    for name in commands:
        done = run(name, environment(folder, url))
        lines = done.stderr.strip().splitlines()
        assert done.returncode in (1, 2), (name, done.stdout)
        assert len(lines) == 1, (name, done.stderr[-2000:])
        assert words in lines[0], name


def test_a_user_who_may_not_create_tables(postgres: Postgres, tmp_path: Path) -> None:
    """Refused while there is something to create; enough once the schema is there and the tables are granted."""
    url = postgres.new_database()
    database = url.rpartition("/")[2]
    user = f"reader_{database}"
    postgres.sql(f"CREATE ROLE {user} LOGIN", database)
    theirs = url.replace("postgres@", f"{user}@")
    refused(tmp_path, theirs, "GRANT CREATE ON SCHEMA public")
    assert run("migrate", environment(tmp_path, url)).returncode == 0
    refused(tmp_path, theirs, "refuses the database user: permission denied", ("migrate", "keys"))
    postgres.sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}", database)
    for name in ("migrate", "keys"):
        done = run(name, environment(tmp_path, theirs))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("/", "/?channel_binding=require&dbname="), "channel_binding is not supported"),
        (("/", "/?no_such_parameter=1&dbname="), 'unrecognized configuration parameter "no_such_parameter"'),
        (("/", "/no_such_"), "does not exist"),
        (("postgres@", "nobody_here@"), "does not exist"),
        (("postgres@", "postgres:p@ss@"), "percent-encoded"),
    ],
)
def test_a_url_that_is_refused(postgres: Postgres, tmp_path: Path, change: tuple[str, str], words: str) -> None:
    begin, _, database = postgres.new_database().rpartition("/")
    url = f"{begin}/{database}".replace(*change) if change[0] != "/" else f"{begin}{change[1]}{database}"
    refused(tmp_path, url, words, ("serve", "keys"))


@pytest.mark.parametrize("password", ["p@ss", "pa/ss", "pa?ss", "pa#ss", "100%", "pa[ss", "a@b/c"])
def test_a_password_that_was_not_encoded(password: str) -> None:
    with pytest.raises(ConfigError, match="percent-encoded") as caught:
        parsed(f"postgresql://user:{password}@db.example.com:5432/symphony?sslmode=require")
    assert password not in str(caught.value).replace("%25", "")


def test_what_a_url_says() -> None:
    found = parsed("postgresql://us%40er:p%40%2F%25@db1:6000,[::1],db3/some%20name?target_session_attrs=read-write")
    assert found.hosts == (("db1", 6000), ("::1", 5432), ("db3", 5432))
    assert (found.options["user"], found.options["password"]) == ("us@er", "p@/%")
    assert found.options["database"] == "some name"
    assert found.options["target_session_attrs"] == "read-write"
    assert found.prepares
    assert not parsed("postgresql://db/x?statement_cache_size=0").prepares
    assert parsed("postgresql:///x?host=a,b&port=1,2").hosts == (("a", 1), ("b", 2))
    for wrong in ("db:0", "db:70000", "db:5x", "db:1:2"):
        with pytest.raises(ConfigError, match="SYMPHONY_DATABASE_URL"):
            parsed(f"postgresql://{wrong}/x")


async def test_an_older_version_on_a_newer_schema(database_url: str, tmp_path: Path) -> None:
    async with db.opened(database_url) as store:
        await migrate(store)
        assert await migrate(store) == []
        async with store.writing() as tx:
            await tx.script("INSERT INTO migrations (name) VALUES ('0999_of_tomorrow')")
    newest = max(path.name.split(".")[0] for path in MIGRATIONS.glob("*.sql"))
    refused(tmp_path, database_url, "0999_of_tomorrow")
    refused(tmp_path, database_url, f"up to {newest}", ("migrate",))


def test_a_database_that_comes_up_later(tmp_path: Path) -> None:
    server = Postgres()
    url = f"postgresql://postgres@127.0.0.1:{server.port}/postgres"
    waiting = Process("migrate", [CLI, "migrate"], tmp_path / "log", environment(tmp_path, url))
    try:
        waiting.start()
        wait_until(lambda: "Waiting for it" in waiting.log_text(), 30, "the command to say that it waits")
        server.up()
        assert waiting.wait(30) == 0, waiting.log_text()
    finally:
        waiting.kill()
        server.remove()


@pytest.fixture
def pooled(postgres: Postgres, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database behind PgBouncer, which gives each transaction another session."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed: apt-get install pgbouncer")
    direct, port, folder = postgres.new_database(), free_port(), Path(tempfile.mkdtemp(prefix="symphony-pgbouncer-"))
    database = direct.rpartition("/")[2]
    (folder / "ini").write_text(
        f"[databases]\n{database} = host=127.0.0.1 port={postgres.port} user=postgres\n[pgbouncer]\n"
        f"listen_addr=127.0.0.1\nlisten_port={port}\nauth_type=any\npool_mode=transaction\nunix_socket_dir=\n"
        "default_pool_size=4\nserver_round_robin=1\n"
    )
    folder.chmod(0o755)
    user = OTHER_USER if os.geteuid() == 0 else None
    process = Process("pgbouncer", [program, str(folder / "ini")], tmp_path / "pgbouncer.log", cwd=folder, user=user)
    process.stop_signal = signal.SIGINT
    try:
        process.start(lambda: listens(port))
        yield f"postgresql://postgres@127.0.0.1:{port}/{database}"
    finally:
        process.stop()
        shutil.rmtree(folder)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_behind_a_pooler_of_transactions(pooled: str, service: ServiceFactory, sandbox: Sandbox) -> None:
    """Without prepared statements everything works; with them the sentence says what to add."""
    running = service({"SYMPHONY_DATABASE_URL": f"{pooled}?statement_cache_size=0"})
    body = {"brandId": 7, "adPlatform": LASTING, **contract.rules(LASTING).token(sandbox, "ada")}
    assert running.client.put("/api/sym/v2/brands", json=body).status_code == 200
    path = f"/api/sym/v2/brands/7/connections/{LASTING}/token"
    with ThreadPoolExecutor(16) as many:
        assert {answer.status_code for answer in many.map(lambda _: running.client.get(path), range(200))} == {200}
    refusal = asyncio.run(asked_until_refused(pooled))
    assert "add statement_cache_size=0" in refusal


async def asked_until_refused(url: str) -> str:
    """What a store says that counts on one session, when many ask at once."""

    async def ask(store: db.Store) -> None:
        async with store.reading() as tx:
            await tx.all(sql.migrations_done)

    try:
        async with db.opened(url) as store:
            for _ in range(50):
                await asyncio.gather(*(ask(store) for _ in range(10)))
    except StoreUnavailable as error:
        return str(error)
    return "never refused"
