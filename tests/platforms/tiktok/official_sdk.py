"""A program on TikTok's own SDK, unmodified but for the host. Run: python official_sdk.py HOST:PORT

Writes one JSON object: what the SDK returned, and how it put each refusal.
"""

import http.client
import json
import re
import sys

import business_api_client as sdk
from business_api_client.rest import ApiException
from business_api_client.tiktok_business.tiktok_exceptions import TiktokSDKError

HOST = sys.argv[1]
APP, SECRET = "7000000000000000001", "sandbox-tiktok-secret"

configuration = sdk.Configuration()
configuration.host = f"http://{HOST}"
sdk.Configuration.set_default(configuration)


def authorize() -> str:
    browser = http.client.HTTPConnection(HOST)
    callback = "http%3A%2F%2F127.0.0.1%3A9%2Fcb"
    browser.request("GET", f"/portal/auth?app_id={APP}&state=s1&redirect_uri={callback}&_sandbox=approve")
    return re.search(r"auth_code=(\w+)", browser.getresponse().getheader("Location"))[1]


def said(call) -> str:
    try:
        call()
    except (TiktokSDKError, ApiException) as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def body(code: str, secret: str = SECRET) -> sdk.Oauth2AccessTokenBody:
    return sdk.Oauth2AccessTokenBody(app_id=APP, secret=secret, auth_code=code)


authentication, accounts = sdk.AuthenticationApi(), sdk.AccountManagementApi()
first = body(authorize())
exchanged = authentication.oauth2_access_token(body=first)
token = exchanged["data"]["access_token"]
listed = authentication.oauth2_advertiser_get(APP, SECRET, token)
ids = [each["advertiser_id"] for each in listed["data"]["list"]]
details = accounts.advertiser_info(ids, token)
narrow = accounts.advertiser_info(ids, token, fields=["name", "status"])
unheard = authentication.oauth2_advertiser_get(APP, SECRET, "x", async_req=True).get()

json.dump(
    {
        "keys": sorted(exchanged),
        "data": sorted(exchanged["data"]),
        "ids": ids,
        "names": [each["name"] for each in details["data"]["list"]],
        "narrow": narrow["data"]["list"],
        "asynchronous refusal": unheard.code,
        "used code": said(lambda: authentication.oauth2_access_token(body=first)),
        "wrong secret": said(lambda: authentication.oauth2_access_token(body=body(authorize(), "wrong"))),
        "unknown token": said(lambda: authentication.oauth2_advertiser_get(APP, SECRET, "x")),
        "foreign advertiser": said(lambda: accounts.advertiser_info(["7300000000000030001"], token)),
    },
    sys.stdout,
)
