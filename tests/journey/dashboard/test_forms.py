"""Every form of the dashboard is taken from a page of its own alone."""

from __future__ import annotations

import re
import secrets

import pytest
from fastapi.routing import APIRoute

from symphony_connect.web.dashboard.routes import PARTS
from tests.journey.dashboard.seed import Seed, pour
from tests.journey.dashboard.test_door import acme, another, door, inside
from tests.journey.dashboard.visit import Door, new_key, new_link, now, workspace_id, writing
from tests.tools.service import WORKSPACE

__all__ = ["acme", "another", "door"]

FORMS = {
    "/dashboard/sign-out": {},
    "/dashboard/connect-links": {"brand_id": "77"},
    "/dashboard/keys": {"kind": "secret", "scope": "brands:read"},
    "/dashboard/settings": {},
    "/dashboard/connections/{id}/disconnect": {},
    "/dashboard/connections/{id}/verify": {},
    "/dashboard/connections/{id}/renew": {},
    "/dashboard/connections/{id}/link": {},
    "/dashboard/keys/{key}/revoke": {},
    "/dashboard/selected": {"do": "csv", "id": "{id}"},
    "/dashboard/webhooks": {"url": "http://127.0.0.1:9/"},
    "/dashboard/webhooks/{endpoint}/rotate": {},
    "/dashboard/webhooks/{endpoint}/remove": {},
    "/dashboard/webhooks/{endpoint}/change": {"url": "http://127.0.0.1:10/"},
    "/dashboard/webhooks/{endpoint}/pause": {},
    "/dashboard/webhooks/{endpoint}/resume": {},
    "/dashboard/webhooks/{endpoint}/test": {},
    "/dashboard/webhooks/{endpoint}/replay": {},
    "/dashboard/webhooks/{endpoint}/deliveries/{delivery}/replay": {},
}
BEFORE = {"/dashboard/enter", "/dashboard/sign-in"}
"""Forms for people who are not signed in yet: their token comes with a cookie of its own."""


def test_every_form_is_tried_from_elsewhere() -> None:
    routes = [each for part in PARTS for each in part.router.routes if isinstance(each, APIRoute)]
    posts = {re.sub(r"{\w+}", "{}", each.path) for each in routes if "POST" in each.methods}
    assert posts == {re.sub(r"{\w+}", "{}", path) for path in FORMS} | BEFORE


def test_what_signs_in_is_refused_from_elsewhere_too(door: Door) -> None:
    key = new_key(door.service)[1]
    for path, page in (("/dashboard/sign-in", "/dashboard/sign-in"), ("/dashboard/enter", new_link(door.service))):
        door.get(page)
        csrf = door.csrf(path)
        for headers, fields in elsewhere(door, csrf):
            answer = door.http.post(path, data={"key": key, **fields}, headers=headers)
            assert (answer.status_code, "origin_not_allowed" in answer.text) == (403, True), (path, headers)
    assert not inside(door.get("/dashboard"))


def elsewhere(door: Door, csrf: str) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Headers and fields of forms that no page of ours sends."""
    ours = {"origin": door.service.url}
    return [
        ({"origin": "https://evil.example"}, {"csrf": csrf}),
        ({"origin": "null"}, {"csrf": csrf}),
        ({}, {"csrf": csrf}),
        *((ours | {"sec-fetch-site": site}, {"csrf": csrf}) for site in ("same-site", "cross-site", "none")),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, {"csrf": csrf}),
        (ours, {}),
        (ours, {"csrf": csrf[:-1] + "0g"[csrf[-1] == "0"]}),
    ]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_from_elsewhere_does_nothing(door: Door, path: str) -> None:
    seed = Seed(5)
    pour(door.service.data_dir / "symphony.db", [seed], now(door.service))
    door.enter()
    key_id, key = new_key(door.service)
    endpoint, delivery = one_delivery(door)
    kept = webhooks_of(door)
    csrf = door.csrf("/dashboard")
    url = path.format(id=seed.id, key=key_id, endpoint=endpoint, delivery=delivery)
    for headers, fields in elsewhere(door, csrf):
        answer = door.http.post(url, data={**FORMS[path], **fields}, headers=headers)
        assert (answer.status_code, "origin_not_allowed" in answer.text) == (403, True), headers
    assert inside(door.get("/dashboard"))
    assert "Needs reconnect</span>" not in door.get(f"/dashboard/connections/{seed.id}").text
    assert webhooks_of(door) == kept
    assert door.sign_in(key).status_code == 303, "its key still lives"


def one_delivery(door: Door) -> tuple[str, str]:
    """Ids of a paused endpoint and of a delivery to it that was given up; nothing changes them by itself."""
    endpoint, delivery = f"we_{secrets.token_hex(12)}", f"evt_{secrets.token_hex(12)}"
    with writing(door.service) as connection:
        workspace = workspace_id(connection, WORKSPACE, 1)
        connection.execute(
            "INSERT INTO webhook_endpoints VALUES (?, ?, 'http://127.0.0.1:9/', '', '', 1, 1, 'by_request')",
            (endpoint, workspace),
        )
        connection.execute(
            "INSERT INTO webhook_deliveries (endpoint_id, event_id, workspace_id, type, at, body, status, attempts,"
            " queued_at, due_at, fence) VALUES (?, ?, ?, 'webhook.test', 1, '{}', 'failed', 9, 1, 1, 0)",
            (endpoint, delivery, workspace),
        )
    return endpoint, delivery


def webhooks_of(door: Door) -> list[list[tuple[object, ...]]]:
    tables = ("webhook_endpoints", "webhook_deliveries", "webhook_secrets")
    with writing(door.service) as connection:
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
