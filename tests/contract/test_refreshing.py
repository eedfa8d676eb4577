"""A refresh token outlives the access token, and the other way round: what is served while one of them is gone."""

from __future__ import annotations

from datetime import datetime

import pytest

from symphony_connect.base.clock import DAY
from symphony_connect.connections.status import ANNOUNCE_DAYS
from tests.contract.conftest import Case


@pytest.fixture(autouse=True)
def _refreshes(case: Case) -> None:
    """What the sandbox issues decides, so that a platform with refresh tokens cannot leave these tests out."""
    person = case.sandbox.newcomer()
    issued = case.sandbox.control("tokens", {"platform": case.platform, "person": person, **case.rules.WISHES})
    if "refreshToken" not in issued:
        pytest.skip(f"{case.platform} issues no refresh tokens")
    assert "refreshToken" in case.token(person), "`token` in its contract.py hands the refresh token on"


def test_an_access_token_that_ends_early_is_renewed(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    before = case.served(brand)
    case.sandbox.person(person, "expire-token", platform=case.platform)
    assert not case.works(before)
    after = case.call("POST", case.at(brand, "/verify"))["connection"]
    assert (after["status"], after["reason"]) == ("connected", None)
    assert case.works(case.served(brand))


def test_a_refused_refresh_leaves_the_access_token_serving(case: Case) -> None:
    """Its end is announced as any other: it is `expiring` when that is 14 days away."""
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    served = case.served(brand)
    case.sandbox.person(person, "expire-refresh-token", platform=case.platform)
    after = case.call("POST", case.at(brand, "/renew"))["connection"]
    now = case.sandbox.client.get("/_sandbox/clock").json()["timeMs"]
    end = datetime.fromisoformat(after["expiresAt"]).timestamp() * 1000
    soon = end - now < ANNOUNCE_DAYS[0] * DAY
    assert (after["status"], after["reason"]) == (("expiring", "token_ends_soon") if soon else ("connected", None))
    assert case.served(brand) == served
    assert case.works(served)
    # The refresh token is gone, so there is nothing to try again with.
    assert case.call("POST", case.at(brand, "/renew"), 409)["code"] == "not_renewable"


def test_renewing_twice_needs_no_refresh_token_in_the_answer(case: Case) -> None:
    person = case.sandbox.newcomer()
    brand = case.connected(person)
    for _ in range(2):
        assert case.call("POST", case.at(brand, "/renew"))["connection"]["status"] == "connected"
    assert case.works(case.served(brand))
