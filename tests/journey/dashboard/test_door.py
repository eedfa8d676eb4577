"""Who is let in, and what a form must carry: the dashboard's door, over plain HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from symphony_connect.access.api_keys import hint
from symphony_connect.base import config
from symphony_connect.base.clock import HOUR, system_clock
from symphony_connect.base.ids import fingerprint
from symphony_connect.web.dashboard import guard
from tests.conftest import ServiceFactory
from tests.journey.dashboard.seed import Seed, pour
from tests.journey.dashboard.visit import Door, door_of, new_key, new_link, now, revoke, writing
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service


@pytest.fixture(scope="module")
def acme(shared_service: ServiceFactory) -> Service:
    return shared_service({"SYMPHONY_TRUSTED_PROXIES": "127.0.0.1"}, ["--no-worker"])


@pytest.fixture
def another(acme: Service) -> Iterator[Callable[[], Door]]:
    """Browsers that share nothing."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(door_of(acme))


@pytest.fixture
def door(another: Callable[[], Door]) -> Door:
    return another()


def inside(answer: httpx2.Response) -> bool:
    return answer.status_code == 200 and "Sign out" in answer.text


def test_without_a_session_every_page_leads_to_the_way_in(door: Door) -> None:
    for path in (
        "",
        "/brands",
        "/events",
        "/webhooks",
        "/webhooks/we_1",
        "/keys",
        "/settings",
        "/connections/conn_1",
        "/nowhere",
    ):
        answer = door.get(f"/dashboard{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/sign-in"), path
    assert door.get("/dashboard/pulse", accept="application/json").status_code == 401


def test_a_link_lets_one_person_in_once(door: Door, another: Callable[[], Door]) -> None:
    link = new_link(door.service)
    assert door.enter(link).headers["location"] == "/dashboard"
    assert inside(door.get("/dashboard"))
    late = another()
    assert late.get(link).headers["location"] == "/dashboard/enter"
    assert late.get("/dashboard/enter").status_code == 410
    assert not inside(late.get("/dashboard"))


def test_opening_a_link_spends_nothing_and_takes_it_out_of_the_address(door: Door, another: Callable[[], Door]) -> None:
    link = new_link(door.service)
    secret = link.rsplit("/", 1)[1]
    for _ in range(3):
        scanner = another()
        answer = scanner.get(link)
        assert secret not in answer.headers["location"] + answer.text
        assert secret not in scanner.get("/dashboard/enter").text
    assert door.enter(link).headers["location"] == "/dashboard"


def test_a_link_dies_after_five_minutes(door: Door, shared_sandbox: Sandbox) -> None:
    link, second = new_link(door.service), new_link(door.service)
    door.get(link)
    csrf = door.csrf("/dashboard/enter")
    shared_sandbox.advance("5m")
    answer = door.http.post("/dashboard/enter", data={"csrf": csrf}, headers={"origin": door.service.url})
    assert answer.status_code == 410
    door.get(second)
    assert door.get("/dashboard/enter").status_code == 410


def test_a_session_ends_after_twelve_hours_of_its_person(door: Door, shared_sandbox: Sandbox) -> None:
    door.enter()
    shared_sandbox.advance("13h")
    assert inside(door.get("/dashboard")), "a step of the demo's clock signs nobody out"
    session = fingerprint(door.http.cookies["symphony-dashboard"])
    with writing(door.service) as connection:
        move = "UPDATE dashboard_sessions SET expires_at = expires_at - ? WHERE hash = ? AND expires_at > ?"
        assert connection.execute(move, (12 * HOUR, session, system_clock())).rowcount == 1
    assert not inside(door.get("/dashboard"))


def test_the_link_and_the_session_are_kept_as_hashes_only(door: Door) -> None:
    link = new_link(door.service)
    door.enter(link)
    session = door.http.cookies["symphony-dashboard"]
    stored = b"".join(path.read_bytes() for path in door.service.data_dir.glob("symphony.db*"))
    assert link.rsplit("/", 1)[1].encode() not in stored
    assert session.encode() not in stored
    assert session not in door.get("/dashboard").text + door.service.log_text()


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(door: Door) -> None:
    answer = door.enter()
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("symphony-dashboard="))
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))


def test_in_production_cookies_are_for_this_host_over_https_only() -> None:
    core: Any = SimpleNamespace(settings=config.load({"SYMPHONY_PUBLIC_URL": "https://connect.example"}))
    response = Response()
    guard.set_cookie(response, core, guard.SESSION, "x", 1_000, "Strict")
    cookie = response.headers["set-cookie"].split("; ")
    assert cookie[0] == "__Host-symphony-dashboard=x"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie)
    assert not any(part.startswith("Domain") for part in cookie)


def test_signing_in_by_key_follows_its_scopes(door: Door) -> None:
    reader = new_key(door.service, "brands:read")[1]
    assert door.sign_in(reader).headers["location"] == "/dashboard"
    assert inside(door.get("/dashboard"))
    for path in ("/keys", "/events"):
        assert door.get(f"/dashboard{path}").status_code == 403, path
    assert "Create connect link" not in door.get("/dashboard").text
    assert door.post("/dashboard/connect-links", "/dashboard", brand_id="1").status_code == 403


def test_only_living_secret_keys_that_may_read_brands_sign_in(door: Door) -> None:
    service = door.service
    blind = new_key(service, "tokens:read")[1]
    for key in (new_key(service, kind="publishable")[1], blind, "sym_sk_nonsense", ""):
        assert door.sign_in(key).status_code == 401, key
    id, ended = new_key(service)
    revoke(service, id)
    assert door.sign_in(ended).status_code == 401


def test_revoking_a_key_ends_its_sessions(door: Door) -> None:
    id, key = new_key(door.service)
    door.sign_in(key)
    assert inside(door.get("/dashboard"))
    revoke(door.service, id)
    assert not inside(door.get("/dashboard"))


def test_guessing_is_throttled_by_address(door: Door, another: Callable[[], Door]) -> None:
    answers = [door.sign_in("sym_sk_guess").status_code for _ in range(10)]
    assert answers == [401] * 10
    assert another().sign_in(new_key(door.service)[1]).status_code == 303
    refused = door.sign_in(new_key(door.service)[1])
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_signing_out_ends_the_session_everywhere(door: Door, another: Callable[[], Door]) -> None:
    door.enter()
    copy = another()
    copy.http.cookies.update(door.http.cookies)
    assert door.post("/dashboard/sign-out", "/dashboard").status_code == 303
    assert not inside(copy.get("/dashboard"))


def test_the_key_form_refuses_a_stranger_too(door: Door) -> None:
    key = new_key(door.service)[1]
    answer = door.post("/dashboard/sign-in", "/dashboard/sign-in", origin="https://evil.example", key=key)
    assert answer.status_code == 403
    assert not inside(door.get("/dashboard"))


def test_a_workspace_sees_itself_only(door: Door, another: Callable[[], Door]) -> None:
    id, key = new_key(door.service, workspace="rival")
    seed = Seed(4_711, name="Rival Brand", person="Somebody Else")
    pour(door.service.data_dir / "symphony.db", [seed], now(door.service), workspace="rival")
    door.enter()
    for path in ("", "?q=rival", "/brands", "/events", "/keys", "?status=connected"):
        text = door.get(f"/dashboard{path}").text
        assert "Rival Brand" not in text, path
        assert id not in text, path
    for path in ("", "/disconnect"):
        assert door.get(f"/dashboard/connections/{seed.id}{path}").status_code == 404
    for verb in ("verify", "renew", "link", "disconnect"):
        assert door.post(f"/dashboard/connections/{seed.id}/{verb}", "/dashboard").status_code == 404, verb
    assert door.post(f"/dashboard/keys/{id}/revoke", "/dashboard").status_code == 404
    rival = another()
    rival.sign_in(key)
    assert "Rival Brand" in rival.get("/dashboard").text


@pytest.mark.parametrize("number", ["1" * 40, "0" * 19 + "1" + "0" * 20, "1" * 5000, "-1", "1.5", "\u0661", "0"])
def test_a_number_that_is_none_gets_a_page_that_says_so(door: Door, number: str) -> None:
    door.enter()
    brand = door.post("/dashboard/connect-links", "/dashboard", brand_id=number)
    key = door.post("/dashboard/keys", "/dashboard", kind="secret", scope="brands:read", days=number)
    assert (brand.status_code, key.status_code) == (400, 400)
    assert "A brand id is a whole number" in brand.text
    assert "Days are a whole number" in key.text


def test_a_key_grants_no_more_than_its_maker_has(door: Door) -> None:
    limited = new_key(door.service, "brands:read", "keys:write")[1]
    door.sign_in(limited)
    answer = door.post("/dashboard/keys", "/dashboard", kind="secret", scope="tokens:read")
    assert answer.status_code == 400
    assert "You cannot grant what you lack" in answer.text
    assert "sym_sk_" not in re.sub(r"sym_sk_\w{4}…", "", answer.text)


def test_pages_are_never_stored_and_hold_to_the_policy(door: Door) -> None:
    door.enter()
    for path in ("", "/keys", "/sign-in", "/nowhere"):
        headers = door.get(f"/dashboard{path}").headers
        assert headers["cache-control"] == "no-store"
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


NONSENSE = (
    "after=x",
    "after=1.2.3",
    f"after={10**20}.1.x.1",
    "week=soon",
    "status=happy",
    f"before={10**20}.x",
    "before=1",
)


@pytest.mark.parametrize("query", [*NONSENSE, "q=" + "x" * 300])
def test_an_address_that_makes_no_sense_gets_a_page_that_says_so(door: Door, query: str) -> None:
    door.enter()
    path = "/dashboard/events" if query.startswith("before") else "/dashboard"
    answer = door.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert "<h1>This request is not valid</h1>" in answer.text


PRESETS = {"campaign": ["brands:read", "tokens:read"], "backend": ["brands:read", "brands:write", "connect:write"]}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_gives_a_key_its_scopes_and_no_others(door: Door, preset: str) -> None:
    door.enter()
    key = door.post("/dashboard/keys", "/dashboard", kind=preset, scope="keys:write", name=preset).text.strip()
    assert key.startswith("sym_sk_")
    with writing(door.service) as connection:
        (scopes,) = connection.execute("SELECT scopes FROM api_keys WHERE hint = ?", (hint(key),)).fetchone()
    assert json.loads(scopes) == PRESETS[preset]


HEADINGS = {"/dashboard/connections/conn_none": "Page not found", "/dashboard?week=soon": "This request is not valid"}


@pytest.mark.parametrize("path", HEADINGS)
def test_a_failure_is_headed_by_what_it_is(door: Door, path: str) -> None:
    door.enter()
    assert f"<h1>{HEADINGS[path]}</h1>" in door.get(path).text
