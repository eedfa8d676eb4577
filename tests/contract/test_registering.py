"""A brand is connected by a token that the caller brings, or by its owner's sign-in."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from symphony_connect import platforms
from tests.contract.conftest import API, Case
from tests.platforms import contract
from tests.tools.owner import Owner, Page
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service


def test_registering_answers_as_printed(case: Case) -> None:
    brand, person = case.brand(), case.sandbox.newcomer()
    body = {"brandId": brand, "adPlatform": case.platform, **case.token(person)}
    answer = case.service.client.put(f"{API}/brands", json=body)
    assert answer.status_code == 200
    assert answer.text == f'{{"success":true,"message":"Brand {brand} updated successfully"}}'

    answer = case.service.client.get(f"{API}/brands?brandId={brand}")
    assert answer.text.startswith(f'{{"success":true,"data":{{"id":{brand},"name":null,"connections":[')
    [connection] = answer.json()["data"]["connections"]
    assert connection["adPlatform"] == case.platform
    assert connection["status"] in ("connected", "expiring")
    assert connection["adAccounts"] == connection["selectedAdAccounts"] == 2
    assert body["accessToken"] not in answer.text


def test_registering_again_changes_the_same_connection(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    began = case.shown(brand)["connectedAt"]
    case.sandbox.advance("2s")
    chosen = case.call("GET", case.at(brand, "/ad-accounts"))[1]["id"]
    case.call("PUT", case.at(brand, "/ad-accounts"), selected=[chosen])
    fresh = case.token(person)
    case.register(brand, fresh, name="Lark & Sons")
    after = case.shown(brand)
    assert (after["connectedAt"], after["selectedAdAccounts"]) == (began, 1)
    assert case.call("GET", f"/brands?brandId={brand}")["name"] == "Lark & Sons"
    case.register(brand, case.token(person))
    assert case.call("GET", f"/brands?brandId={brand}")["name"] == "Lark & Sons"


def test_the_owner_connects_through_a_link(case: Case) -> None:
    brand, person = case.brand(), case.sandbox.newcomer(title="Olga Owner")
    back = "http://localhost:3999/done?tab=ads"
    session = case.call("POST", "/connect-sessions", brandId=brand, name="Lark", redirectUrl=back)
    assert session["url"].endswith(f"/connect/{session['token']}")
    with Owner() as owner:
        dialog = owner.begin(owner.start_link(session["url"], case.platform))
        consent = owner.visit(f"{dialog}&_sandbox_person={person}")
        question = owner.approve(consent)
        assert "Olga Owner" in question.text
        assert "Lark" in question.text
        case.call("GET", f"/brands?brandId={brand}", 404)
        done = owner.submit(question, answer="yes")
    assert "Lark is connected" in done.text
    [link] = [link for link in Page(done).links if link.startswith("http://localhost:3999")]
    assert parse_qs(urlsplit(link).query) == {
        "tab": ["ads"],
        "status": ["connected"],
        "brandId": [str(brand)],
        "platform": [case.platform],
    }
    connection = case.shown(brand)
    assert connection["identity"]["name"] == "Olga Owner"
    assert connection["status"] in ("connected", "expiring")
    assert case.works(case.served(brand))


def test_a_no_at_the_question_connects_nothing(case: Case) -> None:
    brand, person = case.brand(), case.sandbox.newcomer()
    session = case.call("POST", "/connect-sessions", brandId=brand)
    with Owner() as owner:
        question = owner.sign_in(owner.start_link(session["url"], case.platform), person)
        assert "Nothing was connected" in owner.submit(question, answer="no").text
        # The link is not spent by that: the owner may sign in as the right one.
        assert "is connected" in owner.connect(session["url"], case.platform, person).text
    assert case.shown(brand)["status"] in ("connected", "expiring")


def test_a_no_at_the_platform_connects_nothing(case: Case) -> None:
    brand, person = case.brand(), case.sandbox.newcomer()
    session = case.call("POST", "/connect-sessions", brandId=brand)
    with Owner() as owner:
        page = owner.sign_in(owner.start_link(session["url"], case.platform), person, "deny")
    assert "did not give access" in page.text
    case.call("GET", f"/brands?brandId={brand}", 404)


def test_the_first_of_several_platforms_is_not_the_end(case: Case) -> None:
    """The page says what is connected, and which platforms are still open."""
    brand, person = case.brand(), case.sandbox.newcomer()
    others = [name for name in platforms.names() if name != case.platform]
    both = [case.platform, others[0]]
    link = case.call("POST", "/connect-sessions", brandId=brand, name="Lark", adPlatforms=both)["url"]
    left = contract.login(others[0])
    with Owner() as owner:
        done = owner.connect(link, case.platform, person)
        heading = re.sub("<[^>]+>", "", done.text.split("<h1")[1].split("</h1>")[0].partition(">")[2])
        assert heading == f"Lark is connected to {contract.login(case.platform)}"
        assert f"Still to do: <strong><bdi>{left}</bdi></strong>" in done.text
        assert f"Continue with <bdi>{left}</bdi>" in done.text
        done = owner.connect(link, others[0], person)
    assert "Lark</bdi> is connected</h1>" in done.text
    assert "Still to do" not in done.text


def wrongs() -> list[tuple[str, str]]:
    """Every platform's tokens that must be refused, by name; the tokens are made by the running sandbox."""
    return [(name, wrong) for name in platforms.names() for wrong in contract.rules(name).REFUSED]


@pytest.mark.parametrize(("platform", "wrong"), wrongs())
def test_a_refused_token_stores_nothing(running: Service, shared_sandbox: Sandbox, platform: str, wrong: str) -> None:
    case = Case(platform, contract.rules(platform), shared_sandbox, running)
    brand = case.brand()
    mint, code = case.rules.REFUSED[wrong]
    token = mint(shared_sandbox, shared_sandbox.newcomer())
    error = case.register(brand, {"accessToken": token}, 422)
    assert error["code"] == code
    assert token not in str(error)
    assert case.call("GET", f"/brands?brandId={brand}", 404)["code"] == "brand_not_found"


def test_an_expiry_of_zero_is_no_known_end(case: Case) -> None:
    """What the SDK itself hands to a page whose token has no known end."""
    brand = case.brand()
    case.register(brand, {**case.token(case.sandbox.newcomer()), "expiresIn": 0})
    assert case.shown(brand)["status"] in ("connected", "expiring")
