"""The sign-in against somebody who means ill: states, cookies, callbacks, codes, headers."""

from __future__ import annotations

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from symphony_connect import platforms
from tests.api.conftest import Api
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.owner import Owner, Page


def link(api: Api, brand: int, platform: str, **more: Any) -> str:
    session = api.send("POST", "/connect-sessions", json={"brandId": brand, **more}).json()["data"]
    with Owner() as owner:
        return owner.start_link(session["url"], platform)


def not_connected(api: Api, brand: int) -> None:
    api.refused(api.send("GET", f"/brands?brandId={brand}"), 404, "brand_not_found")


def refused(page: httpx2.Response) -> None:
    assert page.status_code == 400, page.text
    assert "<form" not in page.text


@pytest.fixture(params=platforms.names())
def platform(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_a_state_is_random_and_new_each_time(api: Api, platform: str) -> None:
    start = link(api, api.brand(), platform)
    with Owner() as owner:
        states = {parse_qs(urlsplit(owner.begin(start)).query)["state"][0] for _ in range(3)}
    assert len(states) == 3
    assert min(map(len, states)) >= 22


def test_a_callback_from_another_browser_attaches_nothing(api: Api, platform: str) -> None:
    """An attacker who signs in himself and gives the victim his callback, or the other way round."""
    brand = api.brand()
    start = link(api, brand, platform)
    with Owner() as owner, Owner() as stranger, Owner() as bare:
        callback = owner.decide(owner.begin(start), "ada")
        refused(bare.visit(callback))
        stranger.begin(link(api, api.brand(), platform))
        refused(stranger.visit(callback))
        question = owner.visit(callback)
        refused(stranger.visit(str(question.url)))
        form = {**Page(question).fields, "answer": "yes"}
        for other in (stranger, bare):
            answer = other.http.post(f"{api.service.url}/oauth/{platform}/confirm", data=form)
            assert answer.status_code == 403
        not_connected(api, brand)
        assert owner.submit(question, answer="yes").status_code == 200
    assert api.send("GET", f"/brands/{brand}/connections/{platform}").status_code == 200


def test_a_state_that_is_made_up_or_left_out(api: Api, platform: str) -> None:
    with Owner() as owner:
        owner.begin(link(api, api.brand(), platform))
        for query in (
            "",
            "?code=x&auth_code=x",
            "?state=&code=x",
            "?state=abc&code=x",
            "?state=" + "a" * 43 + "&code=x",
        ):
            refused(owner.visit(f"{api.service.url}/oauth/{platform}/callback{query}"))


def test_a_state_belongs_to_one_platforms_callback(api: Api, platform: str) -> None:
    brand = api.brand()
    others = [name for name in platforms.names() if name != platform]
    with Owner() as owner:
        callback = owner.decide(owner.begin(link(api, brand, platform)), "ada")
        for other in others:
            calls = len(api.sandbox.calls(other))
            refused(owner.visit(callback.replace(f"/oauth/{platform}/", f"/oauth/{other}/")))
            assert len(api.sandbox.calls(other)) == calls
        # The state is not spent by that.
        assert owner.submit(owner.visit(callback), answer="yes").status_code == 200
    assert api.send("GET", f"/brands/{brand}/connections/{platform}").status_code == 200


def test_a_state_lives_ten_minutes(api: Api, platform: str) -> None:
    brand = api.brand()
    with Owner() as owner:
        late = owner.decide(owner.begin(link(api, brand, platform)), "ada")
        api.sandbox.advance("10m1s")
        refused(owner.visit(late))
    not_connected(api, brand)


def test_a_question_lives_ten_minutes(api: Api, platform: str) -> None:
    brand = api.brand()
    with Owner() as owner:
        question = owner.sign_in(link(api, brand, platform, expiresIn=86_400), "ada")
        api.sandbox.advance("10m1s")
        owner.submit(question, answer="yes")
    not_connected(api, brand)


def redeemed(api: Api, platform: str, callback: str) -> int:
    """How often this callback's code came to the platform."""
    query = parse_qs(urlsplit(callback).query)
    codes = {query[name][0][-4:] for name in ("code", "auth_code") if name in query}
    calls = api.sandbox.calls(platform, contract.rules(platform).EXCHANGE)
    return sum(any(str(value)[-4:] in codes for value in call["params"].values()) for call in calls)


def test_a_callback_that_comes_twice_is_exchanged_once(api: Api, platform: str) -> None:
    with Owner() as owner:
        callback = owner.decide(owner.begin(link(api, api.brand(), platform)), "ada")
        first = owner.visit(callback)
        again = owner.visit(callback)
        assert (first.url.path, first.text) == (again.url.path, again.text)
        owner.submit(first, answer="yes")
        assert owner.visit(callback).url.path == first.url.path
    assert redeemed(api, platform, callback) == 1


def test_callbacks_that_come_at_once_are_exchanged_once(api: Api, platform: str) -> None:
    with Owner() as owner:
        callback = owner.decide(owner.begin(link(api, api.brand(), platform)), "ada")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: owner.http.get(callback), range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert redeemed(api, platform, callback) == 1


def test_the_code_leaves_the_address_bar_and_no_page_tells_it(api: Api, platform: str) -> None:
    with Owner() as owner:
        dialog = owner.begin(link(api, api.brand(), platform))
        callback = owner.decide(dialog, "ada")
        query = parse_qs(urlsplit(callback).query)
        secrets = [query[name][0] for name in ("code", "auth_code", "state") if name in query]
        page = owner.visit(callback)
        done = owner.submit(page, answer="yes")
    for shown in (page, done):
        for secret in secrets:
            assert secret not in str(shown.url)
            assert secret not in shown.text
            assert secret not in str(shown.headers)
    for secret in secrets:
        assert secret not in api.service.log_text()


def test_every_page_is_closed_to_everything_else(api: Api, platform: str) -> None:
    session = api.send("POST", "/connect-sessions", json={"brandId": api.brand()}).json()["data"]
    with Owner() as owner:
        pages = [owner.http.get(session["url"])]
        start = owner.start_link(session["url"], platform)
        pages.append(owner.http.get(start))
        callback = owner.decide(pages[-1].headers["location"], "ada")
        pages.append(owner.http.get(callback))
        question = owner.visit(callback)
        pages += [question, owner.submit(question, answer="yes"), owner.http.get(callback + "x")]
        pages += [owner.http.get(f"{api.service.url}{path}") for path in ("/docs", "/connect/nothing", "/nowhere")]
    for page in pages:
        headers = page.headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"]
        assert "no-store" in headers["cache-control"]
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert "*" not in headers["content-security-policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\s(on\w+|style)=", page.text)
    cookie = pages[1].headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


FROM_ELSEWHERE = [
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:3000"},
    # A page without a referrer, on a neighbouring host of the same site.
    {"origin": "null"},
    {"origin": "null", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
]


def test_a_form_of_another_site_confirms_nothing(api: Api, platform: str) -> None:
    brand = api.brand()
    with Owner() as owner:
        question = owner.sign_in(link(api, brand, platform), "ada")
        fields = Page(question).fields
        form, ours = {**fields, "answer": "yes"}, {"origin": api.service.url}
        url = f"{api.service.url}/oauth/{platform}/confirm"
        for headers in FROM_ELSEWHERE:
            assert owner.http.post(url, data=form, headers=headers).status_code == 403
        for token in ({}, {"csrf": "0" * 64}):
            bare = {name: value for name, value in form.items() if name != "csrf"}
            answer = owner.http.post(url, data={**bare, **token}, headers=ours)
            assert answer.status_code == 403
        for answer in (fields, {**form, "answer": "perhaps"}, {"answer": "yes"}, {**form, "answer": ""}):
            assert owner.http.post(url, data=answer).status_code in (400, 403)
        not_connected(api, brand)
        same = {"origin": "null", "sec-fetch-site": "same-origin"}
        assert owner.http.post(url, data=form, headers=same).status_code == 303
    assert api.send("GET", f"/brands/{brand}/connections/{platform}").status_code == 200


def test_a_flow_is_told_to_its_own_browser_alone(api: Api, platform: str) -> None:
    """Whoever knows the nonce may poll; the id, which the form needs, stays with the browser that began."""
    with Owner() as owner, Owner() as poller:
        nonce = secrets.token_urlsafe(24)
        start = f"{link(api, api.brand(), platform)}&nonce={nonce}"
        flow = owner.sign_in(start, "ada").url.path.rsplit("/", 1)[1]
        url = f"{api.service.url}/oauth/status"
        for who in (poller, owner):
            answer = who.http.get(url, params={"nonce": nonce})
            assert answer.json()["state"] == "confirming"
            assert (flow in answer.text) is (who is owner)


def test_only_configured_scopes_can_be_asked_for(api: Api, platform: str) -> None:
    with Owner() as owner:
        start = f"{api.service.url}/oauth/{platform}/start"
        query = {"origin": "http://localhost:3000", "nonce": "n" * 24, "key": api.new_key(publishable=True)}
        answer = owner.http.get(start, params={**query, "scope": "pages_messaging"})
        assert answer.status_code == 400
        for wrong in (
            {"nonce": "short"},
            {"nonce": "n" * 129},
            {"nonce": "<script>" + "n" * 20},
            {"auth_type": "a b"},
            {"auth_type": "bogus"},
        ):
            assert owner.http.get(start, params={**query, **wrong}).status_code == 400
        for origin in ("https://evil.example", "null", "javascript:alert(1)"):
            page = owner.http.get(start, params={**query, "origin": origin})
            assert page.status_code in (400, 403)
            assert "data-symphony" not in page.text
        for key in (api.service.secret_key, "sym_pk_nonsense"):
            assert owner.http.get(start, params={**query, "key": key}).status_code == 400


def test_a_platform_token_is_never_polled(api: Api) -> None:
    nonce = "poll" * 8
    query = {"origin": "http://localhost:3000", "nonce": nonce, "key": api.new_key(publishable=True)}
    with Owner() as owner:
        page = owner.visit(owner.decide(owner.begin(f"{api.service.url}/oauth/{ANY}/start", **query), "ada"))
        body = api.http.get("/oauth/status", params={"nonce": nonce}, headers={"origin": "http://localhost:3000"})
        assert body.json() == {"state": "confirming"}
        assert "EAA" not in page.text + body.text
        flow = page.url.path.rsplit("/", 1)[1]
        lost = owner.http.post(f"{api.service.url}/oauth/{ANY}/handover", json={"flow": flow, "openerLost": True})
        assert lost.json() == {}
        after = api.http.get("/oauth/status", params={"nonce": nonce}).json()
        assert after["error"]["code"] == "opener_lost"
        again = owner.http.post(f"{api.service.url}/oauth/{ANY}/handover", json={"flow": flow})
        api.refused(again, 410, "session_expired")


def test_a_code_or_answer_lost_on_the_way_fails_the_sign_in_and_no_more(api: Api, platform: str) -> None:
    brand = api.brand()
    start = link(api, brand, platform)
    with Owner() as owner:
        callback = owner.decide(owner.begin(start), "ada")
        api.sandbox.fault(platform, "reset", times=1000)
        page = owner.visit(callback)
        assert "<form" not in page.text
        api.sandbox.calm()
        not_connected(api, brand)
        assert owner.submit(owner.sign_in(start, "ada"), answer="yes").status_code == 200
    assert api.send("GET", f"/brands/{brand}/connections/{platform}").status_code == 200


@pytest.mark.parametrize(("person", "idle"), [("disabled", True), ("ada", False)])
def test_the_last_page_says_when_no_ad_account_is_active(api: Api, person: str, idle: bool) -> None:
    session = api.send("POST", "/connect-sessions", json={"brandId": api.brand()}).json()["data"]
    with Owner() as owner:
        page = owner.connect(session["url"], ANY, person).text
    assert ("No ad runs in this ad account" in page) == idle
    assert ("The ad account is used." in page) == idle
