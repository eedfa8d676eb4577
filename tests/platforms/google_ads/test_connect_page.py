"""What the hosted page says before it leads to Google."""

from __future__ import annotations

from symphony_connect.platforms import names
from tests.conftest import ServiceFactory

INSIDE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Mobile/15E148 Instagram 400.0"
OTHER = next(name for name in names() if name != "google_ads")
USUAL = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36"


def test_a_passkey_is_announced_and_an_embedded_browser_sent_elsewhere(shared_service: ServiceFactory) -> None:
    service = shared_service(None, ["--no-worker"])
    asked = {"brandId": 1, "name": "Northwind", "adPlatforms": ["google_ads"]}
    answer = service.client.post("/api/sym/v2/connect-sessions", json=asked)
    assert answer.is_success, answer.text
    made = answer.json()["data"]
    pages = {agent: service.client.get(made["url"], headers={"user-agent": agent}).text for agent in (INSIDE, USUAL)}
    assert all("passkey" in page for page in pages.values())
    assert ["your usual browser" in pages[agent] for agent in (INSIDE, USUAL)] == [True, False]
    made = service.client.post("/api/sym/v2/connect-sessions", json={**asked, "adPlatforms": [OTHER]}).json()["data"]
    other = service.client.get(made["url"], headers={"user-agent": INSIDE}).text
    assert ("passkey" in other, "your usual browser" in other) == (False, False)
