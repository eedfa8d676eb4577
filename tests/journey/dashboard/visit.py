"""Ways into the dashboard: links and keys written straight into the store, where the command would take its time."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import httpx2
from playwright.sync_api import Page

from symphony_connect.access.api_keys import SCOPES, hint, make
from symphony_connect.base.clock import MINUTE, FileClock
from symphony_connect.base.ids import Ids, fingerprint
from tests.tools.service import WORKSPACE, Service


def now(service: Service) -> int:
    """The service's hour, in milliseconds since the epoch."""
    return FileClock(service.sandbox.clock_file)()


@contextmanager
def writing(service: Service) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(service.data_dir / "symphony.db", timeout=10)) as connection, connection:
        yield connection


def workspace_id(connection: sqlite3.Connection, name: str, now: int) -> str:
    connection.execute(
        "INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (f"ws_{secrets.token_hex(8)}", name, now),
    )
    found: str = connection.execute("SELECT id FROM workspaces WHERE name = ?", (name,)).fetchone()[0]
    return found


def new_link(service: Service, workspace: str = WORKSPACE) -> str:
    secret, at = "".join(secrets.choice("0123456789abcdefXYZ") for _ in range(43)), now(service)
    with writing(service) as connection:
        row = (fingerprint(secret), workspace_id(connection, workspace, at), at + 5 * MINUTE)
        connection.execute("INSERT INTO dashboard_links (hash, workspace_id, expires_at) VALUES (?, ?, ?)", row)
    return f"{service.url}/dashboard/enter/{secret}"


def new_key(
    service: Service, *scopes: str, workspace: str = WORKSPACE, kind: str = "secret", name: str = ""
) -> tuple[str, str]:
    """Id and key; with every scope when none is named."""
    ids, at = Ids(lambda: now(service)), now(service)
    key, id = make(kind, ids), ids.new("key")
    with writing(service) as connection:
        row = (
            id,
            workspace_id(connection, workspace, at),
            kind,
            fingerprint(key),
            hint(key),
            name,
            json.dumps(scopes or SCOPES),
            at,
        )
        connection.execute(
            "INSERT INTO api_keys (id, workspace_id, kind, hash, hint, name, scopes, origins, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, '[]', ?)",
            row,
        )
    return id, key


def revoke(service: Service, key_id: str) -> None:
    with writing(service) as connection:
        connection.execute("UPDATE api_keys SET revoked_at = 1 WHERE id = ?", (key_id,))


def enter(page: Page, service: Service, workspace: str = WORKSPACE) -> None:
    """By a one-time link."""
    page.goto(new_link(service, workspace))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{service.url}/dashboard")


@dataclass
class Door:
    """One browser's cookies, without the browser, at an address of its own."""

    service: Service
    http: httpx2.Client

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.http.get(path, headers=headers)

    def csrf(self, path: str) -> str:
        found = re.search(r'name="csrf" value="(\w+)"', self.get(path).text)
        assert found, f"{path} has no form"
        return found[1]

    def post(self, path: str, page: str, origin: str | None = None, **fields: str) -> httpx2.Response:
        """Send a form with the token that stands on `page`."""
        headers = {"origin": self.service.url if origin is None else origin}
        return self.http.post(path, data={"csrf": self.csrf(page), **fields}, headers=headers)

    def enter(self, link: str | None = None, workspace: str = WORKSPACE) -> httpx2.Response:
        self.get(link or new_link(self.service, workspace))
        return self.post("/dashboard/enter", "/dashboard/enter")

    def sign_in(self, key: str) -> httpx2.Response:
        return self.post("/dashboard/sign-in", "/dashboard/sign-in", key=key)


@contextmanager
def door_of(service: Service) -> Iterator[Door]:
    address = ".".join(["10", *(str(secrets.randbelow(250)) for _ in range(3))])
    with httpx2.Client(base_url=service.url, trust_env=False, timeout=20, headers={"x-forwarded-for": address}) as http:
        yield Door(service, http)
