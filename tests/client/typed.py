"""Read by mypy alone: what code with types sees of both clients."""

from __future__ import annotations

from typing import assert_type

from symphony_connect_client import AsyncClient, Brand, Client, Delivery, Event, Key, NeedsReconnect, Token


def waiting(client: Client) -> None:
    assert_type(client.token(5, "x", min_ttl=60), Token)
    assert_type(list(client.brands(status="expiring")), list[Brand])
    assert_type(list(client.events(brand_id=5)), list[Event])
    assert_type(client.create_webhook("https://x/").secret, str)
    client.token("5", "x")  # type: ignore[arg-type]
    client.token(5, "x", minTtl=60)  # type: ignore[call-arg]


async def awaiting(client: AsyncClient) -> None:
    assert_type(await client.brand(5), Brand)
    assert_type([key async for key in client.keys()], list[Key])  # noqa: SIM118
    assert_type([each async for each in client.deliveries("we_1")], list[Delivery])


def lost(error: NeedsReconnect) -> None:
    assert_type(error.reconnect_url, str | None)
    assert_type(error.status, int)
