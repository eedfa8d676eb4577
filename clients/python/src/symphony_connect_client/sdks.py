"""Points the platforms' own SDKs at the proxy: one object for each brand, and nothing global is changed.

The SDKs are not needed by this package; install the one that you call.
"""

from __future__ import annotations

from typing import Any

from symphony_connect_client.client import AsyncClient, Client


def facebook_api(client: Client | AsyncClient, brand_id: int, *, api_version: str | None = None) -> Any:
    """A `facebook_business.FacebookAdsApi` for one brand; pass it as `api=` to its objects.

    The API key stands in the token's place, and there is no app secret: the service adds token and proof.
    """
    from facebook_business.api import FacebookAdsApi
    from facebook_business.session import FacebookSession

    session = FacebookSession(access_token=client.service.key)
    session.GRAPH = client.proxy_url(brand_id, "meta")
    return FacebookAdsApi(session, api_version=api_version)


def tiktok_api(client: Client | AsyncClient, brand_id: int) -> Any:
    """A `business_api_client.ApiClient` for one brand; pass it to the SDK's classes, and `client.service.key` as
    their `access_token`."""
    from business_api_client import ApiClient, Configuration

    configuration = Configuration()
    configuration.host = client.proxy_url(brand_id, "tiktok")
    return ApiClient(configuration)
