"""The consent pages, and what a browser is sent back with."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import httpx2
import pytest

from tests.platforms.tiktok.client import ADA, LONG_TERM, Client, back, ok
from tests.tools.sandbox import CALLBACK

PATHS = ["/portal/auth", "/portal/auth/", "/marketing_api/auth", "/marketing_api/auth/"]


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would post from the page's form as it stands, without the button."""
    form = page[page.index('<form method="post"') :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]+>", form):
        if 'type="hidden"' in tag or "checked" in tag:
            name, value = re.search(r'name="([^"]*)" value="([^"]*)"', tag).groups()  # type: ignore[union-attr]
            found.setdefault(name, []).append(value)
    return found


def submit(client: Client, page: httpx2.Response, button: str, **changed: list[str]) -> httpx2.Response:
    return client.http.post(str(page.request.url), data={**fields_of(page.text), "_sandbox": button, **changed})


@pytest.mark.parametrize("path", PATHS)
def test_every_address_asks_and_sends_back_code_twice_and_state(client: Client, path: str) -> None:
    page = client.dialog(path, state="st ate/ü&=")
    assert page.status_code == 200
    assert "Ad Account Management" in page.text
    assert ADA[0] in page.text
    came_back = back(submit(client, page, "approve"))
    assert came_back["auth_code"] == came_back["code"]
    assert re.fullmatch(r"[0-9a-f]{40}", came_back["code"])
    assert came_back["state"] == "st ate/ü&="


def test_unknown_parameters_are_ignored(client: Client) -> None:
    assert client.code(rid="x", response_type="code", code_challenge="abc", code_challenge_method="S256")


def test_an_unticked_advertiser_is_not_granted(client: Client) -> None:
    page = client.dialog()
    code = back(submit(client, page, "approve", account=ADA[1:]))["auth_code"]
    data = ok(client.post("/oauth2/access_token/", {**LONG_TERM, "auth_code": code}))
    assert data["advertiser_ids"] == ADA[1:]


def test_somebody_may_grant_no_advertiser_at_all(client: Client) -> None:
    page = client.dialog()
    code = back(submit(client, page, "approve", account=[]))["auth_code"]
    data = ok(client.post("/oauth2/access_token/", {**LONG_TERM, "auth_code": code}))
    assert data["advertiser_ids"] == []
    assert ok(client.advertisers(data["access_token"])) == {"list": []}


def test_the_direct_answer_can_choose_too(client: Client) -> None:
    assert client.tokens(account="")["advertiser_ids"] == []
    chosen = client.tokens(account=ADA[0], permission=["1", "4"])
    assert (chosen["advertiser_ids"], chosen["scope"]) == ([ADA[0]], [1, 4])


def test_unticked_permissions_are_not_granted(client: Client) -> None:
    code = back(submit(client, client.dialog(), "approve", permission=["2"]))["auth_code"]
    data = ok(client.post("/oauth2/access_token/", {**LONG_TERM, "auth_code": code}))
    assert data["scope"] == [2]
    assert client.info(data["access_token"], ADA)["code"] == 40001


@pytest.mark.parametrize("scope", ["[1,4]", "1,4", "1 4", '["1","4"]'])
def test_scope_narrows_what_is_asked_for(client: Client, scope: str) -> None:
    assert client.tokens(scope=scope)["scope"] == [1, 4]


def test_the_person_can_be_chosen(client: Client) -> None:
    page = client.dialog(_sandbox_person="business")
    assert "Bea Ness Ads 1" in page.text
    code = back(submit(client, page, "approve"))["auth_code"]
    data = ok(client.post("/oauth2/access_token/", {**LONG_TERM, "auth_code": code}))
    listed = ok(client.advertisers(data["access_token"]))["list"]
    assert [each["advertiser_name"] for each in listed] == ["Bea Ness Ads 1", "Bea Ness Ads 2"]


def test_cancel_sends_back_an_error_and_the_state(client: Client) -> None:
    came_back = back(submit(client, client.dialog(state="s1"), "deny"))
    assert came_back["error"] == "access_denied"
    assert came_back["error_description"]
    assert came_back["state"] == "s1"
    assert "code" not in came_back
    assert "auth_code" not in came_back


def test_cancel_can_send_back_the_state_only(client: Client) -> None:
    client.sandbox.control("settings", {"tiktok.denyWithStateOnly": True})
    assert back(client.dialog(state="s1", _sandbox="deny")) == {"state": "s1"}


def test_closing_the_window_sends_nobody_back(client: Client) -> None:
    for closed in (client.dialog(_sandbox="close"), submit(client, client.dialog(), "close")):
        assert closed.status_code == 200
        assert "location" not in closed.headers


@pytest.mark.parametrize(
    "wrong",
    [
        {"app_id": "1"},
        {"app_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "https://example.com/callback"},
        {"redirect_uri": "http://127.0.0.1@example.com/callback"},
        {"redirect_uri": "//127.0.0.1/callback"},
        {"redirect_uri": "javascript:alert(1)//127.0.0.1"},
        {"_sandbox_person": "nobody"},
    ],
)
def test_a_bad_request_ends_on_a_page_without_redirect(client: Client, wrong: dict[str, str]) -> None:
    page = client.dialog(_sandbox="approve", **wrong)
    assert "location" not in page.headers
    assert "There seems to be an issue getting user information" in page.text


@pytest.mark.parametrize(
    "redirect_uri",
    [CALLBACK, quote(CALLBACK, safe=""), quote(quote(CALLBACK, safe=""), safe="")],
    ids=["bare", "encoded", "encoded twice"],
)
def test_the_way_back_may_be_encoded_or_not(client: Client, redirect_uri: str) -> None:
    response = client.http.get(
        f"/portal/auth?app_id={LONG_TERM['app_id']}&_sandbox=approve&redirect_uri={redirect_uri}"
    )
    assert back(response)["code"]


def test_the_way_back_keeps_its_own_query(client: Client) -> None:
    came_back = back(client.dialog(redirect_uri=f"{CALLBACK}?brand=7", _sandbox="approve", state="s1"))
    assert (came_back["brand"], came_back["state"]) == ("7", "s1")
    assert back(client.dialog(redirect_uri=f"{CALLBACK}?brand=7", _sandbox="approve")).keys() == {
        "brand",
        "code",
        "auth_code",
    }


def test_a_tiktok_account_has_an_address_of_its_own(client: Client) -> None:
    query = {"client_key": LONG_TERM["app_id"], "scope": "user.info.basic", "redirect_uri": CALLBACK}
    page = client.http.get(f"/v2/auth/authorize/?{urlencode(query)}")
    assert "Profile" in page.text
    assert ADA[0] not in page.text
    assert back(submit(client, page, "approve"))["code"]
