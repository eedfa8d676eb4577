"""The service as a process under test, set up against the sandbox as an operator would."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2

from symphony_connect.access import keyring
from symphony_connect.access.api_keys import SCOPES
from symphony_connect.access.keyring import NewKey
from symphony_connect.app import opened_core
from symphony_connect.base import config
from tests.platforms import contract
from tests.tools import preloaded
from tests.tools.process import CLI, Process, clean_env
from tests.tools.sandbox import Sandbox
from tests.tools.wait import free_port

WORKSPACE = "acme"


class Service:
    """`symphony-connect serve` with a data folder of its own. `env` wins over the settings made here."""

    def __init__(self, sandbox: Sandbox, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.data_dir = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = clean_env(**{**self._settings(), **(env or {})})
        self.process = Process("service", [], folder / "service.log", self.env, folder)

    def _settings(self) -> dict[str, str]:
        return {
            "SYMPHONY_DATA_DIR": str(self.data_dir),
            "SYMPHONY_DATABASE_URL": f"sqlite:///{self.data_dir / 'symphony.db'}",
            "SYMPHONY_PUBLIC_URL": self.url,
            "SYMPHONY_CLOCK_FILE": str(self.sandbox.clock_file),
            **contract.usual_settings(self.sandbox),
        }

    def start(self, arguments: Sequence[str] = ()) -> None:
        """Serve, with further `arguments` such as `--no-worker`, and wait for `/readyz`."""
        self.process.command = [CLI, "serve", "--port", str(self.port), *arguments]
        self.process.start(f"{self.url}/readyz")

    def restart(self, arguments: Sequence[str] = ()) -> None:
        self.process.stop()
        self.start(arguments)

    def close(self) -> None:
        if "client" in self.__dict__:
            self.client.close()
        self.process.stop()

    def cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `symphony-connect` with the service's settings; a failure fails the test unless `check` is off."""
        done = preloaded.run([CLI, *arguments], self.env, self.folder)
        assert not check or done.returncode == 0, (
            f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def new_key(self, *arguments: str, workspace: str = WORKSPACE) -> dict[str, Any]:
        """`keys create` with further `arguments` such as `--scopes brands:read`; the key itself is under `key`."""
        made = self.cli("keys", "create", "--workspace", workspace, "--create-workspace", "--json", *arguments)
        key: dict[str, Any] = json.loads(made.stdout)
        return key

    @cached_property
    def secret_key(self) -> str:
        """As `keys create` makes it, without the start of another process: every test of a service begins here."""

        async def made() -> str:
            async with opened_core(config.load(self.env)) as core:
                return (await keyring.create(core, WORKSPACE, NewKey("", scopes=SCOPES))).key

        # In a thread of its own: the test may have an event loop.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(made())).result()

    @cached_property
    def publishable_key(self) -> str:
        key: str = self.new_key("--publishable")["key"]
        return key

    @cached_property
    def client(self) -> httpx2.Client:
        """An HTTP client of the campaign code's kind: secret key, no redirects followed."""
        headers = {"x-api-key": self.secret_key}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=20, trust_env=False)

    def log_text(self) -> str:
        return self.process.log_text()
