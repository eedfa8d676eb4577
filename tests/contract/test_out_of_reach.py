"""The platform does not answer while a token is registered: kept sealed, served only once it has been confirmed."""

from __future__ import annotations

from tests.contract.conftest import API, Case
from tests.tools.wait import wait_until


def test_a_token_waits_until_the_platform_confirms_it(case: Case) -> None:
    person, brand = case.sandbox.newcomer(), case.brand()
    brought = case.token(person)
    case.out_of_reach()
    seen = case.register(brand, brought, 202)
    assert seen["message"].startswith(f"Brand {brand}")
    connection = case.shown(brand)
    assert (connection["status"], connection["reason"]) == ("unverified", "platform_unreachable")
    answer = case.service.client.get(API + case.at(brand, "/token"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unverified")
    assert int(answer.headers["retry-after"]) > 0
    assert case.call("POST", case.at(brand, "/verify"), 503)["code"] == "platform_unavailable"
    assert case.call("POST", case.at(brand, "/renew"), 503)["code"] == "unverified"
    assert case.call("GET", case.at(brand, "/ad-accounts?refresh=true"), 503)["code"] == "unverified"

    case.sandbox.calm()
    case.sandbox.advance("1h")
    wait_until(lambda: case.shown(brand)["status"] != "unverified", what="the worker to verify it")
    assert case.shown(brand)["status"] in ("connected", "expiring")
    assert case.works(case.served(brand))


def test_asking_verifies_what_waits_at_once(case: Case) -> None:
    person, brand = case.sandbox.newcomer(), case.brand()
    brought = case.token(person)
    case.out_of_reach()
    case.register(brand, brought, 202)
    case.sandbox.calm()
    seen = case.call("POST", case.at(brand, "/verify"))
    assert seen["changed"] is True
    assert seen["connection"]["status"] in ("connected", "expiring")
    assert case.works(case.served(brand))


def test_a_working_grant_goes_on_serving_meanwhile(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    served, fresh = case.served(brand), case.token(person)
    case.out_of_reach()
    case.register(brand, fresh, 202)
    assert case.shown(brand)["status"] in ("connected", "expiring")
    assert case.served(brand) == served
    case.sandbox.calm()
    case.call("POST", case.at(brand, "/verify"))
    assert case.served(brand) != served
    assert case.works(case.served(brand))


def test_a_waiting_token_that_is_refused_leaves_the_working_one(case: Case) -> None:
    person, stranger = case.sandbox.newcomer(), case.sandbox.newcomer()
    brand = case.connected(person)
    served, theirs = case.served(brand), case.token(stranger)
    case.out_of_reach()
    case.register(brand, theirs, 202)
    case.sandbox.calm()
    case.call("POST", case.at(brand, "/verify"))
    assert case.served(brand) == served
    assert case.shown(brand)["status"] in ("connected", "expiring")


def test_a_waiting_token_that_is_refused_ends_as_needs_reconnect(case: Case) -> None:
    person, brand = case.sandbox.newcomer(), case.brand()
    brought = case.token(person)
    case.out_of_reach()
    case.register(brand, brought, 202)
    case.sandbox.person(person, "revoke", platform=case.platform)
    case.sandbox.calm()
    case.call("POST", case.at(brand, "/verify"))
    assert case.shown(brand)["status"] == "needs_reconnect"
    assert case.call("GET", case.at(brand, "/token"), 409)["code"] == "needs_reconnect"


def test_a_token_that_never_was_confirmed_can_be_disconnected(case: Case) -> None:
    brand, brought = case.brand(), case.token(case.sandbox.newcomer())
    case.out_of_reach()
    case.register(brand, brought, 202)
    case.sandbox.calm()
    receipt = case.call("DELETE", case.at(brand))["receipt"]
    assert (receipt["here"], receipt["upstream"]) == ("destroyed", "not_verified")
    assert case.call("GET", case.at(brand), 404)["code"] == "connection_not_found"


def test_a_fresh_token_is_served_without_asking_the_platform(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer())
    case.out_of_reach()
    assert case.served(brand)
    error = case.call("POST", case.at(brand, "/verify"), 503)
    assert error["code"] == "platform_unavailable"
    assert case.shown(brand)["status"] in ("connected", "expiring")
