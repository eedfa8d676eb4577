"""Canaries pushed through every path: in no file, log, error, metric or page is one of them in clear."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from symphony_connect import platforms
from tests.api.conftest import Api
from tests.api.test_browsers import popup
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.owner import Owner
from tests.tools.rows import execute, rows
from tests.tools.sandbox import Sandbox

TABLES = (
    "api_keys",
    "brands",
    "connections",
    "connect_sessions",
    "events",
    "flows",
    "grants",
    "handed_over",
    "replays",
)
CANARIES = 200


@dataclass
class Trail:
    """What was sent and received, and the secrets that must turn up nowhere in it."""

    api: Api
    secrets: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        answer = self.api.send(method, path, **more)
        self.note(answer)
        return answer

    def note(self, answer: httpx2.Response) -> None:
        self.answers.append(f"{answer.headers}\n{answer.text}")

    def secret(self, *values: str | None) -> None:
        self.secrets += [value for value in values if value]


@pytest.fixture(scope="module")
def trail(stored_api: Api) -> Trail:
    walked = Trail(stored_api)
    for step in (made_up_tokens, good_tokens, sign_ins, faults, keys_and_links, nonsense):
        step(walked)
    return walked


def made_up_tokens(trail: Trail) -> None:
    """Refused at the platform, or before: by shape, by field, by size."""
    for number in range(CANARIES):
        kind = ("EAAB" + secrets.token_hex(40), secrets.token_hex(20), secrets.token_urlsafe(60))[number % 3]
        trail.secret(kind)
        body: dict[str, Any] = {"brandId": 5, "adPlatform": platforms.names()[number % 2], "accessToken": kind}
        match number % 10:
            case 7:
                body = {**body, "refreshToken": [kind]}
            case 8:
                body = {**body, "brandId": kind, "name": kind * 20}
            case 9:
                body = {"brandId": 5, "adPlatform": kind, "accessToken": kind + "\n"}
        trail.send("PUT", "/brands", json=body)


def good_tokens(trail: Trail) -> None:
    api = trail.api
    for platform in platforms.names():
        person = api.sandbox.newcomer()
        brand, brought = api.brand(), api.token(platform, person)
        trail.secret(brought["accessToken"], brought.get("refreshToken"))
        body = {"brandId": brand, "adPlatform": platform, **brought}
        assert trail.send("PUT", "/brands", json=body, headers={"idempotency-key": platform}).status_code == 200
        at = f"/brands/{brand}/connections/{platform}"
        for call in ("POST /verify", "POST /renew", "GET /ad-accounts?refresh=true", "GET "):
            method, path = call.split(" ")
            trail.send(method, at + path)
        trail.secret(api.send("GET", f"{at}/token").json()["data"]["accessToken"])
        trail.send("GET", f"/brands?brandId={brand}")
        api.sandbox.person(person, "revoke", platform=platform)
        trail.send("POST", f"{at}/verify")
        trail.secret(link_token(trail.send("GET", f"{at}/token").json()["error"]["reconnectUrl"]))
        trail.send("DELETE", at)


def link_token(url: str) -> str:
    return url.rsplit("/", 1)[1]


def sign_ins(trail: Trail) -> None:
    api = trail.api
    for platform in platforms.names():
        session = api.send("POST", "/connect-sessions", json={"brandId": api.brand()}).json()["data"]
        with Owner() as owner:
            page = owner.sign_in(owner.start_link(session["url"], platform), api.sandbox.newcomer())
            trail.note(page)
            trail.note(owner.submit(page, answer="yes"))
            trail.note(owner.sign_in(owner.start_link(link(api), platform), "ada", "deny"))
            trail.secret(*owner.http.cookies.values())
    trail.secret(popup(api, api.new_key(publishable=True), "ada")["accessToken"])


def link(api: Api) -> str:
    url: str = api.send("POST", "/connect-sessions", json={"brandId": api.brand()}).json()["data"]["url"]
    return url


def faults(trail: Trail) -> None:
    """The platform fails in every way it can, some of which repeat what it was sent."""
    api = trail.api
    for platform in platforms.names():
        for error in ("http:500", "http:400", "reset", "truncate", "html"):
            brought = api.token(platform, api.sandbox.newcomer())
            trail.secret(brought["accessToken"], brought.get("refreshToken"))
            api.sandbox.fault(platform, error, times=100)
            brand = api.brand()
            trail.send("PUT", "/brands", json={"brandId": brand, "adPlatform": platform, **brought})
            trail.send("POST", f"/brands/{brand}/connections/{platform}/verify")
            trail.send("GET", f"/brands/{brand}/connections/{platform}/token")
            api.sandbox.calm()


def keys_and_links(trail: Trail) -> None:
    """Keys and links where they do not belong."""
    api = trail.api
    key, publishable = api.new_key(), api.new_key(publishable=True)
    trail.secret(key, publishable, api.service.secret_key)
    session = api.send("POST", "/connect-sessions", json={"brandId": 5}).json()["data"]
    trail.secret(session["token"])
    for text in (key, session["token"], "EAAB" + secrets.token_hex(30)):
        trail.secret(text)
        for path in (f"/brands?brandId={text}", f"/{text}", f"/connect-sessions/{text}", f"/brands?cursor={text}"):
            trail.send("GET", path)
        trail.send("GET", "/brands", key=text)
        trail.send("DELETE", f"/connect-sessions/{text}")
        for path in (f"/oauth/{ANY}/start?session={text}", f"/oauth/{ANY}/callback?state={text}&code={text}"):
            trail.note(api.http.get(path))
        trail.note(api.http.get(f"/oauth/status?nonce={text}"))


def nonsense(trail: Trail) -> None:
    canary = "EAAB" + secrets.token_hex(30)
    trail.secret(canary)
    for content in (canary.encode(), json.dumps({canary: canary})[:-1].encode(), json.dumps([canary]).encode()):
        headers = {"content-type": "application/json"}
        trail.send("PUT", "/brands", content=content, headers=headers)
    trail.send("PUT", "/brands", content=b"{}", headers={"content-type": canary})


def clear(text: bytes, found: list[str]) -> list[str]:
    """The secrets that stand in the text as they are, or as base64 or a URL would write them."""
    return [secret for secret in found if any(form in text for form in forms(secret.encode()))]


def forms(secret: bytes) -> list[bytes]:
    return [secret, base64.b64encode(secret)[:-4], quote(secret, safe="").encode()]


def app_secrets(sandbox: Sandbox) -> list[str]:
    return [value for name, value in contract.settings(sandbox).items() if name.endswith("_APP_SECRET")]


def test_nothing_is_in_the_database(trail: Trail) -> None:
    secrets = trail.secrets + app_secrets(trail.api.sandbox)
    assert len(secrets) > CANARIES
    stored = rows(trail.api.service.env["SYMPHONY_DATABASE_URL"], *TABLES)
    assert all(stored[table] for table in TABLES), "the walk reached every table"
    assert clear(str(stored).encode(), secrets) == []
    for path in trail.api.service.data_dir.glob("symphony.db*"):
        assert clear(path.read_bytes(), secrets) == []


def test_nothing_is_in_the_log(trail: Trail) -> None:
    log = trail.api.service.log_text().encode()
    assert b"request" in log
    assert clear(log, trail.secrets + app_secrets(trail.api.sandbox)) == []


def test_nothing_is_in_what_was_answered(trail: Trail) -> None:
    """But for a connect link, where it was asked for."""
    secrets = [secret for secret in trail.secrets if not secret.startswith("symcs_")]
    assert clear("\n".join(trail.answers).encode(), secrets + app_secrets(trail.api.sandbox)) == []


def test_nothing_is_in_the_metrics(trail: Trail) -> None:
    text = trail.api.http.get("/metrics", headers={"x-api-key": trail.api.service.secret_key}).content
    assert b"symphony_requests_total" in text
    assert clear(text, trail.secrets + app_secrets(trail.api.sandbox)) == []


def test_a_fault_of_ours_tells_no_more_than_its_number(trail: Trail) -> None:
    api = trail.api
    brought = api.token(ANY, api.sandbox.newcomer())
    body = {"brandId": api.brand(), "adPlatform": ANY, **brought}
    database = api.service.env["SYMPHONY_DATABASE_URL"]
    execute(database, "ALTER TABLE grants RENAME TO grants_elsewhere")
    answer = api.send("PUT", "/brands", json=body)
    execute(database, "ALTER TABLE grants_elsewhere RENAME TO grants")
    assert answer.status_code in (500, 503), answer.text
    error = api.refused(answer, answer.status_code, answer.json()["error"]["code"])
    said = json.dumps(error) + api.service.log_text()
    assert clear(said.encode(), [brought["accessToken"], *app_secrets(api.sandbox)]) == []
    for inside in ("Traceback", "INSERT", "SELECT", "sqlite", "asyncpg", ".py", "grants"):
        assert inside not in json.dumps(error)
    assert api.send("PUT", "/brands", json=body).status_code == 200
