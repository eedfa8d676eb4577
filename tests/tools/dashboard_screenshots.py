"""Part of `make screenshots`: the dashboard's pages, phone and desktop, light and dark, for people to look at."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.journey.dashboard import example, seed, visit
from tests.platforms.chosen import LASTING, ROTATING
from tests.tools import chromium
from tests.tools.pictures import README, picture
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service


def connection(brand_id: int, platform: str = LASTING, more: str = "") -> str:
    return f"/connections/{seed.Seed(brand_id, platform).id}{more}"


VIEWS = {
    "home": "",
    "search": "?q=cedar",
    "table": "?table=true",
    "brands": "/brands",
    "sorted": "?sort=brand&page=2",
    "overdue": "?lane=overdue",
    "events": "/events",
    "narrowed": "/events?kind=connection.put_off",
    "keys": "/keys",
    "settings": "/settings",
    "connection": connection(12_345),
    "lost": connection(20_417),
    "receipt": connection(18_002, ROTATING),
    "disconnect": connection(12_345, more="/disconnect"),
    "nothing": "/nowhere",
}


def link_made(page: Page) -> None:
    page.locator("summary").filter(has_text="Connect a brand").click()
    page.get_by_label("Brand id").fill("12345")
    page.get_by_role("button", name="Create connect link").click()


def key_made(page: Page) -> None:
    page.locator("summary").filter(has_text="Create a key").click()
    page.get_by_label("Name", exact=True).fill("campaign code")
    page.get_by_label("Read only: sees everything except tokens").check()
    page.locator("summary").filter(has_text="Narrow it").click()
    page.get_by_label("Only these brands").fill("12345, 20417")
    page.get_by_role("button", name="Create key").click()
    page.locator("#made").wait_for()


DEEDS: dict[str, tuple[str, Callable[[Page], None]]] = {"link": ("/brands", link_made), "key": ("/keys", key_made)}


def main(names: Sequence[str]) -> None:
    """Names of views narrow it."""
    wanted = set(names) or {*VIEWS, *DEEDS, "signin", "enter", "empty"}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        sandbox, service = Sandbox(Path(folder)), None
        browser = chromium.launch(playwright)
        try:
            sandbox.start()
            (Path(folder) / "service").mkdir()
            service = Service(sandbox, Path(folder) / "service")
            assert service.secret_key
            service.start()
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            take(page, service, wanted)
        finally:
            browser.close()
            if service:
                service.close()
            sandbox.close()


def take(page: Page, service: Service, wanted: set[str]) -> None:
    base = f"{service.url}/dashboard"
    for name, url in (("signin", f"{base}/sign-in"), ("enter", visit.new_link(service))):
        page.goto(url)
        if name in wanted:
            picture(page, f"dashboard-{name}")
    visit.enter(page, service)
    if "empty" in wanted:
        picture(page, "dashboard-empty")
    now = visit.now(service)
    seed.pour(service.data_dir / "symphony.db", example.workspace(now), now)
    for name, path in VIEWS.items():
        if name in wanted:
            page.goto(base + path)
            picture(page, f"dashboard-{name}", (1440, README / "dashboard.png") if name == "home" else None)
    for name, (path, do) in DEEDS.items():
        if name in wanted:
            page.set_viewport_size({"width": 1440, "height": 1000})
            page.goto(base + path)
            do(page)
            picture(page, f"dashboard-{name}")


if __name__ == "__main__":
    main(sys.argv[1:])
