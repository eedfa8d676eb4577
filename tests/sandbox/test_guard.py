"""Who may use the control API."""

from __future__ import annotations

import httpx2
import pytest

from symphony_connect.sandbox.app import create_app
from symphony_connect.sandbox.wire import Guard
from symphony_connect.sandbox.world import LocalClock, World

TOKEN = "a-token-of-the-pipeline"
HERE, ELSEWHERE = "127.0.0.1", "172.17.0.1"


async def status(guard: Guard, *, sender: str, host: str, path: str = "/_sandbox/state", sent: str = "") -> int:
    transport = httpx2.ASGITransport(create_app(World(LocalClock(), "seed"), guard), client=(sender, 40_000))
    headers = {"Host": host, **({"Authorization": f"Bearer {sent}"} if sent else {})}
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return (await client.get(path, headers=headers)).status_code


@pytest.mark.parametrize("path", ["/_sandbox/state", "/_sandbox/calls", "/"])
async def test_another_machine_that_says_it_is_here_gets_nothing(path: str) -> None:
    """`Host` is the client's own word: only the address of the sender tells where it is."""
    assert await status(Guard(), sender=ELSEWHERE, host="127.0.0.1:8081", path=path) == 403
    assert await status(Guard(), sender="::ffff:10.0.0.7", host="localhost:8081", path=path) == 403
    assert await status(Guard(), sender=HERE, host="127.0.0.1:8081", path=path) == 200


@pytest.mark.parametrize(
    ("sender", "host", "sent", "wanted"),
    [
        (ELSEWHERE, "sandbox:8081", TOKEN, 200),
        (ELSEWHERE, "SANDBOX:8081", TOKEN, 200),
        (ELSEWHERE, "127.0.0.1:8081", TOKEN, 200),
        (ELSEWHERE, "sandbox:8081", "", 401),
        (ELSEWHERE, "sandbox:8081", TOKEN + "x", 401),
        (ELSEWHERE, "sandbox:8081", "ü" * 20, 401),
        (ELSEWHERE, "another:8081", TOKEN, 403),
        (HERE, "sandbox:8081", "", 401),
        (HERE, "another:8081", TOKEN, 403),
        (HERE, "localhost:8081", "", 200),
    ],
)
async def test_a_token_lets_other_machines_in(sender: str, host: str, sent: str, wanted: int) -> None:
    guard = Guard(TOKEN, ("sandbox",))
    transport = httpx2.ASGITransport(create_app(World(LocalClock(), "seed"), guard), client=(sender, 40_000))
    headers: list[tuple[bytes, bytes]] = [(b"host", host.encode())]
    headers += [(b"authorization", f"Bearer {sent}".encode())] if sent else []
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/_sandbox/state", headers=headers)).status_code == wanted


async def test_the_platforms_themselves_need_no_token() -> None:
    """Their clients know nothing of it."""
    assert await status(Guard(TOKEN), sender=ELSEWHERE, host="sandbox:8081", path="/me") != 401
