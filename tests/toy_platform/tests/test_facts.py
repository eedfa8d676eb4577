"""Each thing in which this platform differs from most, seen from outside: without the answer, one of these fails."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from symphony_connect import platforms
from symphony_connect.base.clock import system_clock
from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.connections import pacing
from symphony_connect.platforms.base import Platform
from symphony_connect.signin import signin
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.toy.contract import APP, token
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

AT = "/api/sym/v2/brands"


def loaded(**settings: str) -> Platform:
    env = Env({f"SYMPHONY_TOY_{key}": value for key, value in settings.items()})
    return platforms.load(env, httpx2.AsyncClient(), system_clock, production=False)["toy"]


@pytest.fixture
def running(service: ServiceFactory, sandbox: Sandbox) -> Service:
    return service(contract.settings(sandbox), ["--no-worker"])


def connected(running: Service, sandbox: Sandbox) -> str:
    """The path of a new connection."""
    brought = token(sandbox, sandbox.newcomer())
    answer = running.client.put(AT, json={"brandId": 7, "adPlatform": "toy", **brought})
    assert answer.status_code == 200, answer.text
    return f"{AT}/7/connections/toy"


def output(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_an_ad_account_carries_what_only_this_platform_has(running: Service, sandbox: Sandbox) -> None:
    at = connected(running, sandbox)
    for accounts in (
        output(running.client.get(f"{at}/token"))["adAccounts"],
        output(running.client.get(f"{at}/ad-accounts")),
    ):
        assert [(each["extra"], each["headers"]) for each in accounts] == [({"region": "eu"}, {"Toy-Region": "eu"})] * 2


def test_a_token_that_nothing_could_prove_does_not_wait_for_the_platform(running: Service, sandbox: Sandbox) -> None:
    """Only its refresh token could show whose app it is."""
    brought = token(sandbox, sandbox.newcomer())
    refresh = brought.pop("refreshToken")
    sandbox.fault("toy", "reset", times=1000)
    body = {"brandId": 8, "adPlatform": "toy", **brought}
    answer = running.client.put(AT, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "token_of_other_app")
    assert running.client.get(AT, params={"brandId": 8}).status_code == 404
    assert running.client.put(AT, json={**body, "refreshToken": refresh}).status_code == 202


def test_a_fixed_end_is_announced_though_every_answer_names_a_later_one(running: Service, sandbox: Sandbox) -> None:
    at = connected(running, sandbox)
    output(running.client.post(f"{at}/renew"))
    sandbox.advance("40d")
    assert output(running.client.post(f"{at}/verify"))["connection"]["status"] == "connected"
    sandbox.advance("40d")
    after = output(running.client.post(f"{at}/verify"))["connection"]
    assert (after["status"], after["reason"]) == ("expiring", "token_ends_soon")


def test_our_page_asks_to_tick_accounts_only_where_the_platform_does(running: Service) -> None:
    for names, asks in ((["toy"], False), (platforms.names(), True)):
        body = {"brandId": 7, "adPlatforms": names}
        page = httpx2.get(output(running.client.post("/api/sym/v2/connect-sessions", json=body))["url"]).text
        assert ("which ad accounts to share" in page) is asks
        assert "Toy will ask which" not in page


def test_every_sign_in_asks_for_the_same_scopes() -> None:
    assert signin._narrowed(loaded(), ("ads.read",)) == ("ads.read", "ads.write")


def test_the_operator_sets_its_pace() -> None:
    assert pacing.spacing(loaded()) == 200
    assert pacing.spacing(loaded(CALLS_PER_SECOND="5")) == 800
    with pytest.raises(ConfigError, match="SYMPHONY_TOY_CALLS_PER_SECOND"):
        loaded(CALLS_PER_SECOND="fast")


def test_its_app_id_has_a_form_of_its_own() -> None:
    assert loaded(APP_ID=APP[0], APP_SECRET=APP[1]).missing_settings == ()
    with pytest.raises(ConfigError, match=r"such as shop-1\.apps"):
        loaded(APP_ID="12345678", APP_SECRET="s")


def test_doctor_names_the_headers_that_calls_carry(running: Service) -> None:
    assert "calls also carry Toy-Developer" in " ".join(running.cli("doctor", check=False).stdout.split())
