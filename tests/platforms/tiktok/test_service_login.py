"""What the service makes of TikTok's answers while a page signs in."""

from __future__ import annotations

import secrets

from tests.api.conftest import Api, api
from tests.tools.owner import Owner

__all__ = ["api"]


def test_the_login_hands_its_token_over_although_the_platform_was_busy(api: Api) -> None:
    """TikTok limits a call right after the exchange: the code is spent, so the token must not be lost."""
    query = {
        "origin": "http://localhost:3000",
        "nonce": secrets.token_urlsafe(24),
        "key": api.new_key(publishable=True),
    }
    with Owner() as owner:
        callback = owner.decide(owner.begin(f"{api.service.url}/oauth/tiktok/start", **query), "ada")
        api.sandbox.fault("tiktok", "tiktok:40100", path="advertiser/get", times=1)
        api.sandbox.fault("tiktok", "tiktok:40002", path="advertiser/info", times=1000)
        page = owner.visit(callback)
        flow = page.url.path.rsplit("/", 1)[1]
        handed = owner.http.post(f"{api.service.url}/oauth/tiktok/handover", json={"flow": flow}).json()
        api.sandbox.calm()
    assert handed["accessToken"]
    assert handed["advertiserIds"]
