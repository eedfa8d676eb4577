"""What a connected brand gives: a token, the platform's word on it, a renewal, its ad accounts."""

from __future__ import annotations

from tests.contract.conftest import API, Case


def test_the_token_is_served_and_works(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer(adAccounts=3))
    answer = case.service.client.get(API + case.at(brand, "/token"))
    assert answer.headers["cache-control"] == "no-store"
    served = answer.json()["data"]
    assert set(served) == {"accessToken", "tokenType", "expiresAt", "scopes", "adAccounts"}
    assert case.works(served["accessToken"])
    assert len(served["adAccounts"]) == 3


def test_verifying_asks_the_platform(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer())
    before = case.shown(brand)["verifiedAt"]
    case.sandbox.advance("5s")
    result = case.call("POST", case.at(brand, "/verify"))
    assert result["connection"]["verifiedAt"] > before
    assert result["connection"]["status"] in ("connected", "expiring")


def test_renewing_keeps_the_token_good(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer())
    result = case.call("POST", case.at(brand, "/renew"))
    assert result["message"]
    assert result["connection"]["status"] in ("connected", "expiring")
    assert case.works(case.served(brand))


def test_ad_accounts_come_page_by_page(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer(adAccounts=123))
    seen, cursor = [], ""
    while cursor is not None:
        answer = case.service.client.get(f"{API}{case.at(brand, '/ad-accounts')}?limit=50&cursor={cursor}").json()
        assert answer["success"] is True
        seen.append([account["id"] for account in answer["data"]])
        cursor = answer["nextCursor"]
    assert [len(page) for page in seen] == [50, 50, 23]
    assert len({id for page in seen for id in page}) == 123


def test_accounts_owned_by_a_business_come_too(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer(adAccounts=2, businessOnly=True))
    assert len(case.call("GET", case.at(brand, "/ad-accounts"))) == 2


def test_refreshing_finds_what_changed_at_the_platform(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    assert {account["status"] for account in case.call("GET", case.at(brand, "/ad-accounts"))} == {"active"}
    case.sandbox.person(person, "disable-account", platform=case.platform)
    assert {account["status"] for account in case.call("GET", case.at(brand, "/ad-accounts"))} == {"active"}
    found = case.call("GET", case.at(brand, "/ad-accounts?refresh=true"))
    assert {account["status"] for account in found} == {"disabled"}


def test_chosen_ad_accounts_are_the_ones_a_token_answer_names(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer(adAccounts=3))
    ids = [account["id"] for account in case.call("GET", case.at(brand, "/ad-accounts"))]
    chosen = case.call("PUT", case.at(brand, "/ad-accounts"), selected=ids[:2])
    assert [account["id"] for account in chosen] == ids[:2]
    named = case.call("GET", case.at(brand, "/token"))["adAccounts"]
    assert [account["id"] for account in named] == ids[:2]
    listed = case.call("GET", case.at(brand, "/ad-accounts"))
    assert [account["selected"] for account in listed] == [True, True, False]


def test_choosing_a_strangers_ad_account_is_refused(case: Case) -> None:
    brand = case.connected(case.sandbox.newcomer())
    error = case.call("PUT", case.at(brand, "/ad-accounts"), 400, selected=["1"])
    assert (error["code"], error["field"]) == ("invalid_request", "selected")
    assert case.shown(brand)["selectedAdAccounts"] == 2
