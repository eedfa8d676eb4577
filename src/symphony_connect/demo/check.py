"""`demo --check`: the whole job over real HTTP, with a client that fills in forms instead of a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx2

from symphony_connect.demo.running import Running


class DoesNotHold(Exception):
    """A step did not give the expected result."""


@dataclass
class Form:
    """The first POST form of a page, as a browser would submit it untouched."""

    action: str = ""
    values: list[tuple[str, str]] = field(default_factory=list)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None
        self.links: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(at.get("href", ""))
        if tag == "form" and at.get("method", "").lower() == "post" and self.form is None:
            self.form, self._inside = Form(at.get("action", "")), True
        chosen = at.get("type") not in ("checkbox", "radio") or "checked" in at
        if tag == "input" and self._inside and self.form and chosen and "disabled" not in at:
            self.form.values.append((at.get("name", ""), at.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


@dataclass(frozen=True)
class Step:
    """One step: what was seen, and whether that is as expected."""

    name: str
    held: bool
    seen: str


def run(running: Running) -> list[Step]:
    """Run all steps, also after one that failed."""
    steps = []
    api = httpx2.Client(
        base_url=f"{running.service}/api/sym/v2", headers={"x-api-key": running.secret_key}, timeout=30, trust_env=False
    )
    with api:
        for name, step in _steps(running, api):
            try:
                steps.append(Step(name, True, step()))
            except Exception as error:  # whatever goes wrong is that step's row
                steps.append(Step(name, False, f"{type(error).__name__}: {error}"))
    return steps


def _steps(running: Running, api: httpx2.Client) -> list[tuple[str, Callable[[], str]]]:
    brand = f"/brands/{running.brand_id}/connections"
    steps: list[tuple[str, Callable[[], str]]] = []
    for platform in running.places:
        at = f"{brand}/{platform}"
        steps += [
            (f"connect {platform}", lambda platform=platform: _connect(running, api, platform)),  # type: ignore[misc]
            (f"verify {platform}", lambda at=at: _verify(api, at)),  # type: ignore[misc]
            (f"read the token of {platform}", lambda at=at: _read(api, at)),  # type: ignore[misc]
            (f"renew {platform}", lambda at=at: _renew(api, at)),  # type: ignore[misc]
        ]
    steps.append(("look the brand up", lambda: _look_up(running, api)))
    steps += [(f"disconnect {name}", lambda at=f"{brand}/{name}": _disconnect(api, at)) for name in running.places]  # type: ignore[misc]
    return steps


def _data(response: httpx2.Response, status: int = 200) -> Any:
    body = response.json()
    if response.status_code != status or body.get("success") is not (status < 400):
        raise DoesNotHold(f"HTTP {response.status_code} {body.get('error', body)}")
    return body.get("data")


def _connect(running: Running, api: httpx2.Client, platform: str) -> str:
    """The owner's way: link, consent page, "is this the right account?", done."""
    ask = {"brandId": running.brand_id, "name": "Demo Brand", "adPlatforms": [platform]}
    session = _data(api.post("/connect-sessions", json=ask))
    with httpx2.Client(follow_redirects=True, timeout=30, trust_env=False) as browser:
        page = browser.get(session["url"])
        consent = browser.get(urljoin(str(page.url), _way_on(page, platform)))
        confirm = _approve(browser, consent)
        done = _submit(browser, confirm, ("answer", "yes"))
    if "is connected" not in done.text:
        raise DoesNotHold("the last page does not say that the brand is connected")
    connection = _data(api.get(f"/brands/{running.brand_id}/connections/{platform}"))
    if connection["status"] not in ("connected", "expiring"):
        raise DoesNotHold(f"status {connection['status']}")
    return f"{connection['status']} as {connection['identity']['name']}, {connection['adAccounts']} ad accounts"


def _approve(browser: httpx2.Client, consent: httpx2.Response) -> httpx2.Response:
    """Our page after the platform's: some platforms ask for one thing more, such as a passkey."""
    page = consent
    for _ in range(3):
        page = _submit(browser, page, ("_sandbox", "approve"))
        if page.url.netloc != consent.url.netloc:
            return page
    raise DoesNotHold(f"{page.url.path} asks again and again")


def _way_on(page: httpx2.Response, platform: str) -> str:
    links = [link for link in _parsed(page).links if f"/oauth/{platform}/" in link]
    if not links:
        raise DoesNotHold(f"{page.url.path} holds no way on to {platform}")
    return links[0]


def _parsed(page: httpx2.Response) -> _Page:
    if page.status_code != 200:
        raise DoesNotHold(f"{page.url.path} answered HTTP {page.status_code}")
    parsed = _Page()
    parsed.feed(page.text)
    return parsed


def _submit(browser: httpx2.Client, page: httpx2.Response, button: tuple[str, str]) -> httpx2.Response:
    form = _parsed(page).form
    if form is None:
        raise DoesNotHold(f"{page.url.path} holds no form to submit")
    fields: dict[str, list[str]] = {}
    for name, value in [*form.values, button]:
        fields.setdefault(name, []).append(value)
    return browser.post(urljoin(str(page.url), form.action), data=fields)


def _verify(api: httpx2.Client, at: str) -> str:
    data = _data(api.post(f"{at}/verify"))
    if data["connection"]["status"] not in ("connected", "expiring"):
        raise DoesNotHold(f"status {data['connection']['status']}")
    return f"the platform says {data['connection']['status']}"


def _read(api: httpx2.Client, at: str) -> str:
    data = _data(api.get(f"{at}/token"))
    if not data["accessToken"]:
        raise DoesNotHold("an empty token")
    return f"ends {data['expiresAt'] or 'never'}, {len(data['adAccounts'])} ad accounts"


def _renew(api: httpx2.Client, at: str) -> str:
    before = _data(api.get(f"{at}/token"))["accessToken"]
    data = _data(api.post(f"{at}/renew"))
    after = _data(api.get(f"{at}/token"))["accessToken"]
    return f"{data['message']}; the token is {'another' if after != before else 'the same'}"


def _look_up(running: Running, api: httpx2.Client) -> str:
    data = _data(api.get("/brands", params={"brandId": running.brand_id}))
    names = [connection["adPlatform"] for connection in data["connections"]]
    if data["id"] != running.brand_id or sorted(names) != sorted(running.places):
        raise DoesNotHold(f"brand {data['id']} with {names}")
    return f"brand {data['id']} is connected to {' and '.join(names)}"


def _disconnect(api: httpx2.Client, at: str) -> str:
    receipt = _data(api.delete(at))["receipt"]
    if receipt["upstream"] not in ("revoked", "not_offered"):
        raise DoesNotHold(f"upstream {receipt['upstream']}")
    if api.get(f"{at}/token").status_code != 404:
        raise DoesNotHold("the token is still served")
    return f"{receipt['upstream'].replace('_', ' ')} at the platform, {receipt['here']} here"
