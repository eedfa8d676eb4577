"""The Python client points TikTok's SDK at the proxy, one brand beside another."""

from __future__ import annotations

from business_api_client import Configuration

from symphony_connect_client import Client
from symphony_connect_client.sdks import tiktok_api

URL = "https://connect.example.com"


def test_each_brand_has_an_address_of_its_own() -> None:
    before = Configuration().host
    with Client(URL, "sym_sk_1") as client:
        hosts = [tiktok_api(client, brand).configuration.host for brand in (5, 6)]
    assert hosts == [f"{URL}/api/sym/v2/brands/{brand}/connections/tiktok/proxy" for brand in (5, 6)]
    assert Configuration().host == before
