"""What Meta's servers call: a person removed our app, or wants their data deleted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from symphony_connect.app import create_app
from symphony_connect.base.model import Status
from symphony_connect.connections import changes, lease
from tests.renewal.house import WORKSPACE, House, environment, opened
from tests.tools.rows import rows
from tests.tools.sandbox import Sandbox

SECRET = "sandbox-meta-secret"
OTHER_WORKSPACE = "ws_other"


def signed(payload: Any, secret: str = SECRET, *, padded: bool = False, algorithm: Any = hashlib.sha256) -> str:
    """As Meta makes it: the signature covers the encoded text."""
    encoded = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    signature = base64.urlsafe_b64encode(hmac.new(secret.encode(), encoded.encode(), algorithm).digest()).decode()
    return f"{signature if padded else signature.rstrip('=')}.{encoded}"


class Desk:
    """Two brands of one person and one of another, at a service that is called over HTTP."""

    def __init__(self, house: House, http: httpx2.AsyncClient) -> None:
        self.house = house
        self.http = http
        self.ids: list[str] = []
        self.person = ""
        self.stranger = ""
        self.name = ""

    async def move_in(self) -> None:
        who = self.house.sandbox.newcomer()
        self.ids = [await self.house.connect("meta", person=who, brand=brand) for brand in (61, 62)]
        self.stranger = await self.house.connect("meta", brand=63)
        identity = (await self.house.row(self.ids[0])).identity
        assert identity is not None
        self.person, self.name = identity.id, identity.name

    def payload(self, **more: Any) -> dict[str, Any]:
        issued = self.house.core.clock() // 1000
        return {"user_id": self.person, "algorithm": "HMAC-SHA256", "issued_at": issued, **more}

    async def call(self, path: str, request: str, **more: Any) -> httpx2.Response:
        return await self.http.post(f"/callbacks/meta/{path}", data={"signed_request": request}, **more)

    async def standings(self) -> list[str]:
        return [str((await self.house.row(id)).status) for id in (*self.ids, self.stranger)]


CONNECTED = [Status.CONNECTED] * 3


@pytest.fixture
async def desk(sandbox: Sandbox, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(environment(sandbox, tmp_path, database_url), sandbox) as house:
        app = create_app(house.core.settings)
        app.state.core = house.core
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
            desk = Desk(house, http)
            await desk.move_in()
            yield desk


@pytest.mark.parametrize("padded", [True, False])
async def test_all_connections_of_a_person_who_removed_the_app_need_them(desk: Desk, padded: bool) -> None:
    answer = await desk.call("deauthorize", signed(desk.payload(), padded=padded))
    assert answer.status_code == 200
    assert await desk.standings() == [Status.NEEDS_RECONNECT, Status.NEEDS_RECONNECT, Status.CONNECTED]
    for id in desk.ids:
        (lost,) = await desk.house.events(id, "connection.needs_reconnect")
        assert lost["reason"] == "app_removed"
    assert (await desk.call("deauthorize", signed(desk.payload(), padded=padded))).status_code == 200
    assert len(await desk.house.events(desk.ids[0], "connection.needs_reconnect")) == 1


def deep(levels: int) -> str:
    """Signed, and deeper than a reader of JSON goes."""
    encoded = base64.urlsafe_b64encode(b"[" * levels + b"]" * levels).decode().rstrip("=")
    digest = hmac.new(SECRET.encode(), encoded.encode(), hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(digest).decode().rstrip('=')}.{encoded}"


def forged(desk: Desk) -> dict[str, str]:
    good, day = signed(desk.payload()), 86_400
    signature, _, encoded = good.partition(".")
    other = signed(desk.payload(user_id="5")).partition(".")[2]
    now = desk.payload()["issued_at"]
    return {
        "nothing": "",
        "no dot": signature,
        "another secret": signed(desk.payload(), "another"),
        "no secret": signed(desk.payload(), ""),
        "another body": f"{signature}.{other}",
        "no signature": f".{encoded}",
        "two bodies": f"{good}.{encoded}",
        "SHA-1": signed(desk.payload(algorithm="HMAC-SHA1"), algorithm=hashlib.sha1),
        "no algorithm": signed({"user_id": desk.person, "issued_at": now}),
        "algorithm none": signed(desk.payload(algorithm="none")),
        "in small letters": signed(desk.payload(algorithm="hmac-sha256")),
        "stale": signed(desk.payload(issued_at=now - day - 60)),
        "of the future": signed(desk.payload(issued_at=now + 3600)),
        "without a time": signed({"user_id": desk.person, "algorithm": "HMAC-SHA256"}),
        "a time as text": signed(desk.payload(issued_at=str(now))),
        "a list": signed([desk.payload()]),
        "a user of a list": signed(desk.payload(user_id=[desk.person])),
        "a user of spaces": signed(desk.payload(user_id=" ")),
        "a user with a NUL": signed(desk.payload(user_id="5\0")),
        "a user of half a letter": signed(desk.payload(user_id="\ud800")),
        "SHA-512": signed(desk.payload(), algorithm=hashlib.sha512),
        "deep": deep(1_400),
        "not base64": f"{signature}!.{encoded}",
        "long": signed(desk.payload(more="x" * 5_000)),
    }


async def test_what_is_not_meta_s_does_nothing(desk: Desk) -> None:
    for path in ("deauthorize", "data-deletion"):
        for what, request in forged(desk).items():
            answer = await desk.call(path, request)
            assert answer.status_code == 400, (path, what, answer.text)
            assert SECRET not in answer.text
    assert (await desk.http.post("/callbacks/meta/deauthorize", content=b"\xff")).status_code == 400
    assert (await desk.http.post("/callbacks/meta/deauthorize", content=b"x" * 20_000)).status_code == 413
    assert (await desk.call("other", signed(desk.payload()))).status_code == 404
    elsewhere = await desk.http.post("/callbacks/nowhere/deauthorize", data={"signed_request": "x"})
    assert elsewhere.status_code == 404
    assert (await desk.http.get("/callbacks/meta/deauthorize/status?id=x")).status_code == 404
    assert await desk.standings() == CONNECTED


async def test_a_page_that_was_unsubscribed_ends_nobody(desk: Desk) -> None:
    request = signed(desk.payload(user_id="", profile_id="1029384756"))
    for path in ("deauthorize", "data-deletion"):
        assert (await desk.call(path, request)).status_code == 200
    assert await desk.standings() == CONNECTED


async def test_an_old_notice_ends_nothing_that_was_signed_in_to_since(desk: Desk) -> None:
    request = signed(desk.payload())
    await desk.call("deauthorize", request)
    desk.house.sandbox.advance("1h")
    who = desk.house.sandbox.newcomer()
    for brand in (61, 62):
        await changes.disconnect_now(desk.house.core, desk.house.caller, brand, "meta")
    desk.ids = [await desk.house.connect("meta", person=who, brand=brand) for brand in (61, 62)]
    identity = (await desk.house.row(desk.ids[0])).identity
    assert identity is not None
    old = desk.payload(user_id=identity.id, issued_at=desk.house.core.clock() // 1000 - 600)
    assert (await desk.call("deauthorize", signed(old))).status_code == 200
    assert await desk.standings() == CONNECTED
    for id in desk.ids:
        due_at = (await desk.house.row(id)).due_at
        assert due_at is not None
        assert due_at <= desk.house.core.clock(), "the platform is asked soon"


async def test_a_renewal_under_way_does_not_bring_it_back(desk: Desk) -> None:
    held = await lease.hold(desk.house.core, desk.ids[0])
    assert held is not None
    await desk.call("deauthorize", signed(desk.payload()))
    with pytest.raises(lease.Stale):
        await lease.give_back(desk.house.core, held)


async def test_what_is_stored_of_a_person_is_deleted(desk: Desk) -> None:
    account = ((await desk.house.row(desk.ids[0])).ad_accounts or ())[0]
    request = signed(desk.payload(expires=desk.payload()["issued_at"] + 3600))
    answer = await desk.call("data-deletion", request)
    said = answer.json()
    assert set(said) == {"url", "confirmation_code"}
    assert said["confirmation_code"] in said["url"]
    assert await desk.standings() == [Status.DISCONNECTED, Status.DISCONNECTED, Status.CONNECTED]
    for id in desk.ids:
        assert await desk.house.sealed(id) is None
    # The audit names brands and connections, and nobody.
    tables = ("connections", "events", "grants", "searched", "strays", "deletions", "audit_rows", "webhook_deliveries")
    stored = repr(await read(desk, *tables))
    assert [word for word in (desk.person, desk.name, account.id) if word in stored] == []
    page = await desk.http.get(said["url"], headers={"accept-language": "de"})
    assert page.status_code == 200
    assert "Ihre Daten sind gelöscht" in page.text
    assert said["confirmation_code"] in page.text
    assert (await desk.http.get(said["url"][:-3])).status_code == 404


async def test_what_was_ended_before_is_the_person_s_too(desk: Desk) -> None:
    """The row of an ended connection names nobody, and yet its history is found."""
    for brand in (61, 62):
        await changes.disconnect_now(desk.house.core, desk.house.caller, brand, "meta")
    assert desk.name in repr(await read(desk, "events"))
    assert (await desk.call("data-deletion", signed(desk.payload()))).status_code == 200
    stored = repr(await read(desk, "connections", "events", "searched", "webhook_deliveries"))
    assert [word for word in (desk.person, desk.name) if word in stored] == []


async def test_the_same_request_is_answered_alike_and_done_once(desk: Desk) -> None:
    request = signed(desk.payload())
    first = (await desk.call("data-deletion", request)).json()
    again = await desk.house.connect("meta", brand=61)
    assert (await desk.call("data-deletion", request)).json() == first
    assert (await desk.house.row(again)).status is Status.CONNECTED


async def test_connections_in_other_workspaces_are_the_person_s_too(desk: Desk) -> None:
    async with desk.house.core.store.writing() as tx:
        await tx.script(
            f"INSERT INTO workspaces (id, name, created_at) VALUES ('{OTHER_WORKSPACE}', 'other', 1);\n"
            f"UPDATE connections SET workspace_id = '{OTHER_WORKSPACE}' WHERE id = '{desk.ids[1]}'"
        )
    await desk.call("deauthorize", signed(desk.payload()))
    assert (await desk.house.row(desk.ids[1])).workspace_id != WORKSPACE
    assert (await desk.standings())[:2] == [Status.NEEDS_RECONNECT] * 2


async def read(desk: Desk, *tables: str) -> Any:
    return await asyncio.to_thread(rows, desk.house.core.settings.database_url.reveal(), *tables)
