"""What clients that others wrote send to Google: they ran against the sandbox, and found what they expect."""

from __future__ import annotations

import base64
import json

from tests.platforms.google_ads.contract import ADS, APP, issue
from tests.tools.sandbox import CALLBACK, Sandbox

ROOT = "/google_ads"


def test_discovery_leads_to_what_is_there(sandbox: Sandbox) -> None:
    """httpx-oauth's OpenID, simple_openid_connect and social-auth-core begin here."""
    found = sandbox.client.get(f"{ROOT}/.well-known/openid-configuration").json()
    bearer = {"Authorization": f"Bearer {issue(sandbox, 'ada')['accessToken']}"}
    assert sandbox.client.get(found["userinfo_endpoint"], headers=bearer).json()["sub"]
    [key] = sandbox.client.get(found["jwks_uri"]).json()["keys"]
    assert (key["use"], "key_ops" in key) == ("sig", False)
    asked = {"client_id": APP[0], "redirect_uri": CALLBACK, "response_type": "code", "scope": f"{ADS} openid"}
    path = found["authorization_endpoint"].removeprefix(sandbox.url)
    code = sandbox.consent(path, {**asked, "nonce": "n-1"}, "ada")["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    token = sandbox.client.post(found["token_endpoint"], data=form, auth=APP).json()["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(token + "=="))
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (found["issuer"], APP[0], "n-1")


def test_an_access_token_revokes_and_userinfo_has_its_older_address(sandbox: Sandbox) -> None:
    """authlib and httpx-oauth revoke by the access token; social-auth-core's GoogleOAuth2 reads /oauth2/v3/userinfo."""
    token = issue(sandbox, sandbox.newcomer())["accessToken"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert sandbox.client.get(f"{ROOT}/oauth2/v3/userinfo", headers=bearer).status_code == 200
    form = {"token": token, "token_type_hint": "access_token"}
    assert sandbox.client.post(f"{ROOT}/revoke", data=form).status_code == 200
    assert sandbox.client.get(f"{ROOT}/oauth2/v3/userinfo", headers=bearer).status_code == 401
