"""What reaches the page and the browser's windows, and what never does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.conftest import ServiceFactory
from tests.journey.sdk.conftest import ROOMY
from tests.journey.sdk.customer import LOGINS, Customer, confirm, customer_page, decide
from tests.platforms import contract
from tests.platforms.chosen import ROTATING
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.site import StaticSite

pytestmark = pytest.mark.browser

TOKEN = re.compile("|".join(contract.rules(name).TOKENS for name in LOGINS))
"""A token of any of these platforms' sandboxes, refresh tokens included; a code may look the same."""
CODES = ("code", "auth_code")
STORAGE = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, name, location.href])"


@dataclass
class Witness:
    """A browser context of which every request, answer, page, storage and console line is kept."""

    browser: Browser
    har: Path
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(record_har_path=self.har, record_har_content="embed")
        # A window that closed itself would take its last answer and its last page along.
        self.context.add_init_script("window.close = () => {}")
        self.context.on("console", self._hear)
        self.page = self.context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)

    def look(self, *pages: Page) -> None:
        """Keep what these pages are and hold now."""
        for page in pages:
            self.said += [page.content(), page.evaluate(STORAGE)]

    def account(self) -> tuple[list[str], list[dict[str, Any]]]:
        """All that was said, and all requests with their answers, codes taken out. Ends the context."""
        self.context.close()
        text = self.har.read_text()
        entries = json.loads(text)["log"]["entries"]
        codes = {
            pair["value"] for entry in entries for pair in entry["request"]["queryString"] if pair["name"] in CODES
        }
        assert codes
        for code in codes:
            text = text.replace(code, "…")
        requests: list[dict[str, Any]] = json.loads(text)["log"]["entries"]
        return self.said, requests


@pytest.fixture
def witness(browser: Browser, tmp_path: Path) -> Iterator[Witness]:
    watching = Witness(browser, tmp_path / "requests.har")
    yield watching
    watching.context.close()


@pytest.fixture(scope="module")
def renewing(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Service:
    """With apps whose tokens are short-lived and come with refresh tokens, where a platform has such."""
    return shared_service(ROOMY | contract.settings(shared_sandbox))


@pytest.fixture
def observed(witness: Witness, renewing: Service, static_site: Callable[..., StaticSite]) -> Customer:
    """The customer's page, under observation."""
    witness.page.goto(static_site({"": customer_page(renewing, renewing.publishable_key)}).url)
    return Customer(witness.page, renewing)


def test_the_pattern_knows_the_sandboxs_tokens(renewing: Service) -> None:
    for name in LOGINS:
        assert TOKEN.fullmatch(renewing.sandbox.token("ada", name)["access_token"])


@pytest.mark.parametrize("platform", LOGINS)
def test_connect_brings_no_platform_token_into_the_browser(
    witness: Witness, observed: Customer, brand: int, platform: str
) -> None:
    popup = observed.connect(brand, platform)
    witness.look(popup)
    decide(popup)
    popup.wait_for_selector("button[name=answer]")
    witness.look(popup)
    confirm(popup)
    kind, result = observed.outcome()
    assert (kind, set(result)) == ("success", {"brandId", "platform", "status", "identity"})
    assert (result["brandId"], result["platform"], result["status"]) == (brand, platform, "connected")
    assert set(result["identity"]) == {"id", "name"}
    witness.look(popup, observed.page)
    said, entries = witness.account()
    assert [line for line in [*said, json.dumps(result)] if TOKEN.search(line)] == []
    assert [entry["request"]["url"] for entry in entries if TOKEN.search(json.dumps(entry))] == []
    served = observed.service.client.get(f"/api/sym/v2/brands/{brand}/connections/{platform}/token").json()
    assert TOKEN.fullmatch(served["data"]["accessToken"]), "the pattern would have found it"


@pytest.mark.parametrize(("platform", "call"), LOGINS.items())
def test_a_login_hands_over_the_access_token_and_nothing_else(
    witness: Witness, observed: Customer, brand: int, platform: str, call: str
) -> None:
    """The refresh token stays behind, and is there again once the page has registered its access token."""
    popup = observed.open(call)
    witness.look(popup)
    decide(popup)
    kind, response = observed.outcome()
    assert kind == "success"
    token = response.pop("accessToken")
    assert TOKEN.fullmatch(token)
    assert {name: type(value) for name, value in response.items()} == contract.rules(platform).LOGIN_RESULT
    answer = _register(observed, brand, platform, token)
    assert answer == {"success": True, "message": f"Brand {brand} updated successfully"}
    witness.look(popup, observed.page)
    said, entries = witness.account()
    seen = {found for text in [*said, json.dumps(entries)] for found in TOKEN.findall(text)}
    assert seen == {token}
    assert [line for line in said if token in line] == []
    holding = [(entry["request"]["method"], _path(entry)) for entry in entries if token in json.dumps(entry)]
    assert holding == [("POST", f"/oauth/{platform}/handover"), ("PUT", "/api/sym/v2/brands")]


def test_a_token_registered_by_its_page_can_be_renewed(observed: Customer, brand: int) -> None:
    decide(observed.open(LOGINS[ROTATING]))
    _, response = observed.outcome()
    _register(observed, brand, ROTATING, response["accessToken"])
    at = f"/api/sym/v2/brands/{brand}/connections/{ROTATING}"
    before = observed.service.client.get(f"{at}/token").json()["data"]["accessToken"]
    assert before == response["accessToken"]
    renewed = observed.service.client.post(f"{at}/renew")
    assert renewed.status_code == 200, renewed.text
    after = observed.service.client.get(f"{at}/token").json()["data"]["accessToken"]
    assert TOKEN.fullmatch(after)
    assert after != before


def _register(customer: Customer, brand: int, platform: str, token: str) -> Any:
    return customer.page.evaluate(
        """async ([url, key, body]) => {
          const headers = {"x-api-key": key, "Content-Type": "application/json"};
          return (await fetch(url, {method: "PUT", headers, body: JSON.stringify(body)})).json();
        }""",
        [
            f"{customer.service.url}/api/sym/v2/brands",
            customer.service.publishable_key,
            {"brandId": brand, "adPlatform": platform, "accessToken": token},
        ],
    )


def _path(entry: dict[str, Any]) -> str:
    return "/" + str(entry["request"]["url"]).split("/", 3)[3].split("?")[0]
