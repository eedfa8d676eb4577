"""The processes behind the fixtures, and what a test says to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any, Protocol

import httpx2

STOP_WITHIN = 20
"""Seconds."""


class NotOk(Exception):
    """An answer that is no success: `status`, the error's `code`, and `error`, the whole of it."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.status = answer.status_code
        self.error = _error_of(answer)
        self.code: str = self.error.get("code", "")
        super().__init__(f"{answer.request.method} {answer.request.url} answered {self.status}: {answer.text[:1_000]}")


def _error_of(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {"message": found}


def _good(answer: httpx2.Response) -> Any:
    if not answer.is_success:
        raise NotOk(answer)
    return answer.json()


class Fault(Protocol):
    """Lets calls fail: see `Sandbox.fault`."""

    def __call__(
        self, error: str | None = None, *, platform: str = "", path: str = "", times: int = 1, **more: Any
    ) -> None: ...


class Sandbox:
    """The sandbox's control API: docs/sandbox.md says what each call takes. A refusal raises NotOk."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx2.Client(base_url=f"{url}/_sandbox", timeout=30, trust_env=False)

    def control(self, path: str, /, **body: Any) -> Any:
        """POST to `/_sandbox/{path}`."""
        return _good(self.client.post(f"/{path}", json=body))

    def reset(self) -> None:
        """Everything as at the start: people, tokens, faults, the clock, and the service without a brand."""
        self.control("reset", clock=True)

    def state(self) -> dict[str, Any]:
        """People, apps, error codes, switches, armed faults, time."""
        found: dict[str, Any] = _good(self.client.get("/state"))
        return found

    def calls(self, platform: str = "", path: str = "") -> list[dict[str, Any]]:
        """The calls that came in, oldest first; narrowed to one platform, and to paths that contain `path`."""
        calls: list[dict[str, Any]] = _good(self.client.get("/calls", params={"platform": platform, "path": path}))[
            "calls"
        ]
        return calls

    def token(self, platform: str, person: str = "ada", **wishes: Any) -> dict[str, Any]:
        """A token without a sign-in: `accessToken` and what comes with it."""
        issued: dict[str, Any] = self.control("tokens", platform=platform, person=person, **wishes)
        return issued

    def newcomer(self, name: str, **traits: Any) -> str:
        """Add a person, such as `newcomer("carl", adAccounts=30)`; returns the name."""
        self.control("people", name=name, **traits)
        return name

    def person(self, name: str, action: str, **more: Any) -> None:
        """Something happens to a person, such as `person("ada", "change-password", platform="meta")`."""
        self.control(f"people/{name}", action=action, **more)

    def fault(
        self, error: str | None = None, *, platform: str = "", path: str = "", times: int = 1, **more: Any
    ) -> None:
        """Let the next `times` calls fail; `more` is what else docs/sandbox.md lists, such as `answer` or `delayMs`."""
        body = {"error": error, "platform": platform or None, "path": path, "times": times, **more}
        self.control("faults", **{name: value for name, value in body.items() if value is not None})


class Clock:
    """The time of service and sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime:
        return datetime.fromtimestamp(_good(self._sandbox.client.get("/clock"))["timeMs"] / 1000, UTC)

    def advance(self, far: str) -> None:
        """Move on, such as by `61d`, `12h` or `1d12h`; a new test starts at the machine's time again."""
        self._sandbox.control("clock", advance=far)


class Service:
    """A running service with a secret and a publishable key. `client` speaks its API with the secret one."""

    def __init__(self, facts: Mapping[str, Any], sandbox: Sandbox) -> None:
        self.url: str = facts["service"]
        self.secret_key: str = facts["secretKey"]
        self.publishable_key: str = facts["publishableKey"]
        self.platforms: list[str] = facts["platforms"]
        self.settings: dict[str, str] = facts["settings"]
        """As environment variables, for commands of `symphony-connect` beside it."""
        self.sandbox = sandbox
        headers = {"x-api-key": self.secret_key}
        self.client = httpx2.Client(base_url=facts["api"], headers=headers, timeout=30, trust_env=False)

    def call(self, method: str, path: str, /, **body: Any) -> Any:
        """The `data` of an answer to `path`, such as `/brands`. Raises NotOk."""
        return _good(self.client.request(method, path, json=body or None)).get("data")

    def brand(self, id: int) -> Brand:
        """The brand of this number, which need not exist yet."""
        return Brand(self, id)


@dataclass(frozen=True)
class Brand:
    """One brand of the service. Its calls raise NotOk when they are refused."""

    service: Service
    id: int

    def connect(self, platform: str, person: str = "ada", **wishes: Any) -> dict[str, Any]:
        """Register a token that the platform issues to this person; returns the connection."""
        app = self.service.settings[f"SYMPHONY_{platform.upper()}_APP_ID"]
        issued = self.service.sandbox.token(platform, person, **{"app": app, **wishes})
        known = {name: issued[name] for name in ("accessToken", "refreshToken") if issued.get(name)}
        self.service.call("PUT", "/brands", brandId=self.id, adPlatform=platform, **known)
        return self.connection(platform)

    def connection(self, platform: str) -> dict[str, Any]:
        return self._call("GET", platform)

    def token(self, platform: str) -> dict[str, Any]:
        """What campaign code reads: `accessToken`, `expiresAt`, `adAccounts`, …"""
        return self._call("GET", platform, "/token")

    def verify(self, platform: str) -> dict[str, Any]:
        """Ask the platform now; returns the connection."""
        connection: dict[str, Any] = self._call("POST", platform, "/verify")["connection"]
        return connection

    def disconnect(self, platform: str) -> dict[str, Any]:
        """Returns the receipt."""
        receipt: dict[str, Any] = self._call("DELETE", platform)["receipt"]
        return receipt

    def _call(self, method: str, platform: str, part: str = "") -> dict[str, Any]:
        answered: dict[str, Any] = self.service.call(method, f"/brands/{self.id}/connections/{platform}{part}")
        return answered


@dataclass(frozen=True)
class Pair:
    """A service and the sandbox that it runs against."""

    sandbox: Sandbox
    service: Service

    @classmethod
    @contextmanager
    def started(cls, settings: Mapping[str, str]) -> Iterator[Pair]:
        """Both, for the length of the block. Raises RuntimeError with what was logged when they do not start."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SYMPHONY_")}
        command = [sys.executable, "-m", "symphony_connect", "sandbox", "--with-service", "--json"]
        with TemporaryFile("w+") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [*command, "--port", "0", "--service-port", "0"],
                env={**kept, **settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is pytest's; the fixture's end stops both
            )
            try:
                assert process.stdout
                line = process.stdout.readline()
                if not line:
                    log.seek(0)
                    raise RuntimeError(f"The sandbox did not start. {log.read().strip()}")
                facts = json.loads(line)
                sandbox = Sandbox(facts["sandbox"])
                service = Service(facts, sandbox)
                with sandbox.client, service.client:
                    yield cls(sandbox, service)
            finally:
                _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
