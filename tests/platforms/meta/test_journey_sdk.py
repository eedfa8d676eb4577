"""What only Meta's dialog is asked for by a page: fewer permissions, or those declined before once more."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.journey.sdk.conftest import OpenPage, customer, desk
from tests.journey.sdk.customer import become, decide
from tests.tools.sandbox import Sandbox

__all__ = ["customer", "desk"]

pytestmark = pytest.mark.browser


def test_a_scope_beyond_what_is_configured(customer: OpenPage) -> None:
    page = customer()
    page.click("SymphonyConnect.loginWithFacebook({scope: 'ads_read,publish_video', ...callbacks})")
    assert page.outcome() == ["error", "invalid_request"]


def test_scope_narrows_and_auth_type_asks_again(customer: OpenPage) -> None:
    page = customer()
    popup = page.open("SymphonyConnect.loginWithFacebook({scope: ['ads_read'], authType: 'rerequest', ...callbacks})")
    asked = parse_qs(urlsplit(popup.url).query)
    assert (asked["scope"], asked["auth_type"]) == (["ads_read"], ["rerequest"])
    expect(popup.locator("input[name=permission][value=ads_management]")).to_have_count(0)
    decide(popup)
    kind, response = page.outcome()
    assert kind == "success"
    assert set(response) == {"accessToken", "userId", "expiresIn"}


def test_what_was_declined_is_asked_again(customer: OpenPage, shared_sandbox: Sandbox) -> None:
    person = shared_sandbox.newcomer(partial=True)
    page = customer()
    popup = page.open()
    become(popup, person)
    decide(popup)
    assert page.outcome()[0] == "success"
    page = customer()
    popup = page.open("SymphonyConnect.loginWithFacebook({authType: 'rerequest', ...callbacks})")
    become(popup, person)
    decide(popup)
    assert page.outcome()[0] == "success"
    granted = next(each for each in shared_sandbox.state()["people"] if each["name"] == person)
    permissions = granted["platforms"]["meta"]["grants"][0]["permissions"]
    assert set(permissions.values()) == {"granted"}, "rerequest reached the dialog"
