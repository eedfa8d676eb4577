"""Disconnecting: destroyed here, ended at the platform unless somebody else needs it there, and a receipt."""

from __future__ import annotations

from tests.contract.conftest import Case


def test_a_disconnect_ends_the_token_at_the_platform(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer())
    token = case.served(brand)
    receipt = case.call("DELETE", case.at(brand))["receipt"]
    assert set(receipt) == {"id", "adPlatform", "here", "upstream", "platform", "at"}
    assert (receipt["adPlatform"], receipt["here"], receipt["upstream"]) == (case.platform, "destroyed", case.gone)
    assert case.works(token) is not case.facts.revokes
    for path in ("", "/token", "/ad-accounts"):
        assert case.call("GET", case.at(brand, path), 404)["code"] == "connection_not_found"
    for method, path in (("POST", "/verify"), ("POST", "/renew"), ("DELETE", "")):
        assert case.call(method, case.at(brand, path), 404)["code"] == "connection_not_found"


def test_a_sibling_lives_on(case: Case) -> None:
    """One person behind two brands, as agencies are."""
    person = case.sandbox.newcomer()
    one, other = case.connected(person), case.connected(person)
    token = case.served(other)
    assert case.call("DELETE", case.at(one))["receipt"]["upstream"] == "shared_identity"
    assert case.works(token)
    assert case.call("POST", case.at(other, "/verify"))["connection"]["status"] in ("connected", "expiring")
    assert case.works(case.served(other))
    assert case.call("DELETE", case.at(other))["receipt"]["upstream"] == case.gone
    assert case.works(token) is not case.facts.revokes


def test_a_brand_is_disconnected_everywhere_and_forgotten(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    token = case.served(brand)
    [receipt] = case.call("DELETE", f"/brands?brandId={brand}")["receipts"]
    assert receipt["upstream"] == case.gone
    assert case.works(token) is not case.facts.revokes
    assert case.call("GET", f"/brands?brandId={brand}", 404)["code"] == "brand_not_found"
    assert case.call("GET", case.at(brand, "/token"), 404)["code"] == "brand_not_found"
    case.register(brand, case.token(person))
    assert case.works(case.served(brand))


def test_a_token_that_the_owner_ended_first(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    case.sandbox.person(person, "revoke", platform=case.platform)
    receipt = case.call("DELETE", case.at(brand))["receipt"]
    assert receipt["here"] == "destroyed"
    assert receipt["upstream"] in (case.gone, "already_gone")


def test_a_platform_out_of_reach_does_not_keep_the_token_here(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer())
    case.out_of_reach()
    receipt = case.call("DELETE", case.at(brand))["receipt"]
    unheard = "unreachable" if case.facts.revokes else "not_offered"
    assert (receipt["here"], receipt["upstream"]) == ("destroyed", unheard)
    assert case.call("GET", case.at(brand, "/token"), 404)["code"] == "connection_not_found"
