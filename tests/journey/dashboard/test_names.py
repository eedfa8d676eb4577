"""A name in Arabic stays apart from the words beside it, on every page that shows one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import httpx2
import pytest

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.sandbox.consent import TEMPLATES
from symphony_connect.web.pages import templates
from tests.journey.dashboard.conftest import Desk
from tests.journey.dashboard.seed import Seed
from tests.journey.dashboard.visit import Door, door_of, new_key, new_link
from tests.platforms.chosen import ANY
from tests.tools.owner import Owner
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

NAME = "متجر الدراجات"
ARABIC = re.compile("[\u0600-\u06ff]")
ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
UNSEEN = {
    "value",
    "data-pulse",
    "data-key",
    "for",
    "form",
    "href",
    "action",
    "content",
    "data-copy",
    "data-symphony",
    "name",
    "id",
}
"""Attributes that nobody reads, or that hold nothing but a name."""
STORY = Seed(7_001, ANY, NAME, "expiring", "token_ends_soon", person=NAME, ends=5 * DAY, tag="names")
STORY.events = [
    (-2 * DAY, "connection.connected", "connect page cs_1", {"identity": {"name": NAME}}),
    (-HOUR, "connection.put_off", "worker", {"platform_error": {"code": "1", "message": NAME}}),
]


class Reader(HTMLParser):
    """Collects the names of a page that turn round what stands beside them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loose: list[str] = []
        self.seen = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "link", "br", "img", "path", "rect", "line", "circle", "use", "wbr"):
            self.open.append(tag)
        self.loose += [f"{tag} {name}={value}" for name, value in attrs if name not in UNSEEN and turns(value or "")]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if ARABIC.search(data):
            self.seen += 1
            if "bdi" not in self.open and turns(data):
                self.loose.append(f"{' '.join(self.open[-3:])}: {data.strip()}")


def turns(text: str) -> bool:
    return ARABIC.search(ISOLATED.sub("", text)) is not None


@pytest.fixture(scope="module")
def desk(running: Service, shared_sandbox: Sandbox) -> Desk:
    desk = Desk(running, shared_sandbox, f"{NAME} {secrets.token_hex(4)}")
    desk.pour([STORY, Seed(7_002, ANY, NAME, "needs_reconnect", "revoked", person=NAME)])
    new_key(running, workspace=desk.workspace, name=NAME)
    return desk


@pytest.fixture(scope="module")
def door(desk: Desk) -> Iterator[Door]:
    with door_of(desk.service) as door:
        door.enter(workspace=desk.workspace)
        yield door


def at(path: str) -> Callable[[Door, Desk], httpx2.Response]:
    return lambda door, _desk: door.get("/dashboard" + path)


def one(desk: Desk) -> str:
    return f"/connections/{STORY.id.removesuffix('names')}{desk.workspace}"


def entering(door: Door, desk: Desk) -> httpx2.Response:
    door.get(new_link(door.service, desk.workspace))
    return door.get("/dashboard/enter")


def linked(door: Door, _desk: Desk) -> httpx2.Response:
    return door.post("/dashboard/connect-links", "/dashboard/brands", brand_id="7003", name=NAME)


def picked(door: Door, desk: Desk) -> httpx2.Response:
    id = one(desk).removeprefix("/connections/")
    return door.post("/dashboard/selected", "/dashboard", id=id, do="links")


def hooked(path: str) -> Callable[[Door, Desk], httpx2.Response]:
    """A page of webhooks, of an endpoint with a name."""

    def page(door: Door, desk: Desk) -> httpx2.Response:
        made = desk.call("POST", "/webhooks", url="http://127.0.0.1:9/", description=NAME)
        return door.get(f"/dashboard/webhooks{path.format(**made['data'])}")

    return page


DASHBOARD: dict[str, Callable[[Door, Desk], httpx2.Response]] = {
    "home": at(""),
    "home overdue": at("?lane=overdue&table=true"),
    "brands": at("/brands"),
    "events": at(f"/events?brand={NAME}"),
    "keys": at("/keys"),
    "webhooks": hooked(""),
    "webhook": hooked("/{id}"),
    "settings": at("/settings"),
    "connection": lambda door, desk: door.get(f"/dashboard{one(desk)}"),
    "disconnect": lambda door, desk: door.get(f"/dashboard{one(desk)}/disconnect"),
    "enter": entering,
    "link": linked,
    "links": picked,
}
"""By template; the pages that need no sign-in hold no name."""
NAMELESS = {"bits", "frame", "forecast", "renewals", "empty", "link_over", "problem", "sign_in"}
OWNERS = {"connect", "confirm", "partial", "none", "failed", "finished", "gone", "window"}
NAMED_BY_THEIR_FRAME = {"base", "owner", "parts", "working", "trouble", "docs", "deletion"}


def apart(answer: httpx2.Response) -> None:
    assert answer.status_code in (200, 410), answer.text
    reader = Reader(answer.text)
    assert reader.seen, "the page shows no name"
    assert reader.loose == []


@pytest.mark.parametrize("page", DASHBOARD)
def test_names_stay_apart_on_the_dashboard(door: Door, desk: Desk, page: str) -> None:
    apart(DASHBOARD[page](door, desk))


def consent(desk: Desk, owner: Owner, person: str, brand: int) -> tuple[str, httpx2.Response]:
    """A link, and the platform's consent page that it leads to."""
    link = desk.call("POST", "/connect-sessions", brandId=brand, name=NAME, adPlatforms=[ANY])["data"]["url"]
    apart(owner.visit(link))
    return link, owner.visit(f"{owner.begin(owner.start_link(link, ANY))}&_sandbox_person={person}")


def test_names_stay_apart_where_an_owner_signs_in(desk: Desk) -> None:
    person = desk.sandbox.newcomer(title=NAME)
    with Owner() as owner:
        link, page = consent(desk, owner, person, 7_010)
        apart(page)
        question = owner.submit(page, _sandbox="approve")
        apart(question)
        apart(owner.visit(str(question.url).replace("/result/", "/window/")))
        apart(owner.submit(question, answer="yes"))
        apart(owner.visit(link))
    with Owner() as owner:
        again, page = consent(desk, owner, person, 7_010)
        apart(owner.submit(page, _sandbox="deny"))
        other = desk.sandbox.newcomer(title=f"{NAME} 2")
        page = owner.visit(f"{owner.begin(owner.start_link(again, ANY))}&_sandbox_person={other}")
        apart(owner.submit(page, _sandbox="approve"))
    for trait, brand in (({"partial": True}, 7_011), ({"adAccounts": 0}, 7_012)):
        with Owner() as owner:
            _, page = consent(desk, owner, desk.sandbox.newcomer(title=NAME, **trait), brand)
            apart(owner.submit(page, _sandbox="approve"))
    session = desk.call("POST", "/connect-sessions", brandId=7_013, name=NAME)["data"]
    desk.call("DELETE", f"/connect-sessions/{session['id']}")
    with Owner() as owner:
        apart(owner.visit(session["url"]))
    apart(httpx2.get(desk.sandbox.url, trust_env=False))


def test_every_template_is_looked_at() -> None:
    known = {f"dashboard/{name.split()[0]}.html" for name in {*DASHBOARD, *NAMELESS}}
    known |= {f"{name}.html" for name in OWNERS | NAMED_BY_THEIR_FRAME}
    assert set(templates.list_templates(["html"])) == known
    assert set(TEMPLATES.list_templates(["html"])) == {
        *("base.html", "parts.html", "consent.html", "room.html"),
        *("closing.html", "problem.html"),  # They name nobody.
    }


def test_the_reader_sees_a_loose_name() -> None:
    assert Reader(f"<p>{NAME} · Here</p>").loose
    assert Reader(f'<a aria-label="Open {NAME}"></a>').loose
    assert not Reader(f"<title>\u2068{NAME}\u2069 · Here</title><p><bdi>{NAME}</bdi></p>").loose
