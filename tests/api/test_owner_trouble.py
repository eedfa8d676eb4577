"""Whatever goes wrong where a person looks, they see a page: an owner in their language, an operator the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.platforms.chosen import ANY
from tests.tools.rows import execute

CASES: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "a body without an end": ("POST", f"/oauth/{ANY}/confirm", {"data": {"flow": "x" * 70_000}}, 413),
    "an odd address": ("GET", "/connect/abc%01", {}, 400),
    "an odd query": ("GET", f"/oauth/{ANY}/start?origin=%FF", {}, 400),
    "another method": ("POST", "/connect/abc", {}, 405),
    "an unknown platform": ("GET", "/oauth/nowhere/callback?state=x", {}, 404),
    "a form of another site": (
        "POST",
        f"/oauth/{ANY}/confirm",
        {"data": {"flow": "x", "csrf": "y", "answer": "yes"}},
        403,
    ),
}


DASHBOARD: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "a form without an end": ("POST", "/dashboard/sign-in", {"data": {"csrf": "x" * 70_000}}, 413),
    "half an address": ("GET", "/dashboard/connections/%ff", {}, 400),
    "an odd address": ("GET", "/dashboard/connections/abc%01", {}, 400),
    "an odd query": ("GET", "/dashboard?q=%FF", {}, 400),
    "a header twice": ("GET", "/dashboard", {"headers": [("origin", "http://a"), ("origin", "http://b")]}, 400),
    "another method": ("DELETE", "/dashboard", {}, 405),
}
"""Met by a person at the dashboard."""


@contextmanager
def without_table(api: Api, table: str) -> Iterator[None]:
    url = api.service.env["SYMPHONY_DATABASE_URL"]
    execute(url, f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        execute(url, f"ALTER TABLE {table}_away RENAME TO {table}")


def is_page(answer: Any, language: str) -> bool:
    kind = answer.headers["content-type"]
    return bool(kind.startswith("text/html") and f'<html lang="{language}"' in answer.text)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", CASES)
def test_an_owner_sees_a_page(api: Api, case: str, language: str) -> None:
    method, path, more, status = CASES[case]
    answer = api.http.request(method, path, headers={"accept-language": language}, **more)
    assert (answer.status_code, is_page(answer, language)) == (status, True), answer.text
    assert "success" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate"}
OPENED: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "an unknown path": ("GET", "/nowhere", {}, 404),
    "an unknown path below": ("GET", "/nowhere/at/all", {}, 404),
    "no link": ("GET", "/connect", {}, 404),
    "no link, with a slash": ("GET", "/connect/", {}, 404),
    "more than a link": ("GET", "/connect/abc/def", {}, 404),
    "no platform": ("GET", "/oauth", {}, 404),
    "half an address": ("GET", f"/oauth/{ANY}", {}, 404),
    "no such step": ("GET", f"/oauth/{ANY}/nowhere", {}, 404),
    "a missing file": ("GET", "/static/nowhere.css", {}, 404),
    "no nonce": ("GET", "/oauth/status", {}, 400),
    "another method": ("POST", "/docs", {}, 405),
    "a body too large": ("POST", "/nowhere", {"data": {"a": "x" * 70_000}}, 404),
    "an odd query": ("GET", "/docs?q=%FF", {}, 400),
    "no key": ("GET", "/metrics", {}, 401),
}


@pytest.mark.parametrize("case", OPENED)
def test_whatever_a_browser_opens_is_a_page(api: Api, case: str) -> None:
    method, path, more, status = OPENED[case]
    answer = api.http.request(method, path, headers=BROWSER | {"accept-language": "fr"}, **more)
    assert (answer.status_code, is_page(answer, "fr")) == (status, True), answer.text
    assert "success" not in answer.text


@pytest.mark.parametrize(("mode", "led"), [("navigate", True), (None, True), ("cors", False)])
def test_the_bare_address_leads_to_the_dashboard(api: Api, mode: str | None, led: bool) -> None:
    headers = {"accept": BROWSER["accept"]} | ({"sec-fetch-mode": mode} if mode else {})
    answer = api.http.get("/", headers=headers)
    assert answer.headers.get("location") == ("/dashboard" if led else None)
    if not led:
        api.refused(answer, 404, "not_found")


@pytest.mark.parametrize("path", ["/nowhere", "/connect", f"/oauth/{ANY}/nowhere"])
def test_a_program_gets_json_where_a_browser_gets_a_page(api: Api, path: str) -> None:
    api.refused(api.http.get(path, headers={"accept": "*/*"}), 404, "not_found")
    api.refused(api.http.get(path, headers=BROWSER | {"sec-fetch-mode": "cors"}), 404, "not_found")


def test_the_api_answers_a_browser_in_json_too(api: Api) -> None:
    api.refused(api.http.get("/api/sym/v2/nowhere", headers=BROWSER), 404, "not_found")


@pytest.mark.parametrize("case", DASHBOARD)
def test_a_person_at_the_dashboard_sees_a_page(api: Api, case: str) -> None:
    method, path, more, status = DASHBOARD[case]
    # The cookie of the page with the form, for a form is not read without one.
    api.http.get("/dashboard/sign-in")
    answer = api.http.request(method, path, **({"headers": {"origin": api.service.url}} | more))
    assert (answer.status_code, is_page(answer, "en")) == (status, True), answer.text
    assert '"success"' not in answer.text
    assert 'href="/dashboard"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("letters", ["%D9%A1%D9%A2", "%C2%B2", "%E6%97%A5", "a%0D%0Ab"])
def test_a_link_in_other_letters_is_no_fault_of_ours(api: Api, letters: str) -> None:
    """A cookie holds ASCII only, and other letters and digits count as such in many languages."""
    answer = api.http.get(f"/dashboard/enter/{letters}", follow_redirects=True)
    assert (answer.status_code, is_page(answer, "en")) in ((410, True), (400, True)), answer.text


@pytest.mark.parametrize("path", ["/connect/abc", f"/oauth/{ANY}/start?session=abc", f"/oauth/{ANY}/callback?state=x"])
def test_a_database_that_is_away_is_a_page_too(api: Api, path: str) -> None:
    with without_table(api, "connect_sessions" if "callback" not in path else "flows"):
        answer = api.http.get(path)
    assert (answer.status_code, is_page(answer, "en")) == (503, True), answer.text
    assert "Wait a minute" in answer.text
    assert answer.headers["retry-after"]


def test_programs_still_get_json(api: Api) -> None:
    with without_table(api, "flows"):
        answer = api.http.get("/oauth/status", params={"nonce": "n" * 22})
    api.refused(answer, 503, "store_unavailable")
    answer = api.http.delete("/dashboard", headers={"accept": "application/json"})
    api.refused(answer, 405, "method_not_allowed")
