"""Events reach the workspaces' own servers: at least once, in order, signed, whatever the receiver does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from symphony_connect.base.errors import Problem
from symphony_connect.connections import changes
from symphony_connect.connections.events import record
from symphony_connect.operate import sweep
from symphony_connect.webhooks import deliveries, endpoints, sql, worker
from symphony_connect.webhooks.endpoints import Change
from symphony_connect.webhooks.sender import Sender
from tests.platforms.chosen import ANY
from tests.renewal.house import WORKSPACE, House
from tests.tools.rows import rows
from tests.tools.wait import wait_until
from tests.webhooks.receiver import Receiver

NEWEST = (2**62, "")


async def subscribed(house: House, receiver: Receiver, *types: str) -> tuple[str, str]:
    """Id and secret of an endpoint."""
    made = await endpoints.create(house.core, WORKSPACE, Change(url=receiver.url, types=types))
    return made.endpoint.id, made.secret


async def standing(house: House, endpoint: str) -> list[tuple[str, str]]:
    """Type and status of each delivery, the oldest first."""
    found = await deliveries.list_deliveries(house.core, WORKSPACE, endpoint, "", NEWEST, 500)
    return [(each.type, each.status) for each in reversed(found)]


async def two_changes(house: House, brand: int) -> None:
    await house.connect(ANY, brand=brand)
    await changes.disconnect_now(house.core, house.caller, brand, ANY)


async def deliver(house: House, sender: Sender) -> None:
    while await worker.deliver_due(house.core, sender):
        pass


async def test_a_receiver_verifies_each_delivery_and_gets_them_in_order(
    house: House, sender: Sender, receiver: Receiver
) -> None:
    endpoint, secret = await subscribed(house, receiver)
    await two_changes(house, 41)
    assert await worker.deliver_due(house.core, sender) == 1, "the second waits until the first was accepted"
    await deliver(house, sender)
    told = [got.verified(secret) for got in receiver.got]
    assert [event["type"] for event in told] == ["connection.connected", "connection.disconnected"]
    assert [event["id"] for event in told] == receiver.ids
    assert {(event["brandId"], event["adPlatform"]) for event in told} == {(41, ANY)}
    assert [status for _, status in await standing(house, endpoint)] == ["delivered", "delivered"]
    assert await worker.deliver_due(house.core, sender) == 0


async def test_only_chosen_types_of_its_own_workspace_are_delivered(
    house: House, sender: Sender, receiver: Receiver
) -> None:
    await subscribed(house, receiver, "connection.disconnected")
    async with house.core.store.writing() as tx:
        await tx.script("INSERT INTO workspaces (id, name, created_at) VALUES ('ws_other', 'other', 1)")
    await endpoints.create(house.core, "ws_other", Change(url=receiver.url))
    await two_changes(house, 42)
    await deliver(house, sender)
    assert len(receiver.got) == 1
    assert b'"connection.disconnected"' in receiver.got[0].body


async def test_what_did_not_happen_is_not_told(house: House, receiver: Receiver) -> None:
    """A delivery is written in the transaction of the change, and goes with it."""
    endpoint, _ = await subscribed(house, receiver)
    id = await house.connect(ANY, brand=43)
    before = await standing(house, endpoint)
    connection = await house.row(id)

    async def cut_short() -> None:
        async with house.core.store.writing() as tx:
            await record(tx, house.core, connection, "connection.recovered", "tests")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await cut_short()
    assert await standing(house, endpoint) == before


async def test_two_secrets_are_good_while_one_replaces_the_other(
    house: House, sender: Sender, receiver: Receiver
) -> None:
    endpoint, first = await subscribed(house, receiver)
    second, _ = await endpoints.rotate(house.core, WORKSPACE, endpoint)
    await deliveries.send_test(house.core, WORKSPACE, endpoint, "tests")
    await deliver(house, sender)
    assert receiver.got[0].verifies(first)
    assert receiver.got[0].verifies(second)
    third, _ = await endpoints.rotate(house.core, WORKSPACE, endpoint)
    assert len(await endpoints.secrets_of(house.core, endpoint)) == 2
    house.sandbox.advance("25h")
    await deliveries.send_test(house.core, WORKSPACE, endpoint, "tests")
    await deliver(house, sender)
    assert [receiver.got[1].verifies(secret) for secret in (first, second, third)] == [False, False, True]
    assert len(receiver.got[1].headers["webhook-signature"].split(" ")) == 1
    await sweep.sweep(house.core)
    async with house.core.store.reading() as tx:
        assert len(await tx.all(sql.secrets_good, endpoint_id=endpoint, now=0)) == 1


async def test_a_receiver_that_is_down_for_a_day_loses_nothing(
    house: House, sender: Sender, receiver: Receiver
) -> None:
    endpoint, secret = await subscribed(house, receiver)
    for brand in range(100, 105):
        await two_changes(house, brand)
    receiver.status = 503
    for _ in range(24):
        await deliver(house, sender)
        house.sandbox.advance("1h")
    assert {status for _, status in await standing(house, endpoint)} == {"pending"}
    tried = Counter(receiver.ids)
    assert max(tried.values()) >= 8
    receiver.status, receiver.got = 200, []
    house.sandbox.advance("10h")
    await deliver(house, sender)
    assert {status for _, status in await standing(house, endpoint)} == {"delivered"}
    assert len(receiver.got) == 10
    for brand in range(100, 105):
        told = [event for got in receiver.got if (event := got.verified(secret))["brandId"] == brand]
        assert [event["type"] for event in told] == ["connection.connected", "connection.disconnected"]


async def test_after_three_days_it_is_given_up_and_can_be_sent_again(
    house: House, sender: Sender, receiver: Receiver
) -> None:
    endpoint, _ = await subscribed(house, receiver)
    receiver.status = 500
    await deliveries.send_test(house.core, WORKSPACE, endpoint, "tests")
    for _ in range(100):
        await worker.deliver_due(house.core, sender)
        house.sandbox.advance("1h")
    (dead,) = await deliveries.list_deliveries(house.core, WORKSPACE, endpoint, "failed", NEWEST, 5)
    assert (dead.answer, dead.attempts) == (500, len(receiver.got))
    assert 12 <= dead.attempts <= 25
    receiver.status, receiver.got = 200, []
    await deliveries.replay(house.core, WORKSPACE, endpoint, dead.id)
    await deliver(house, sender)
    assert receiver.ids == [dead.id]
    house.sandbox.advance("8d")
    await sweep.sweep(house.core)
    assert await standing(house, endpoint) == []


async def test_one_that_ended_between_sending_and_marking_sends_again_under_the_same_id(
    house: House, sender: Sender, receiver: Receiver
) -> None:
    """As after `kill -9`: the claim is left behind, and nothing was marked."""
    endpoint, _ = await subscribed(house, receiver)
    sent = await deliveries.send_test(house.core, WORKSPACE, endpoint, "tests")
    (claimed,) = await worker.claim(house.core, Counter())
    secrets = await endpoints.secrets_of(house.core, endpoint)
    await sender.send(receiver.url, claimed.row["event_id"], claimed.row["body"], secrets, house.core.watch.unmoved())
    assert await worker.deliver_due(house.core, sender) == 0, "its lease has yet to run out"
    house.sandbox.advance("46s")
    await deliver(house, sender)
    assert receiver.ids == [sent.id, sent.id]
    assert receiver.got[0].body == receiver.got[1].body
    assert await standing(house, endpoint) == [("webhook.test", "delivered")]


async def test_one_that_slept_past_its_lease_marks_nothing(house: House, sender: Sender, receiver: Receiver) -> None:
    endpoint, _ = await subscribed(house, receiver)
    await deliveries.send_test(house.core, WORKSPACE, endpoint, "tests")
    (late,) = await worker.claim(house.core, Counter())
    house.sandbox.advance("46s")
    await deliver(house, sender)
    receiver.status = 500
    await worker.deliver(house.core, sender, late)
    assert await standing(house, endpoint) == [("webhook.test", "delivered")]


async def test_410_disables_the_endpoint(house: House, sender: Sender, receiver: Receiver) -> None:
    endpoint, _ = await subscribed(house, receiver)
    await two_changes(house, 44)
    receiver.status = 410
    await deliver(house, sender)
    assert len(receiver.got) == 1
    found = await endpoints.find(house.core, WORKSPACE, endpoint)
    assert found.disabled_why == "gone"
    assert [status for _, status in await standing(house, endpoint)] == ["failed", "failed"]
    await two_changes(house, 45)
    assert len(await standing(house, endpoint)) == 2
    with pytest.raises(Problem, match="disabled"):
        await deliveries.send_test(house.core, WORKSPACE, endpoint, "tests")
    await endpoints.change(house.core, WORKSPACE, endpoint, Change(enabled=True))
    receiver.status = 200
    receiver.got.clear()
    assert await deliveries.replay_failed(house.core, WORKSPACE, endpoint) == 2
    assert await deliveries.replay_failed(house.core, WORKSPACE, endpoint) == 0
    await deliver(house, sender)
    assert await standing(house, endpoint) == [
        ("connection.connected", "delivered"),
        ("connection.disconnected", "delivered"),
    ]
    assert [b"connection.connected" in got.body for got in receiver.got] == [True, False], "in their order"


async def test_a_receiver_that_hangs_holds_up_no_other(house: House, receiver: Receiver) -> None:
    with Receiver.up() as other:
        slow, _ = await subscribed(house, receiver)
        await subscribed(house, other)
        receiver.hangs = True
        for _ in range(worker.AT_ONCE + 2):
            await deliveries.send_test(house.core, WORKSPACE, slow, "tests")
        await two_changes(house, 46)
        stop = asyncio.Event()
        async with Sender.opened(house.core.settings, deadline=1.0) as sender:
            task = asyncio.create_task(worker.run_with(house.core, sender, stop))
            await until(lambda: len(other.got) == 2)
            while "no answer within" not in await errors(house, slow):
                await asyncio.to_thread(wait_until, lambda: len(receiver.got) >= worker.AT_ONCE)
            stop.set()
            receiver.over.set()
            await task


async def until(true: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, true)


async def errors(house: House, endpoint: str) -> str:
    found = await deliveries.list_deliveries(house.core, WORKSPACE, endpoint, "", NEWEST, 50)
    return " ".join(each.error or "" for each in found)


async def test_redirects_are_not_followed(house: House, sender: Sender, receiver: Receiver) -> None:
    with Receiver.up() as elsewhere:
        await subscribed(house, receiver)
        receiver.status, receiver.headers = 307, {"location": elsewhere.url}
        await two_changes(house, 47)
        await worker.deliver_due(house.core, sender)
        assert len(receiver.got) == 1
        assert elsewhere.got == []


async def test_a_secret_is_sealed_and_opens_in_its_own_row_alone(house: House, receiver: Receiver) -> None:
    first, secret = await subscribed(house, receiver)
    second, _ = await subscribed(house, receiver)
    url = house.core.settings.database_url.reveal()
    stored = await asyncio.to_thread(rows, url, "webhook_secrets", "webhook_endpoints")
    assert secret[6:] not in repr(stored)
    async with house.core.store.writing() as tx:
        await tx.script(
            "UPDATE webhook_secrets SET sealed = (SELECT o.sealed FROM webhook_secrets o "
            f"WHERE o.endpoint_id = '{first}') WHERE endpoint_id = '{second}'"
        )
    with pytest.raises(Exception, match="does not open"):
        await endpoints.secrets_of(house.core, second)
