"""The Python client points `facebook-business` at the proxy, one brand beside another."""

from __future__ import annotations

from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from symphony_connect_client import Client
from symphony_connect_client.sdks import facebook_api
from tests.conftest import ServiceFactory
from tests.platforms.meta.contract import token
from tests.tools.sandbox import Sandbox

URL, KEY = "https://connect.example.com", "sym_sk_1"


def test_each_brand_has_an_address_of_its_own() -> None:
    before = (FacebookSession.GRAPH, FacebookAdsApi.get_default_api())
    with Client(URL, KEY) as client:
        first, second = (facebook_api(client, brand, api_version="v26.0") for brand in (5, 6))
    sent: list[str] = []
    for api in (first, second):
        api._session.requests.request = lambda method, path, **more: sent.append(path) or _Answer()
        api.call("GET", ("act_1", "campaigns"))
    proxies = [f"{URL}/api/sym/v2/brands/{brand}/connections/meta/proxy/v26.0/act_1/campaigns" for brand in (5, 6)]
    assert sent == proxies
    assert first._session.requests.params == {"access_token": KEY}
    assert (FacebookSession.GRAPH, FacebookAdsApi.get_default_api()) == before


class _Answer:
    text, headers, status_code = "{}", {}, 200


def test_it_lists_through_the_proxy(service: ServiceFactory, sandbox: Sandbox) -> None:
    running = service()
    with Client(running.url, running.secret_key) as client:
        client.register_token(5, "meta", token(sandbox, "ada")["accessToken"])
        listed = User("me", api=facebook_api(client, 5, api_version="v26.0")).get_ad_accounts(fields=["name"])
        assert [each["id"] for each in listed] == [each.id for each in client.ad_accounts(5, "meta")]
