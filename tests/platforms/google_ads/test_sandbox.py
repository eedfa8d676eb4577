"""The look-alike: the shapes of documented answers, and what it refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.platforms.google_ads.contract import ADS, APP, exchanged, issue, works
from tests.platforms.scripted import sample
from tests.tools.owner import Owner, Page
from tests.tools.sandbox import CALLBACK, Sandbox

ROOT, API = "/google_ads", "/google_ads/v26"
PAIR = {"client_id": APP[0], "client_secret": APP[1]}
ANSWERS = ("token", "token_refreshed", "tokeninfo", "accessible_customers", "customer_client")
QUERY = (
    "SELECT customer_client.id, customer_client.descriptive_name, customer_client.currency_code, "
    "customer_client.time_zone, customer_client.manager, customer_client.level, customer_client.status, "
    "customer_client.test_account, customer_client.hidden FROM customer_client"
)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def headers(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "developer-token": "sandbox-developer-token", **more}


def roots(sandbox: Sandbox, token: str) -> Any:
    return sandbox.client.get(f"{API}/customers:listAccessibleCustomers", headers=headers(token))


def search(sandbox: Sandbox, token: str, id: str, query: str = QUERY, how: str = "searchStream", **more: str) -> Any:
    url = f"{API}/customers/{id}/googleAds:{how}"
    return sandbox.client.post(url, json={"query": query}, headers=headers(token, **more))


def refresh(sandbox: Sandbox, token: str) -> Any:
    return sandbox.client.post(f"{ROOT}/token", data={**PAIR, "grant_type": "refresh_token", "refresh_token": token})


def test_answers_have_the_documented_shapes(sandbox: Sandbox) -> None:
    granted = exchanged(sandbox, "ada", None, "")
    token = granted["access_token"]
    reached = roots(sandbox, token).json()
    root = reached["resourceNames"][0].rpartition("/")[2]
    seen = {
        "token": granted,
        "token_refreshed": refresh(sandbox, granted["refresh_token"]).json(),
        "tokeninfo": sandbox.client.post(f"{ROOT}/oauth2/v3/tokeninfo", data={"access_token": token}).json(),
        "accessible_customers": reached,
        "customer_client": search(sandbox, token, root).json(),
    }
    assert {name: shape(body) for name, body in seen.items()} == {
        name: shape(sample("google_ads", name)["body"]) for name in ANSWERS
    }


@pytest.mark.parametrize("name", [*ANSWERS, "errors"])
def test_a_sample_names_its_source_and_date(name: str) -> None:
    assert sample("google_ads", name)["source"]
    assert sample("google_ads", name)["date"].startswith("2026-")


def asked(**more: str) -> dict[str, str]:
    return {"client_id": APP[0], "redirect_uri": CALLBACK, "response_type": "code", "scope": f"{ADS} openid", **more}


def test_a_code_works_once_and_with_its_verifier(sandbox: Sandbox) -> None:
    challenge = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    form = {**PAIR, "grant_type": "authorization_code", "redirect_uri": CALLBACK}
    for verifier, status in (("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 200), ("another", 400)):
        code = sandbox.consent(f"{ROOT}/o/oauth2/v2/auth", asked(access_type="offline", **challenge), "ada")["code"]
        sent = {**form, "code": code, "code_verifier": verifier}
        assert sandbox.client.post(f"{ROOT}/token", data=sent).status_code == status
        assert sandbox.client.post(f"{ROOT}/token", data=sent).json()["error"] == "invalid_grant"


def test_a_refresh_token_comes_with_offline_access_only(sandbox: Sandbox) -> None:
    code = sandbox.consent(f"{ROOT}/o/oauth2/v2/auth", asked(), "ada")["code"]
    sent = {**PAIR, "grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": code}
    assert "refresh_token" not in sandbox.client.post(f"{ROOT}/token", data=sent).json()


@pytest.mark.parametrize(
    ("query", "agent", "words"),
    [
        ({"client_id": "none"}, "", "invalid_client"),
        ({"redirect_uri": "https://evil.example/"}, "", "redirect_uri_mismatch"),
        ({"scope": "nonsense"}, "", "invalid_scope"),
        ({}, "Mozilla/5.0 (Linux; Android 15; wv) Chrome/140", "disallowed_useragent"),
    ],
)
def test_errors_stay_on_googles_page(sandbox: Sandbox, query: dict[str, str], agent: str, words: str) -> None:
    answer = sandbox.client.get(
        f"{ROOT}/o/oauth2/v2/auth", params={**asked(), **query}, headers={"user-agent": agent or "Mozilla/5.0"}
    )
    assert words in answer.text


def test_without_a_passkey_there_is_no_new_refresh_token(sandbox: Sandbox) -> None:
    sandbox.control("settings", {"google_ads.noPasskey": True})
    answer = sandbox.client.get(f"{ROOT}/o/oauth2/v2/auth", params=asked(access_type="offline", _sandbox="approve"))
    assert "passkey" in answer.text
    sandbox.control("settings", {"google_ads.noPasskey": False})


def test_refresh_tokens_end_by_disuse_and_while_testing(sandbox: Sandbox) -> None:
    used, unused = (issue(sandbox, sandbox.newcomer())["refreshToken"] for _ in range(2))
    sandbox.advance("100d")
    assert refresh(sandbox, used).status_code == 200
    sandbox.advance("100d")
    assert refresh(sandbox, used).status_code == 200
    assert refresh(sandbox, unused).json()["error"] == "invalid_grant"
    sandbox.control("settings", {"google_ads.testing": True})
    young = issue(sandbox, sandbox.newcomer())["refreshToken"]
    assert refresh(sandbox, young).status_code == 200
    sandbox.advance("8d")
    assert refresh(sandbox, young).json()["error"] == "invalid_grant"
    sandbox.control("settings", {"google_ads.testing": False})


def test_a_revocation_ends_all_that_the_person_granted_the_client(sandbox: Sandbox) -> None:
    who = sandbox.newcomer()
    first, second = (issue(sandbox, who) for _ in range(2))
    assert sandbox.client.post(f"{ROOT}/revoke", data={"token": first["refreshToken"]}).status_code == 200
    assert not works(sandbox, first["accessToken"])
    assert not works(sandbox, second["accessToken"])
    assert sandbox.client.post(f"{ROOT}/revoke", data={"token": "none"}).json()["error"] == "invalid_token"


def error_of(answer: Any) -> str:
    body = answer.json()
    error = (body[0] if isinstance(body, list) else body)["error"]
    details = error.get("details")
    return str(next(iter(details[0]["errors"][0]["errorCode"].values())) if details else error["status"])


def test_what_the_api_refuses(sandbox: Sandbox) -> None:
    who = sandbox.newcomer(businessOnly=True)
    issued = issue(sandbox, who)
    token = issued["accessToken"]
    (root,) = (name.rpartition("/")[2] for name in roots(sandbox, token).json()["resourceNames"])
    below = next(
        row["customerClient"]["id"]
        for row in search(sandbox, token, root).json()[0]["results"]
        if not row["customerClient"]["manager"]
    )
    assert error_of(search(sandbox, token, below)) == "USER_PERMISSION_DENIED"
    as_manager = {"login-customer-id": root}
    assert search(sandbox, token, below, **as_manager).status_code == 200
    named = "SELECT campaign.name, campaign.status FROM campaign"
    found = search(sandbox, token, below, named, "search", **as_manager).json()["results"]
    assert found[0]["campaign"]["status"] == "ENABLED"
    assert error_of(search(sandbox, token, below, "SELECT x.y FROM nothing", **as_manager)).startswith("BAD_RESOURCE")
    assert error_of(search(sandbox, token, below, "SELECT ad.id FROM campaign", **as_manager)) == "UNRECOGNIZED_FIELD"
    url = f"{API}/customers:listAccessibleCustomers"
    assert error_of(sandbox.client.get(url, headers=headers("ya29.none"))) == "UNAUTHENTICATED"
    assert sandbox.client.get(url.replace("v26", "v19"), headers=headers(token)).status_code == 404
    sandbox.person(who, "expire-token", platform="google_ads")
    assert error_of(roots(sandbox, token)) == "OAUTH_TOKEN_EXPIRED"
    sandbox.person(who, "revoke", platform="google_ads")
    assert error_of(roots(sandbox, token)) == "OAUTH_TOKEN_REVOKED"


def test_a_developer_token_is_wanted_no_more(sandbox: Sandbox) -> None:
    """Google ended them on 2026-09-09; an empty header was seen to be refused after that."""
    url, bearer = (
        f"{API}/customers:listAccessibleCustomers",
        {"Authorization": f"Bearer {issue(sandbox, 'ada')['accessToken']}"},
    )
    now = [
        sandbox.client.get(url, headers=bearer | more)
        for more in ({}, {"developer-token": "x"}, {"developer-token": ""})
    ]
    assert [one.status_code for one in now] == [200, 200, 400]
    assert error_of(now[2]) == "DEVELOPER_TOKEN_PARAMETER_MISSING"
    sandbox.control("settings", {"google_ads.wantsDeveloperToken": True})
    before = [sandbox.client.get(url, headers=bearer | more) for more in ({}, {"developer-token": "x"})]
    assert [error_of(one) for one in before] == ["DEVELOPER_TOKEN_PARAMETER_MISSING", "DEVELOPER_TOKEN_INVALID"]
    assert roots(sandbox, bearer["Authorization"].removeprefix("Bearer ")).status_code == 200
    sandbox.control("settings", {"google_ads.wantsDeveloperToken": False})


def test_a_second_sign_in_brings_a_refresh_token_only_with_a_consent(sandbox: Sandbox) -> None:
    who, form = sandbox.newcomer(), {**PAIR, "grant_type": "authorization_code", "redirect_uri": CALLBACK}
    seen = []
    for prompt in ({}, {}, {"prompt": "consent"}):
        code = sandbox.consent(f"{ROOT}/o/oauth2/v2/auth", asked(access_type="offline", **prompt), who)["code"]
        seen.append("refresh_token" in sandbox.client.post(f"{ROOT}/token", data={**form, "code": code}).json())
    assert seen == [True, False, True]


def test_beyond_a_hundred_refresh_tokens_of_a_person_the_oldest_ends(sandbox: Sandbox) -> None:
    who = sandbox.newcomer()
    tokens = [issue(sandbox, who)["refreshToken"] for _ in range(101)]
    assert [refresh(sandbox, tokens[at]).status_code for at in (0, 1, 100)] == [400, 200, 200]


def test_a_passkey_has_a_page_of_its_own(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}{ROOT}/o/oauth2/v2/auth?{urlencode(asked(access_type='offline', prompt='consent', state='s'))}"
    with Owner() as owner:
        step = owner.submit(owner.visit(url), _sandbox="approve")
        assert "Use your passkey" in step.text
        refused = owner.submit(step, _sandbox="refuse")
        assert "this account has none" in refused.text
        form = Page(step)
        back = owner.http.post(str(form.action), data={**form.fields, "_sandbox": "approve"})
    granted = parse_qs(urlsplit(back.headers["location"]).query)
    assert (granted["state"], granted["scope"]) == (["s"], [f"{ADS} openid"])


def test_trees_of_many_managers(sandbox: Sandbox) -> None:
    """Two levels, an account below two managers, one that is hidden and a test account."""
    token = issue(sandbox, sandbox.newcomer(businesses=4, adAccounts=8))["accessToken"]
    trees, quiet = {}, set()
    for name in roots(sandbox, token).json()["resourceNames"]:
        root = name.rpartition("/")[2]
        found = [row["customerClient"] for row in search(sandbox, token, root).json()[0]["results"]]
        trees[root[-1]] = {one["id"][0] + one["id"][-1]: int(one["level"]) for one in found}
        quiet |= {one["id"][-1] for one in found if one["hidden"] and one["testAccount"]}
    # Managers begin with a 9, ad accounts with a 1.
    assert trees == {
        "0": {"90": 0, "93": 1, "11": 1, "15": 1, "14": 2, "18": 2},
        "1": {"91": 0, "11": 1, "12": 1, "16": 1},
        "2": {"92": 0, "13": 1, "17": 1},
    }
    assert quiet == {"8"}


@pytest.mark.parametrize("wishes", [{"app": "none"}, {"scopes": ["none"]}, {"expiresIn": "soon"}, {"kind": "long"}])
def test_a_wish_that_makes_no_sense_is_refused(sandbox: Sandbox, wishes: dict[str, Any]) -> None:
    answer = sandbox.client.post("/_sandbox/tokens", json={"platform": "google_ads", "person": "ada", **wishes})
    assert answer.status_code == 400
