"""A bare Graph API client for the sandbox: one method a call, nothing hidden."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from tests.tools.sandbox import CALLBACK, Sandbox

META_APP = ("100000000000001", "sandbox-meta-secret")

APP_ID, SECRET = META_APP
OTHER_APP = ("100000000000002", "sandbox-meta-other-secret")
APP_TOKEN = f"{APP_ID}|{SECRET}"
SCOPE = "ads_read,ads_management,business_management,pages_show_list,pages_read_engagement,instagram_basic"


def proof(token: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def sent_back(answer: httpx2.Response) -> dict[str, str]:
    """The fields of a redirect to the callback, from its query or, for token flows, its fragment."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(CALLBACK)
    parts = urlsplit(location)
    return dict(parse_qsl(parts.query or parts.fragment, keep_blank_values=True))


class Client:
    """Against one running sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = sandbox.client
        self.usual = {"client_id": APP_ID, "redirect_uri": CALLBACK, "state": "s1", "scope": SCOPE}

    def dialog(self, path: str = "/v26.0/dialog/oauth", **params: str) -> httpx2.Response:
        return self.http.get(path, params={**self.usual, **params})

    def approve(self, person: str = "ada", **params: str) -> dict[str, str]:
        """What the callback is told."""
        return sent_back(self.dialog(_sandbox="approve", _sandbox_person=person, **params))

    def code(self, person: str = "ada", **params: str) -> str:
        return self.approve(person, **params)["code"]

    def exchange(self, code: str, path: str = "/v26.0/oauth/access_token", **params: str) -> httpx2.Response:
        usual = {"client_id": APP_ID, "client_secret": SECRET, "redirect_uri": CALLBACK, "code": code}
        return self.http.get(path, params={key: value for key, value in {**usual, **params}.items() if value})

    def signed_in(self, person: str = "ada", **params: str) -> str:
        """A short-lived token, by dialog and exchange."""
        token: str = self.exchange(self.code(person, **params)).json()["access_token"]
        return token

    def issue(self, person: str = "ada", **wishes: Any) -> str:
        """A token without a browser."""
        answer = self.sandbox.control("tokens", {"platform": "meta", "person": person, **wishes})
        token: str = answer["accessToken"]
        return token

    def extend(self, token: str, **params: str) -> httpx2.Response:
        usual = {"grant_type": "fb_exchange_token", "client_id": APP_ID, "client_secret": SECRET}
        return self.http.get("/oauth/access_token", params={**usual, "fb_exchange_token": token, **params})

    def get(self, path: str, token: str = "", **params: str) -> httpx2.Response:
        return self.http.get(f"/v26.0/{path}", params={"access_token": token, **params} if token else params)

    def debug(self, token: str) -> dict[str, Any]:
        answer = self.get("debug_token", APP_TOKEN, input_token=token)
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data


def refused(answer: httpx2.Response) -> tuple[int, int, int | None]:
    """HTTP status, code and subcode of an error envelope."""
    error = answer.json()["error"]
    assert {"message", "type", "code", "fbtrace_id"} <= set(error)
    return answer.status_code, error["code"], error.get("error_subcode")
