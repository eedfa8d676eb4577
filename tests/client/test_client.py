"""The client's own behaviour: what it sends, when again, and what it makes of answers. Nothing goes over a network."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from symphony_connect_client import (
    APIError,
    AsyncClient,
    Client,
    ConnectionFailed,
    NeedsReconnect,
    Retries,
    WebhookRefused,
    verify_webhook,
)

pytestmark = pytest.mark.anyio
URL, KEY = "https://connect.example.com", "sym_sk_never_shown"
TOKEN = {"accessToken": "EAAsecret", "tokenType": "user access token", "expiresAt": None, "scopes": ["a"]}
Answer = Callable[[httpx2.Request], httpx2.Response]


def ok(data: Any, **more: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"success": True, "data": data, **more})


def no(status: int, code: str, headers: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
    error = {"code": code, "message": "No.", **more}
    return httpx2.Response(status, json={"success": False, "error": error, "requestId": "req_1"}, headers=headers)


class Far:
    """A service that answers in turn, and a clock that only waiting moves."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def nap(self, seconds: float) -> None:
        self.waits.append(seconds)

    def client(self, **more: Any) -> Client:
        http = httpx2.Client(transport=httpx2.MockTransport(self))
        return Client(URL, KEY, http=http, sleep=self.waits.append, chance=lambda: 0.0, clock=lambda: 0.0, **more)

    def async_client(self) -> AsyncClient:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self))
        return AsyncClient(URL, KEY, http=http, sleep=self.nap, chance=lambda: 0.0, clock=lambda: 0.0)


def test_a_token_is_read_and_not_shown() -> None:
    far = Far(ok({**TOKEN, "adAccounts": None, "of a later version": 1}))
    client = far.client()
    token = client.token(5, "alpha", min_ttl=60)
    assert token.access_token == "EAAsecret"
    assert (token.scopes, token.ad_accounts, token.expires_at) == (("a",), None, None)
    [sent] = far.requests
    assert str(sent.url) == f"{URL}/api/sym/v2/brands/5/connections/alpha/token?minTtl=60"
    assert sent.headers["x-api-key"] == KEY
    assert "EAAsecret" not in repr(token)
    assert KEY not in repr(client) + repr(client.service)


def test_a_lost_connection_says_why_and_holds_the_link() -> None:
    far = Far(no(409, "needs_reconnect", reason="revoked", reconnectUrl="https://x/connect/symcs_1"))
    with pytest.raises(NeedsReconnect) as lost:
        far.client().token(5, "alpha")
    assert (lost.value.reason, lost.value.reconnect_url) == ("revoked", "https://x/connect/symcs_1")
    assert (lost.value.status, lost.value.code, lost.value.request_id) == (409, "needs_reconnect", "req_1")
    assert len(far.requests) == 1


def test_an_error_of_something_before_the_service() -> None:
    far = Far(httpx2.Response(403, text="<html>No</html>"))
    with pytest.raises(APIError) as refused:
        far.client().brand(5)
    assert (refused.value.status, refused.value.code) == (403, "")
    with pytest.raises(ConnectionFailed, match="Is the address right"):
        Far(httpx2.Response(200, text="<html>Hello</html>")).client().brand(5)


LOST = httpx2.ReadTimeout("late")
WAIT = {"retry-after": "7"}


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ([no(503, "unverified", WAIT), ok([])], [7]),
        ([no(429, "too_many_requests", WAIT), ok([])], [7]),
        ([no(409, "busy", WAIT), ok([])], [7]),
        ([no(503, "x", {"retry-after": "Thu, 01 Jan 1970 00:00:09 GMT"}), ok([])], [9]),
        ([LOST, httpx2.Response(502, text="bad gateway"), LOST, ok([])], [0.5, 1, 2]),
    ],
)
async def test_what_may_pass_is_sent_again(answers: list[Any], waits: list[float]) -> None:
    far, other = Far(*answers), Far(*answers)
    assert far.client().platforms() == await other.async_client().platforms() == ()
    assert far.waits == other.waits == waits


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (no(503, "platform_unavailable"), 4),
        (LOST, 4),
        (no(503, "platform_unavailable", {"retry-after": "31"}), 1),
        (no(503, "not_configured"), 1),
        (no(500, "internal_error"), 1),
        (no(401, "invalid_key"), 1),
    ],
)
async def test_it_gives_up(answer: Any, sent: int) -> None:
    far, other = Far(answer), Far(answer)
    with pytest.raises((APIError, ConnectionFailed)):
        far.client().platforms()
    with pytest.raises((APIError, ConnectionFailed)):
        await other.async_client().platforms()
    assert len(far.requests) == len(other.requests) == sent


@pytest.mark.parametrize("answer", [no(503, "platform_unavailable", WAIT), LOST])
def test_a_change_that_may_be_done_is_not_sent_again(answer: Any) -> None:
    for change in (Client.verify, Client.renew, Client.disconnect, Client.report_token):
        far = Far(answer)
        with pytest.raises((APIError, ConnectionFailed)):
            change(far.client(), 5, "alpha")
        assert len(far.requests) == 1


def test_what_makes_something_is_made_once() -> None:
    far = Far(LOST, ok({"id": "key_1", "key": "sym_sk_new", "kind": "secret", "expiresAt": None}))
    made = far.client().create_key("x", ["brands:read"], brands=[5])
    assert "sym_sk_new" not in repr(made)
    first, second = (request.headers["idempotency-key"] for request in far.requests)
    assert first == second
    assert json.loads(far.requests[0].content) == {"name": "x", "scopes": ["brands:read"], "brands": [5]}


async def test_pages_are_walked() -> None:
    brand = {"id": 5, "name": None, "connections": []}
    answers = [ok([brand], nextCursor="c2"), ok([{**brand, "id": 6}], nextCursor=None)]
    far, other = Far(*answers), Far(*answers)
    assert [each.id for each in far.client().brands(platform="alpha")] == [5, 6]
    assert [each.id async for each in other.async_client().brands(platform="alpha")] == [5, 6]
    for sent in (far.requests, other.requests):
        assert [request.url.params.get("cursor") for request in sent] == [None, "c2"]


@pytest.mark.parametrize("url", ["connect.example.com", "ftp://x", f"{URL}?key=1", ""])
def test_a_wrong_address(url: str) -> None:
    with pytest.raises(ValueError, match="url is the service's address"):
        Client(url, KEY)


def test_wrong_arguments_make_no_address() -> None:
    client = Far(ok([])).client(retries=Retries(tries=1))
    for brand_id, platform in ((5, "../../keys"), ("5/x", "alpha")):
        with pytest.raises(ValueError, match="brand_id is a whole number"):
            client.token(brand_id, platform)
        with pytest.raises(ValueError, match="brand_id is a whole number"):
            client.proxy_url(brand_id, platform)
    with pytest.raises(ValueError, match="sym_sk_"):
        Client(URL, "sym_pk_1")
    with pytest.raises(ValueError, match="no id"):
        client.revoke_key("../brands")


def test_both_clients_have_the_same_calls() -> None:
    def calls(of: type) -> dict[str, str]:
        named = {name: value for name, value in vars(of).items() if not name.startswith("_")}
        return {name: str(inspect.signature(value)) for name, value in named.items() if name not in OWN}

    OWN = ("close", "aclose", "send")
    assert calls(Client) == calls(AsyncClient)
    assert "min_ttl" in calls(Client)["token"]
    assert Client.token.__doc__


# Webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
AT = 1614265330
SIGNED = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(AT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
"""The example that the specification's own libraries are tested with."""


@pytest.mark.parametrize("secrets", [SECRET, ["whsec_b2xk", SECRET], SECRET.removeprefix("whsec_")])
@pytest.mark.parametrize("also", ["", "v1a,abc v1,AAAA "])
@pytest.mark.parametrize("away", [0, 300, -300])
def test_a_good_delivery(secrets: Any, also: str, away: int) -> None:
    headers = {**SIGNED, "webhook-signature": also + SIGNED["webhook-signature"]}
    assert verify_webhook(secrets, headers, BODY, now=AT + away) == {"test": 2432232314}


@pytest.mark.parametrize(
    "change",
    [
        {"body": BODY + b" "},
        {"now": AT + 301},
        {"now": AT - 301},
        {"secrets": "whsec_b2xk"},
        {"secrets": []},
        {"headers": {**SIGNED, "webhook-timestamp": str(AT + 1)}},
        {"headers": {**SIGNED, "webhook-timestamp": "soon"}},
        {"headers": {**SIGNED, "Webhook-Id": "msg_other"}},
        {"headers": {**SIGNED, "webhook-signature": SIGNED["webhook-signature"].replace("v1,", "v2,")}},
        {"headers": {**SIGNED, "webhook-signature": "v1,é"}},
        {"headers": {**SIGNED, "webhook-signature": ""}},
        {"headers": {"webhook-id": "x"}},
    ],
)
def test_a_delivery_that_does_not_hold(change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"secrets": SECRET, "headers": SIGNED, "body": BODY, "now": AT}
    with pytest.raises(WebhookRefused):
        verify_webhook(**given | change)


def test_a_delivery_of_the_specification_s_own_library() -> None:
    standard = pytest.importorskip("standardwebhooks")
    from datetime import UTC, datetime

    signature = standard.Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(AT, UTC), BODY.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(AT), "webhook-signature": signature}
    assert verify_webhook(SECRET, headers, BODY, now=AT) == {"test": 2432232314}
