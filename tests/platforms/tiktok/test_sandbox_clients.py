"""Programs that were not written for the sandbox: TikTok's own SDK, and a tutorial's sign-in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.platforms.tiktok.client import ADA, TIKTOK_SHORT_TERM_APP
from tests.tools.process import clean_env
from tests.tools.sandbox import Sandbox


def test_the_official_sdk(sandbox: Sandbox) -> None:
    program = Path(__file__).with_name("official_sdk.py")
    host = sandbox.url.removeprefix("http://")
    done = subprocess.run(
        [sys.executable, str(program), host], capture_output=True, text=True, timeout=60, env=clean_env()
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["keys"] == ["data", "request_id"]
    assert found["data"] == ["access_token", "advertiser_ids", "scope"]
    assert found["ids"] == ADA
    assert found["names"] == ["Ada Lark Ads 1", "Ada Lark Ads 2"]
    assert found["narrow"][0] == {"advertiser_id": ADA[0], "name": "Ada Lark Ads 1", "status": "STATUS_ENABLE"}
    assert found["asynchronous refusal"] == 40105
    assert found["used code"].startswith("TiktokSDKError: Error Code: 40110, message: Auth_code is used")
    assert found["wrong secret"].startswith("TiktokSDKError: Error Code: 40101")
    assert found["unknown token"].startswith(
        "TiktokSDKError: Error Code: 40105, message: Access token is incorrect or has been revoked."
    )
    assert found["foreign advertiser"].startswith("TiktokSDKError: Error Code: 40001")


class CallbackServer(HTTPServer):
    """A tutorial's `app.get('/callback', …)`: keeps `code` and `state` of the query."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Callback)
        self.seen: list[dict[str, str]] = []

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/callback"


class _Callback(BaseHTTPRequestHandler):
    server: CallbackServer

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.server.seen.append({name: values[0] for name, values in query.items()})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def app() -> Iterator[CallbackServer]:
    server = CallbackServer()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_tutorials_sign_in(sandbox: Sandbox, app: CallbackServer) -> None:
    """Authorization address, callback, exchange and refresh of a widely read tutorial; only the hosts differ."""
    client_id, client_secret = TIKTOK_SHORT_TERM_APP
    query = f"app_id={client_id}&redirect_uri={app.redirect_uri}&state=xyz"

    with httpx2.Client(follow_redirects=True, trust_env=False) as browser:
        page = browser.get(f"{sandbox.url}/marketing_api/auth?{query}")
        assert 'name="_sandbox" value="approve"' in page.text
        assert browser.post(str(page.url), data={"_sandbox": "approve"}).status_code == 200
    assert app.seen[0]["state"] == "xyz"
    code = app.seen[0]["code"]

    axios = httpx2.Client(base_url=f"{sandbox.url}/open_api/v1.3", trust_env=False)
    with axios:
        response = axios.post(
            "/oauth2/access_token/",
            json={
                "app_id": client_id,
                "secret": client_secret,
                "auth_code": code,
                "grant_type": "authorization_code",
            },
        ).json()["data"]
        refreshed = axios.post(
            "/oauth2/refresh_token/",
            json={
                "app_id": client_id,
                "secret": client_secret,
                "refresh_token": response["refresh_token"],
                "grant_type": "refresh_token",
            },
        ).json()["data"]
        assert refreshed["access_token"] != response["access_token"]
        assert refreshed["refresh_token"] != response["refresh_token"]
        mine = axios.get(
            "/oauth2/advertiser/get/",
            params={"app_id": client_id, "secret": client_secret},
            headers={"Access-Token": refreshed["access_token"]},
        ).json()
    assert [each["advertiser_id"] for each in mine["data"]["list"]] == ADA


def test_the_tutorials_user_says_no(sandbox: Sandbox, app: CallbackServer) -> None:
    query = f"app_id={TIKTOK_SHORT_TERM_APP[0]}&redirect_uri={app.redirect_uri}&state=xyz&_sandbox=deny"
    httpx2.get(f"{sandbox.url}/marketing_api/auth?{query}", follow_redirects=True, trust_env=False)
    assert app.seen[0]["error"] == "access_denied"
    assert app.seen[0]["state"] == "xyz"
    assert "code" not in app.seen[0]
