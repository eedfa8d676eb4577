"""Somebody signs in for a brand that was connected before."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.contract.conftest import API, Case
from tests.tools.owner import Owner


def lost(case: Case, person: str) -> int:
    """A brand whose owner has withdrawn access, and the service has found out."""
    brand = case.connected(person)
    case.sandbox.person(person, "revoke", platform=case.platform)
    seen = case.call("POST", case.at(brand, "/verify"))
    assert seen["connection"]["status"] == "needs_reconnect"
    return brand


def test_a_lost_connection_says_why_and_offers_a_link(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = lost(case, person)
    error = case.call("GET", case.at(brand, "/token"), 409)
    assert error["code"] == "needs_reconnect"
    assert error["reason"] == case.shown(brand)["reason"]
    assert urlsplit(error["reconnectUrl"]).path.startswith("/connect/symcs_")
    assert case.shown(brand)["accessToken"] == ""
    with Owner() as owner:
        assert "is connected" in owner.connect(error["reconnectUrl"], case.platform, person).text
    assert case.works(case.served(brand))


def test_the_offered_link_is_a_fresh_one_after_the_last_was_used(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand, used = lost(case, person), ""
    for _ in range(2):
        error = case.call("GET", case.at(brand, "/token"), 409)
        assert error["reconnectUrl"] not in ("", used)
        assert case.call("GET", case.at(brand, "/token"), 409)["reconnectUrl"] == error["reconnectUrl"]
        used = error["reconnectUrl"]
        with Owner() as owner:
            assert "is connected" in owner.connect(used, case.platform, person).text
        case.sandbox.person(person, "revoke", platform=case.platform)
        case.call("POST", case.at(brand, "/verify"))


def test_reconnecting_keeps_the_row_and_the_selection(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    chosen = case.call("GET", case.at(brand, "/ad-accounts"))[0]["id"]
    case.call("PUT", case.at(brand, "/ad-accounts"), selected=[chosen])
    began = case.shown(brand)["connectedAt"]
    case.sandbox.advance("3s")
    case.sandbox.person(person, "revoke", platform=case.platform)
    case.call("POST", case.at(brand, "/verify"))
    case.connect(case.call("POST", "/connect-sessions", brandId=brand), person)
    after = case.shown(brand)
    assert (after["status"], after["connectedAt"], after["selectedAdAccounts"]) == ("connected", began, 1)


def test_somebody_else_is_refused_unless_the_caller_says_so(case: Case) -> None:
    one, other = case.sandbox.newcomer(), case.sandbox.newcomer()
    brand = case.connected(one)
    before, served = case.shown(brand), case.served(brand)
    error = case.register(brand, case.token(other), 409)
    assert error["code"] == "identity_mismatch"
    assert (case.shown(brand), case.served(brand)) == (before, served)
    case.register(brand, case.token(other), replaceIdentity=True)
    after = case.shown(brand)
    assert after["identity"]["id"] != before["identity"]["id"]
    assert case.works(case.served(brand))


def test_a_new_identity_does_not_inherit_the_selection(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer())
    chosen = case.call("GET", case.at(brand, "/ad-accounts"))[0]["id"]
    case.call("PUT", case.at(brand, "/ad-accounts"), selected=[chosen])
    case.register(brand, case.token(case.sandbox.newcomer(adAccounts=3)), replaceIdentity=True)
    assert case.shown(brand)["selectedAdAccounts"] == 3


def test_a_link_for_a_reconnect_takes_only_the_same_person(case: Case) -> None:
    one, other = case.sandbox.newcomer(), case.sandbox.newcomer()
    brand = case.connected(one)
    before = case.shown(brand)
    session = case.call("POST", "/connect-sessions", brandId=brand)
    with Owner() as owner:
        page = owner.sign_in(owner.start_link(session["url"], case.platform), other)
        assert 'name="answer"' not in page.text
        assert case.shown(brand) == before
        assert "is connected" in owner.connect(session["url"], case.platform, one).text


def test_a_link_may_be_made_for_another_person(case: Case) -> None:
    one, other = case.sandbox.newcomer(), case.sandbox.newcomer()
    brand = case.connected(one)
    before = case.shown(brand)["identity"]
    session = case.call("POST", "/connect-sessions", brandId=brand, replaceIdentity=True)
    assert "is connected" in case.connect(session, other).text
    assert case.shown(brand)["identity"] != before


def test_each_platform_of_a_link_works_once(case: Case) -> None:
    brand, person = case.brand(), case.sandbox.newcomer()
    session = case.call("POST", "/connect-sessions", brandId=brand)
    with Owner() as owner:
        start = owner.start_link(session["url"], case.platform)
        assert "is connected" in owner.connect(session["url"], case.platform, person).text
        assert f"/oauth/{case.platform}/start" not in owner.visit(session["url"]).text
        again = owner.http.get(start)
    # Back to our own page, which says so, and never to the platform.
    assert again.status_code == 303
    assert again.headers["location"].startswith("/connect/symcs_")


def test_two_sign_ins_by_one_link_attach_once(case: Case) -> None:
    """Both reach the question before either is answered."""
    brand, one, other = case.brand(), case.sandbox.newcomer(), case.sandbox.newcomer()
    session = case.call("POST", "/connect-sessions", brandId=brand)
    with Owner() as first, Owner() as second:
        start = first.start_link(session["url"], case.platform)
        questions = first.sign_in(start, one), second.sign_in(start, other)
        assert "is connected" in first.submit(questions[0], answer="yes").text
        assert "is connected" not in second.submit(questions[1], answer="yes").text
    assert case.shown(brand)["identity"]["name"] == one.title()


def test_connecting_again_after_disconnecting_is_a_new_connection(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    chosen = case.call("GET", case.at(brand, "/ad-accounts"))[0]["id"]
    case.call("PUT", case.at(brand, "/ad-accounts"), selected=[chosen])
    began = case.shown(brand)["connectedAt"]
    case.call("DELETE", case.at(brand))
    case.sandbox.advance("2s")
    case.register(brand, case.token(person))
    after = case.shown(brand)
    assert after["connectedAt"] > began
    assert after["selectedAdAccounts"] == 2
    answer = case.service.client.get(f"{API}/brands?brandId={brand}").json()
    assert len(answer["data"]["connections"]) == 1
