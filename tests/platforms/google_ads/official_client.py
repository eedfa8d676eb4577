"""Google's own OAuth libraries against one base URL, unmodified. Prints what they saw as JSON."""

from __future__ import annotations

import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow

URL, CLIENT_ID, SECRET = sys.argv[1:]
CALLBACK = "http://127.0.0.1:9/callback"
SCOPES = [
    "https://www.googleapis.com/auth/adwords",
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
]
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

config = {
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "auth_uri": f"{URL}/google_ads/o/oauth2/v2/auth",
    "token_uri": f"{URL}/google_ads/token",
}
flow = Flow.from_client_config({"web": config}, scopes=SCOPES, redirect_uri=CALLBACK, autogenerate_code_verifier=True)
page, state = flow.authorization_url(access_type="offline", prompt="consent", include_granted_scopes="true")
back = requests.get(page + "&_sandbox=approve", allow_redirects=False, timeout=10).headers["location"]
flow.fetch_token(code=parse_qs(urlsplit(back).query)["code"][0])
credentials = flow.credentials
first, id_token = credentials.token, credentials.id_token
credentials.refresh(Request())

session = AuthorizedSession(credentials)
session.headers["developer-token"] = "sandbox-developer-token"
reached = session.get(f"{URL}/google_ads/v26/customers:listAccessibleCustomers").json()

requests.post(f"{URL}/google_ads/revoke", data={"token": credentials.refresh_token}, timeout=10)
gone = Credentials(
    None,
    refresh_token=credentials.refresh_token,
    token_uri=config["token_uri"],
    client_id=CLIENT_ID,
    client_secret=SECRET,
)
try:
    gone.refresh(Request())
    refused = ""
except RefreshError as error:
    refused = error.args[0]

seen = {
    "state": parse_qs(urlsplit(back).query)["state"][0] == state,
    "another": credentials.token != first,
    "refresh": bool(credentials.refresh_token),
    "id_token": id_token.count("."),
    "scopes": sorted(credentials.granted_scopes or []),
    "customers": len(reached["resourceNames"]),
    "refused": refused.partition(":")[0],
}
sys.stdout.write(json.dumps(seen))
