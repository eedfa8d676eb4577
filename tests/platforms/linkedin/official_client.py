"""LinkedIn's own Python client against one base URL, unmodified but for the host. Prints what it saw as JSON."""

from __future__ import annotations

import json
import sys
from urllib.parse import parse_qs, urlsplit

import linkedin_api.clients.auth.utils.oauth as oauth
import requests
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.common import constants

URL, APP_ID, SECRET = sys.argv[1:]
CALLBACK = "http://127.0.0.1:9/callback"
SCOPES = ["r_ads", "rw_ads", "r_ads_reporting", "openid", "profile", "email"]

constants.OAUTH_BASE_URL = oauth.OAUTH_BASE_URL = f"{URL}/linkedin/oauth/v2"
constants.VERSIONED_BASE_URL = f"{URL}/linkedin/rest"
constants.NON_VERSIONED_BASE_URL = f"{URL}/linkedin/v2"

auth = AuthClient(APP_ID, SECRET, CALLBACK)
page = auth.generate_member_auth_url(SCOPES, state="s1") + "&_sandbox=approve"
back = parse_qs(urlsplit(requests.get(page, allow_redirects=False, timeout=10).headers["location"]).query)
token = auth.exchange_auth_code_for_access_token(back["code"][0])
inspected = auth.introspect_access_token(token.access_token)
refreshed = auth.exchange_refresh_token_for_access_token(token.refresh_token)

client = RestliClient()
users = client.finder(
    resource_path="/adAccountUsers",
    finder_name="authenticatedUser",
    access_token=token.access_token,
    version_string="202607",
)
found = client.finder(
    resource_path="/adAccounts", finder_name="search", access_token=refreshed.access_token, version_string="202607"
)
one = client.get(
    resource_path="/adAccounts/{id}",
    path_keys={"id": found.elements[0]["id"]},
    access_token=token.access_token,
    version_string="202607",
)
refused = client.finder(resource_path="/adAccounts", finder_name="search", access_token="none", version_string="202607")
sys.stdout.write(
    json.dumps(
        {
            "state": back["state"][0],
            "expires": token.expires_in,
            "active": [inspected.active, inspected.status, inspected.client_id, inspected.auth_type],
            "same": refreshed.refresh_token == token.refresh_token,
            "roles": [row["role"] for row in users.elements],
            "accounts": [row["status"] for row in found.elements],
            "one": one.entity["currency"],
            "refused": refused.status_code,
        }
    )
)
