"""`SymphonyConnect.connect` for the platforms that the SDK has no function of their own for."""

from __future__ import annotations

import pytest

from symphony_connect.platforms import names
from tests.journey.sdk.conftest import OpenPage
from tests.journey.sdk.customer import LOGINS, confirm, decide
from tests.tools.service import Service

pytestmark = pytest.mark.browser


def test_connect_serves_platforms_without_a_function_of_their_own(
    customer: OpenPage, brand: int, desk: Service
) -> None:
    others = [name for name in names() if name not in LOGINS]
    assert others
    for platform in others:
        page = customer()
        popup = page.connect(brand, platform)
        decide(popup)
        # Some platforms ask once more, such as for a passkey.
        popup.wait_for_selector("button[name=answer][value=yes], input[name=passed]", state="attached")
        if popup.locator("input[name=passed]").count():
            decide(popup)
        confirm(popup)
        kind, response = page.outcome()
        assert (kind, response["brandId"], response["platform"]) == ("success", brand, platform)
        assert set(response) == {"brandId", "platform", "status", "identity"}
    made = desk.client.get(f"/api/sym/v2/brands?brandId={brand}").json()["data"]["connections"]
    assert {one["adPlatform"] for one in made} == set(others)
