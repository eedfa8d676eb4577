"""A brand's owner: a browser's cookies, redirects and forms over plain HTTP, without the browser."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx2


class Page(HTMLParser):
    """The links of a page, and its first POST form as it stands."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__()
        self.url = str(answer.url)
        self.links: list[str] = []
        self.action: str | None = None
        self.fields: dict[str, list[str]] = {}
        self._inside = False
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(urljoin(self.url, at.get("href", "")))
        elif tag == "form" and at.get("method", "").lower() == "post" and self.action is None:
            self.action, self._inside = urljoin(self.url, at.get("action", "")), True
        elif tag == "input" and self._inside and (at.get("type") != "checkbox" or "checked" in at):
            self.fields.setdefault(at["name"], []).append(at.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


class Owner:
    """One browser. Every method takes one step, so that a test may leave one out or take it twice."""

    def __init__(self) -> None:
        self.http = httpx2.Client(timeout=20, trust_env=False)

    def __enter__(self) -> Owner:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def start_link(self, session_url: str, platform: str) -> str:
        """The hosted page's link that leads to the platform."""
        links = Page(self.visit(session_url)).links
        return next(link for link in links if f"/oauth/{platform}/start" in link)

    def begin(self, start: str, **query: str) -> str:
        """The platform's sign-in page that `start` sends this browser to."""
        answer = self.http.get(start, params=query) if query else self.http.get(start)
        assert answer.status_code == 303, f"{start} answered {answer.status_code}: {answer.text[:800]}"
        return str(answer.headers["location"])

    def decide(self, dialog: str, person: str, answer: str = "approve") -> str:
        """Approve or deny there; returns the callback that the platform sends this browser to."""
        reply = self.http.get(f"{dialog}&_sandbox={answer}&_sandbox_person={person}")
        assert reply.is_redirect, f"{dialog} answered {reply.status_code}: {reply.text[:800]}"
        return str(reply.headers["location"])

    def visit(self, url: str) -> httpx2.Response:
        return self.http.get(url, follow_redirects=True)

    def submit(self, page: httpx2.Response, **button: Any) -> httpx2.Response:
        form = Page(page)
        assert form.action, f"{page.url} has no form: {page.text[:800]}"
        return self.http.post(form.action, data={**form.fields, **button}, follow_redirects=True)

    def approve(self, consent: httpx2.Response) -> httpx2.Response:
        """The platform's pages, by their forms, until another site's page follows."""
        page = self.submit(consent, _sandbox="approve")
        while page.url.netloc == consent.url.netloc:
            page = self.submit(page, _sandbox="approve")
        return page

    def sign_in(self, start: str, person: str, answer: str = "approve") -> httpx2.Response:
        """From our start link through the platform to the page that follows."""
        return self.visit(self.decide(self.begin(start), person, answer))

    def connect(self, session_url: str, platform: str, person: str) -> httpx2.Response:
        """The whole way: the link, the platform, "yes, this is the right account"."""
        return self.submit(self.sign_in(self.start_link(session_url, platform), person), answer="yes")
