"""Webhooks on the dashboard: an endpoint and its secret, what was delivered, and all that a person can do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.journey.dashboard import visit
from tests.journey.dashboard.conftest import Desk
from tests.journey.dashboard.visit import Door
from tests.tools.axe import in_both_themes, violations
from tests.tools.fit import overflow
from tests.tools.wait import wait_until
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.browser
MADE = "Your new endpoint is ready"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver.up() as receiver:
        yield receiver


@pytest.fixture
def door(desk: Desk) -> Iterator[Door]:
    """Signed in to the desk's workspace, without a browser."""
    with visit.door_of(desk.service) as door:
        door.enter(workspace=desk.workspace)
        yield door


def saved(page: Page) -> str:
    with page.expect_download() as file:
        page.get_by_role("button", name="Save as a file").click()
    assert re.fullmatch(r"we_\w+\.txt", file.value.suggested_filename)
    return file.value.path().read_text(encoding="ascii").removesuffix("\n")


def test_an_endpoint_from_its_secret_to_its_end(desk: Desk, inside: Page, receiver: Receiver) -> None:
    inside.goto(f"{desk.home}/webhooks")
    inside.get_by_label("Address").fill(receiver.url)
    inside.get_by_label("What it is for").fill("the campaign code")
    inside.get_by_role("checkbox", name="Disconnected").check()
    inside.get_by_role("button", name="Create endpoint").click()
    expect(inside.get_by_role("heading", name=MADE)).to_be_focused()
    first = saved(inside)
    assert first.startswith("whsec_")
    assert first not in inside.content()
    row = inside.locator(".webhooks tbody tr")
    expect(row).to_contain_text("Active")
    expect(row).to_contain_text("Disconnected")
    row.get_by_role("link", name="the campaign code", exact=True).click()

    receiver.status = 503
    inside.get_by_role("button", name="Send a test").click()
    delivery = inside.locator(".deliveries tbody tr")
    expect(inside.get_by_role("status").filter(has_text="queued")).to_be_visible()
    expect(delivery.locator("[data-label='Last answer']")).to_have_text("503", timeout=15_000)
    expect(delivery.locator("[data-label='State']")).to_contain_text("Waiting")
    receiver.status = 200
    delivery.get_by_role("button", name="Send now").click()
    expect(inside.locator("[data-label='State']")).to_contain_text("Delivered", timeout=15_000)
    assert len(set(receiver.ids)) == 1
    assert receiver.got[-1].verifies(first)

    inside.locator("summary", has_text="New secret").click()
    inside.get_by_role("button", name="Make a new secret").click()
    expect(inside.get_by_role("heading", name="The new secret is ready")).to_be_focused()
    second = saved(inside)
    inside.locator(".deliveries").get_by_role("button", name="Send again").click()
    wait_until(lambda: receiver.got[-1].verifies(second), what="a delivery that both secrets sign")
    assert receiver.got[-1].verifies(first)

    inside.get_by_role("button", name="Pause").click()
    expect(inside.locator(".facts")).to_contain_text("Paused")
    expect(inside.get_by_role("button", name="Send a test")).to_have_count(0)
    inside.get_by_role("button", name="Resume").click()
    expect(inside.locator(".facts")).to_contain_text("Active")
    inside.locator("summary", has_text="Change address").click()
    inside.get_by_role("checkbox", name="Disconnected").uncheck()
    inside.get_by_role("button", name="Save", exact=True).click()
    expect(inside.locator(".facts")).to_contain_text("every type there is")
    inside.locator("summary", has_text="Remove").click()
    inside.get_by_role("button", name="Remove this endpoint").click()
    expect(inside.locator(".nothing")).to_have_text("No endpoints yet.")


def made(door: Door, url: str, **fields: str) -> tuple[str, str]:
    """Id and secret of an endpoint, made by the form."""
    answer = door.post("/dashboard/webhooks", "/dashboard/webhooks", url=url, **fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r'"(we_\w+)\.txt"', answer.headers["content-disposition"])
    assert found
    return found[1], answer.text.strip()


def lost(desk: Desk, endpoint: str, count: int) -> None:
    """Deliveries that were given up, as after three days."""
    at = visit.now(desk.service) - 1_000_000
    with visit.writing(desk.service) as connection:
        workspace = visit.workspace_id(connection, desk.workspace, at)
        for number in range(count):
            connection.execute(
                "INSERT INTO webhook_deliveries (endpoint_id, event_id, workspace_id, type, at, body, status, attempts,"
                " queued_at, due_at, tried_at, fence, answer, error)"
                " VALUES (?, ?, ?, 'connection.connected', ?, '{}', 'failed', 17, ?, ?, ?, 0, 500, 'answered 500')",
                (endpoint, f"evt_{endpoint[3:]}{number:04}", workspace, at + number, at, at, at),
            )


def test_all_that_was_given_up_is_sent_again(desk: Desk, door: Door, receiver: Receiver) -> None:
    endpoint, _ = made(door, receiver.url)
    lost(desk, endpoint, 52)
    page = door.get(f"/dashboard/webhooks/{endpoint}?status=failed").text
    older = re.search(r'href="([^"]+before=[^"]+)"', page)
    assert older
    rest = door.get(older[1].replace("&amp;", "&")).text
    found = [set(re.findall(rf"evt_{endpoint[3:]}\d{{4}}", text)) for text in (page, rest)]
    assert [len(ids) for ids in found] == [50, 2]
    assert found[0].isdisjoint(found[1])
    answer = door.post(f"/dashboard/webhooks/{endpoint}/replay", "/dashboard/webhooks")
    assert answer.headers["location"] == f"/dashboard/webhooks/{endpoint}?done=all"
    wait_until(lambda: len(set(receiver.ids)) == 52, 30, "all of them to arrive")


def test_what_cannot_be_is_said_and_stores_nothing(desk: Desk, door: Door) -> None:
    for url in ("", "ftp://127.0.0.1/", "http://10.0.0.1/", "http://user:word@127.0.0.1/", "http://[::ffff:10.0.0.1]/"):
        answer = door.post("/dashboard/webhooks", "/dashboard/webhooks", url=url, description="my <own> words")
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True), url
        assert "my &lt;own&gt; words" in answer.text, "what was typed is still there"
    assert (
        door.post("/dashboard/webhooks", "/dashboard/webhooks", url="http://127.0.0.1:9/", type="x").status_code == 400
    )
    assert desk.call("GET", "/webhooks")["data"] == []
    endpoint, _ = made(door, "http://127.0.0.1:9/")
    answer = door.post(f"/dashboard/webhooks/{endpoint}/change", "/dashboard/webhooks", url="http://10.0.0.1/")
    assert (answer.status_code, "where nothing is delivered" in answer.text) == (400, True)
    assert [row["url"] for row in desk.call("GET", "/webhooks")["data"]] == ["http://127.0.0.1:9/"]


def test_another_workspace_has_no_such_endpoint(desk: Desk, door: Door) -> None:
    endpoint, _ = made(door, "http://127.0.0.1:9/")
    lost(desk, endpoint, 1)
    verbs = (
        "change",
        "pause",
        "resume",
        "test",
        "replay",
        "rotate",
        "remove",
        f"deliveries/evt_{endpoint[3:]}0000/replay",
    )
    with visit.door_of(desk.service) as other:
        other.enter(workspace=f"{desk.workspace}2")
        assert endpoint not in other.get("/dashboard/webhooks").text
        assert other.get(f"/dashboard/webhooks/{endpoint}").status_code == 404
        for verb in verbs:
            answer = other.post(
                f"/dashboard/webhooks/{endpoint}/{verb}", "/dashboard/webhooks", url="http://127.0.0.1:9/"
            )
            assert answer.status_code == 404, verb
        other.sign_in(visit.new_key(desk.service, "brands:read", workspace=desk.workspace)[1])
        for path, send in (("", other.get), (f"/{endpoint}", other.get), (f"/{endpoint}/remove", removal(other))):
            answer = send(f"/dashboard/webhooks{path}")
            assert (answer.status_code, "webhooks:write" in answer.text) == (403, True), path
    (row,) = desk.call("GET", "/webhooks")["data"]
    assert (row["id"], row["enabled"]) == (endpoint, True)


def removal(door: Door) -> Callable[[str], httpx2.Response]:
    return lambda path: door.post(path, "/dashboard")


def test_the_pages_are_for_everybody(desk: Desk, door: Door, opened: Callable[..., Page]) -> None:
    """No axe finding in either theme, no overflow at any width."""
    inside = desk.enter(opened(reduced_motion="reduce"))
    endpoint, _ = made(door, f"http://127.0.0.1:9/{'long' * 40}", description="Northwind " * 8)
    made(door, "http://127.0.0.1:9/", type="connection.disconnected")
    lost(desk, endpoint, 3)
    for path in ("/webhooks", f"/webhooks/{endpoint}?done=test"):
        inside.set_viewport_size({"width": 1440, "height": 900})
        inside.goto(desk.home + path)
        for details in inside.locator("main details").all():
            details.evaluate("each => { each.open = true; }")
        assert in_both_themes(inside) == []
        assert overflow(inside) == []
        assert inside.locator("h1").count() == 1
        inside.set_viewport_size({"width": 360, "height": 800})
        assert violations(inside) == []
