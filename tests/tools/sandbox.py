"""The sandbox as a process under test, and the levers its control API has."""

from __future__ import annotations

import secrets
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from symphony_connect import platforms
from symphony_connect.base.clock import system_clock
from symphony_connect.base.env import Env
from symphony_connect.platforms.base import SignIn
from tests.tools.process import CLI, Process, clean_env
from tests.tools.wait import free_port

CALLBACK = "http://127.0.0.1:9/callback"
"""A redirect URI for tokens taken without a service: loopback, and nothing needs to listen there."""


class Sandbox:
    """A running sandbox. `advance`, `fault`, `person` and `reset` are `POST /_sandbox/…`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock_file = folder / "clock"
        env = clean_env(SYMPHONY_CLOCK_FILE=str(self.clock_file))
        command = [CLI, "sandbox", "--port", str(self.port)]
        self.process = Process("sandbox", command, folder / "sandbox.log", env, folder)
        self.client = httpx2.Client(base_url=self.url, timeout=10, trust_env=False)

    def start(self) -> None:
        self.process.start(f"{self.url}/_sandbox/state")

    def close(self) -> None:
        self.client.close()
        self.process.stop()

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST to `/_sandbox/{path}`; returns the answer, and fails on anything but 2xx."""
        return good(self.client.post(f"/_sandbox/{path}", json=body or {}))

    def state(self) -> Any:
        return good(self.client.get("/_sandbox/state"))

    def calls(self, platform: str = "", path: str = "") -> list[dict[str, Any]]:
        """The ledger of platform calls, oldest first; narrowed to one platform, and to paths that contain `path`."""
        answer = good(self.client.get("/_sandbox/calls", params={"platform": platform, "path": path}))
        calls: list[dict[str, Any]] = answer["calls"]
        return calls

    def counted(self, platform: str, path: str) -> dict[str, int]:
        """How many calls there were at paths that contain `path`, by outcome, however many rows the ledger keeps."""
        found: Counter[str] = Counter()
        for count in good(self.client.get("/_sandbox/counts"))["counts"]:
            if count["platform"] == platform and path in count["path"]:
                found[count["outcome"]] += count["calls"]
        return dict(found)

    def advance(self, by: str) -> None:
        """Move the clock of sandbox and service, such as by `61d`."""
        self.control("clock", {"advance": by})

    def fault(self, platform: str, error: str, *, path: str | None = None, times: int = 1, delay_ms: int = 0) -> None:
        """Let the next `times` calls fail, such as with `meta:190/460`, `http:503` or `timeout`."""
        body = {"platform": platform, "error": error, "times": times, "path": path, "delayMs": delay_ms}
        self.control("faults", {name: value for name, value in body.items() if value not in (None, 0)})

    def calm(self) -> None:
        """Disarm every fault."""
        good(self.client.delete("/_sandbox/faults"))

    def newcomer(self, **traits: Any) -> str:
        """The name of a new person; traits as in `adAccounts=3`, `businessOnly=True`."""
        name = f"p{secrets.token_hex(4)}"
        self.control("people", {"name": name, **traits})
        return name

    def person(self, name: str, action: str, **more: Any) -> None:
        """Something a person does at the platform, such as `revoke` or `change-password`."""
        self.control(f"people/{name}", {"action": action, **more})

    def reset(self) -> None:
        """Everything as it was at the start, the clock too."""
        self.control("reset", {"clock": True})

    def token(
        self, person: str, platform: str, *, app: tuple[str, str] | None = None, scope: str = ""
    ) -> dict[str, Any]:
        """What the platform's own code exchange answers once `person` has consented."""
        seen: dict[str, Any] = import_module(f"tests.platforms.{platform}.contract").exchanged(self, person, app, scope)
        return seen

    def dialog(self, platform: str) -> str:
        """The path of this platform's sign-in page here."""
        env = Env(platforms.sandbox_settings(self.url))
        loaded = platforms.load(env, httpx2.AsyncClient(), system_clock, production=False)[platform]
        return urlsplit(loaded.authorization_url(SignIn("state", CALLBACK, (), "challenge"))).path

    def consent(self, path: str, query: dict[str, str], person: str) -> dict[str, str]:
        """Approve at the platform's dialog; returns the query of the redirect back."""
        wanted = {**query, "state": "state", "_sandbox": "approve", "_sandbox_person": person}
        answer = self.client.get(path, params=wanted)
        assert answer.is_redirect, f"{path} answered {answer.status_code}: {answer.text[:500]}"
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in back.items()}


def good(answer: httpx2.Response) -> Any:
    assert answer.is_success, f"{answer.request.url} answered {answer.status_code}: {answer.text[:1_000]}"
    return answer.json() if answer.content else None
