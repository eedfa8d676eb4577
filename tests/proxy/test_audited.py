"""Every call through the proxy is in the audit: who, with which connection, what call, and what the platform said."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from symphony_connect.audit import proof, sql
from symphony_connect.audit.proxied_calls import Calls
from symphony_connect.audit.trail import Trail
from symphony_connect.base.redact import MASK
from symphony_connect.store.db import Store, StoreUnavailable
from symphony_connect.web.dashboard import lists, timeline
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.proxy.place import Place
from tests.proxy.test_passing import REACHED, read

pytestmark = pytest.mark.anyio
PLATFORM = ANY


async def audited(place: Place, brand: int) -> list[dict[str, Any]]:
    """The rows of a brand's proxied calls as they are stored, in their order."""
    async with place.core.store.reading() as tx:
        found = [
            row
            for chain in await tx.all(sql.chains)
            for row in await tx.all(sql.rows_of_chain, chain=chain["chain"], after=0, most=10_000)
        ]
    return [
        {**row, "detail": json.loads(row["detail"])}
        for row in found
        if row["brand"] == brand and row["what"].startswith("proxy.")
    ]


async def wrong(place: Place) -> str:
    core = place.core
    return "; ".join((await proof.check(core.store, core.vault, core.clock, lambda *_: None)).wrong)


@asynccontextmanager
async def serving(place: Place, *, strict: bool = False, calls: Calls | None = None) -> AsyncIterator[None]:
    """The service with the strict setting, or with other notes."""
    before = place.core
    settings = replace(before.settings, audit_strict=strict)
    place.app.state.core = replace(before, settings=settings, calls=calls or before.calls)
    try:
        yield
    finally:
        place.app.state.core = before


class Unwritable(Calls):
    async def write(self, store: Store, trail: Trail) -> None:
        raise StoreUnavailable("the disk is full")


@pytest.mark.parametrize("platform", REACHED)
async def test_a_call_is_a_row_of_its_own_kind(place: Place, platform: str) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(platform, key=key)
    path = f"{read(platform)}?fields=confidential&x=1"
    for _ in range(2):
        assert (await place.send("GET", brand, platform, path, key)).status_code != 401
    assert await audited(place, brand) == []
    await place.core.write_noted()
    (row,) = await audited(place, brand)
    assert row["what"] == "proxy.call"
    assert row["actor"].startswith("key_")
    assert row["connection"].startswith("conn_")
    assert (row["workspace"][:3], row["platform"]) == ("ws_", platform)
    told = row["detail"]
    assert (told["method"], told["path"], told["reads"], told["count"]) == ("GET", read(platform), True, 2)
    assert 200 <= told["status"] < 500
    assert "confidential" not in str(row)
    past = await lists.history(place.core, row["connection"], (2**62, ""), 0, 10)
    (sentence,) = [timeline.tell_use(use, {}) for use in past.uses]
    assert (sentence.title, sentence.more) == ("Called through the proxy", "2 times that day")


async def test_what_looks_like_a_secret_in_a_path_is_masked(place: Place) -> None:
    key = await place.key("proxy:use", "brands:write", "brands:read")
    brand = await place.connected(PLATFORM, key=key)
    secret = f"sym_sk_{'a' * 40}"
    await place.send("POST", brand, PLATFORM, f"v26.0/{secret}", key)
    await place.core.write_noted()
    (row,) = await audited(place, brand)
    assert (row["detail"]["method"], row["detail"]["path"]) == ("POST", f"v26.0/{MASK}")
    assert row["detail"]["reads"] is False


async def test_a_call_without_an_answer_is_written_too(place: Place) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(PLATFORM, key=key)

    def cut(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadError("cut off")

    place.outward.script = cut
    try:
        answer = await place.send("POST", brand, PLATFORM, read(PLATFORM), key)
    finally:
        place.outward.script = lambda _: None
    assert answer.status_code == 503
    await place.core.write_noted()
    (row,) = await audited(place, brand)
    assert row["detail"]["status"] is None


async def test_with_the_strict_setting_a_row_is_there_before_the_call_and_before_its_answer(place: Place) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(PLATFORM, key=key)
    await place.core.write_noted()
    at_sending: list[int] = []

    def count(_: httpx2.Request) -> None:
        at_sending.append(len(place.core.calls.unwritten))

    place.outward.script = count
    try:
        async with serving(place, strict=True):
            answer = await place.send("GET", brand, PLATFORM, read(PLATFORM), key)
    finally:
        place.outward.script = lambda _: None
    assert answer.status_code == 200
    assert at_sending == [0], "written, not only noted, when the call goes out"
    assert [row["what"] for row in await audited(place, brand)] == ["proxy.sending", "proxy.call"]
    assert "status" not in (await audited(place, brand))[0]["detail"]


@pytest.mark.parametrize("why", ["strict", "too many wait"])
async def test_nothing_is_sent_that_could_not_be_written_down(place: Place, why: str) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(PLATFORM, key=key)
    async with serving(place, strict=why == "strict", calls=Unwritable(most=1)):
        if why == "too many wait":
            await place.send("GET", brand, PLATFORM, read(PLATFORM), key)
        place.sent()
        answer = await place.send("POST", brand, PLATFORM, read(PLATFORM), key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
    assert place.sent() == []


async def test_what_the_store_did_not_take_is_kept(place: Place) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(PLATFORM, key=key)

    class Full:
        def writing(self) -> Any:
            raise StoreUnavailable("the disk is full")

    store: Any = Full()
    for _ in range(2):
        await place.send("GET", brand, PLATFORM, read(PLATFORM), key)
        with pytest.raises(StoreUnavailable):
            await place.core.calls.write(store, place.core.audit)
    await place.core.write_noted()
    (row,) = await audited(place, brand)
    assert row["detail"]["count"] == 2


MEDDLING = {
    "edited": ("UPDATE audit_rows SET detail = replace(detail, 'GET', 'HEAD') WHERE {first}", "was changed"),
    "removed": ("DELETE FROM audit_rows WHERE {first}", "are missing"),
    "reordered": (
        "UPDATE audit_rows SET number = -1 WHERE {first};\nUPDATE audit_rows SET number = number - 1 WHERE {second};\n"
        "UPDATE audit_rows SET number = {number} + 1 WHERE number = -1",
        "stands where another was",
    ),
    "cut off": ("DELETE FROM audit_rows WHERE chain = '{chain}' AND number >= {number}", "cut off"),
}


@pytest.mark.parametrize("what", MEDDLING)
async def test_what_was_done_to_these_rows_is_found(place: Place, what: str) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(PLATFORM, key=key)
    for path in (read(PLATFORM), f"{contract.rules(PLATFORM).READ.lstrip('/')}/"):
        await place.send("GET", brand, PLATFORM, path, key)
    await place.core.write_noted()
    row = (await audited(place, brand))[0]
    assert await wrong(place) == ""
    kept = await stored(place, row["chain"])
    statement, sentence = MEDDLING[what]
    at = f"chain = '{row['chain']}' AND number = "
    names = {"first": f"{at}{row['number']}", "second": f"{at}{row['number'] + 1}", **row}
    async with place.core.store.writing() as tx:
        await tx.script(statement.format(**names))
    assert sentence in await wrong(place)
    await put_back(place, row["chain"], kept)
    assert await wrong(place) == ""


async def stored(place: Place, chain: str) -> list[Any]:
    async with place.core.store.reading() as tx:
        return list(await tx.all(sql.rows_of_chain, chain=chain, after=0, most=10_000))


async def put_back(place: Place, chain: str, kept: list[Any]) -> None:
    async with place.core.store.writing() as tx:
        await tx.run(sql.rows_forget, chain=chain, number=2**62)
        for row in kept:
            await tx.run(sql.row_add, **row)
