"""Every form of the dashboard is taken from a page of its own alone."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute

from symphony_connect.web.dashboard import brands, connection, entrance, events, home, keys, others, selected
from tests.journey.dashboard.seed import Seed, pour
from tests.journey.dashboard.test_door import acme, another, door, inside
from tests.journey.dashboard.visit import Door, new_key, new_link, now

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
}
BEFORE = {"/dashboard/enter", "/dashboard/sign-in"}
"""Forms for people who are not signed in yet: their token comes with a cookie of its own."""


def test_every_form_is_tried_from_elsewhere() -> None:
    parts = (home, entrance, connection, selected, brands, events, keys, others)
    routes = [each for part in parts for each in part.router.routes if isinstance(each, APIRoute)]
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
    csrf, url = door.csrf("/dashboard"), path.format(id=seed.id, key=key_id)
    for headers, fields in elsewhere(door, csrf):
        answer = door.http.post(url, data={**FORMS[path], **fields}, headers=headers)
        assert (answer.status_code, "origin_not_allowed" in answer.text) == (403, True), headers
    assert inside(door.get("/dashboard"))
    assert "Needs reconnect</span>" not in door.get(f"/dashboard/connections/{seed.id}").text
    assert door.sign_in(key).status_code == 303, "its key still lives"
