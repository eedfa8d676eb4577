"""What clients that others wrote send to LinkedIn: they ran against the sandbox, and found what they expect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.platforms.linkedin.contract import issue
from tests.tools.sandbox import Sandbox

API, OPENID = "/linkedin/rest", "/linkedin/oauth"
TUNNEL = {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
"""tap-linkedin-ads 2.8.0 sends every read as a POST with its parameters in the body."""


@pytest.fixture
def headers(sandbox: Sandbox) -> dict[str, str]:
    token = issue(sandbox, "ada")["accessToken"]
    return {"Authorization": f"Bearer {token}", "LinkedIn-Version": "202511", "X-Restli-Protocol-Version": "2.0.0"}


def ids(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [row.get("id") or row["account"] for row in answer.json()["elements"]]


def test_a_read_may_be_tunnelled_through_a_post(sandbox: Sandbox, headers: dict[str, str]) -> None:
    usual = ids(sandbox.client.get(f"{API}/adAccounts", params={"q": "search"}, headers=headers))
    url, form = f"{API}/adAccounts", "q=search&pageSize=1"
    assert ids(sandbox.client.post(url, content=form, headers=headers | TUNNEL)) == usual[:1]
    assert sandbox.client.post(url, content=form, headers=headers).status_code == 400


def test_accounts_and_their_users_are_found_by_id(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """tap-linkedin-ads looks whether the configured ad accounts are there; Airbyte asks for the users of each."""
    first, second = ids(sandbox.client.get(f"{API}/adAccounts", params={"q": "search"}, headers=headers))
    urn = f"urn:li:sponsoredAccount:{second}"
    for value in (urn.replace(":", "%3A"), f"{urn.replace(':', '%3A')},urn%3Ali%3AsponsoredAccount%3A1"):
        url = f"{API}/adAccounts?pageSize=2&q=search&search=(id:(values:List({value})))"
        assert ids(sandbox.client.get(url, headers=headers)) == [second]
    asked = {"q": "accounts", "count": "500", "accounts": urn}
    assert ids(sandbox.client.get(f"{API}/adAccountUsers", params=asked, headers=headers)) == [urn]
    assert first != second


def test_discovery_leads_to_what_is_there(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """social-auth-core's LinkedinOpenIdConnect and simple_openid_connect begin here. As LinkedIn's own, it names no
    way to authenticate at the token endpoint, and clients that then send HTTP Basic are refused."""
    found = sandbox.client.get(f"{OPENID}/.well-known/openid-configuration").json()
    assert found["issuer"] == f"{sandbox.url}{OPENID}"
    assert "token_endpoint_auth_methods_supported" not in found
    assert sandbox.client.get(found["userinfo_endpoint"], headers=headers).json()["sub"]
    basic = sandbox.client.post(found["token_endpoint"], auth=("78sandboxpartn", "sandbox-linkedin-partner"))
    assert (basic.status_code, basic.json()["error"]) == (401, "invalid_client")
    [key] = sandbox.client.get(found["jwks_uri"]).json()["keys"]
    assert (key["use"], "key_ops" in key) == ("sig", False)
