"""The Python client points TikTok's SDK at the proxy, one brand beside another."""

from __future__ import annotations

from business_api_client import AccountManagementApi, Configuration

from symphony_connect_client import Client
from symphony_connect_client.sdks import tiktok_api
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.tiktok.contract import token
from tests.tools.sandbox import Sandbox

URL = "https://connect.example.com"


def test_each_brand_has_an_address_of_its_own() -> None:
    before = Configuration().host
    with Client(URL, "sym_sk_1") as client:
        hosts = [tiktok_api(client, brand).configuration.host for brand in (5, 6)]
    assert hosts == [f"{URL}/api/sym/v2/brands/{brand}/connections/tiktok/proxy" for brand in (5, 6)]
    assert Configuration().host == before


def test_it_reads_through_the_proxy(service: ServiceFactory, sandbox: Sandbox) -> None:
    running = service(contract.settings(sandbox))
    brought = token(sandbox, "ada")
    with Client(running.url, running.secret_key) as client:
        client.register_token(5, "tiktok", brought["accessToken"], refresh_token=brought["refreshToken"])
        ids = [each.id for each in client.ad_accounts(5, "tiktok")]
        answer = AccountManagementApi(tiktok_api(client, 5)).advertiser_info(ids, client.service.key)
    assert [each["advertiser_id"] for each in answer["data"]["list"]] == ids
