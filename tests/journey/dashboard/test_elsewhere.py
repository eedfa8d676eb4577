"""Brands, events, keys and the settings check; and what the dashboard says when nobody is at work."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ServiceFactory
from tests.journey.dashboard import visit
from tests.journey.dashboard.conftest import Desk
from tests.journey.dashboard.seed import Seed, many
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import shown
from tests.tools.sandbox import Sandbox
from tests.tools.wait import wait_until

NAME = shown(ANY)

pytestmark = pytest.mark.browser


def test_a_key_leaves_once_in_no_page_and_stops_when_revoked(desk: Desk, inside: Page) -> None:
    inside.goto(f"{desk.home}/keys")
    inside.get_by_label("Name").fill("campaign code")
    assert inside.locator("[name=scope]:checked").count() == 0
    expect(inside.get_by_label("brands:read")).to_be_hidden()
    inside.get_by_role("radio", name="Custom").check()
    inside.get_by_label("brands:read").check()
    inside.get_by_label("Expires").select_option("In 90 days")
    inside.get_by_role("button", name="Create key").click()
    expect(inside.get_by_role("heading", name="Your new key is ready")).to_be_focused()
    key = saved(inside)
    row = inside.locator(".keys tbody tr").filter(has_text="campaign code")
    expect(row).to_have_count(1)
    assert key not in inside.content()

    def status(path: str) -> int:
        headers = {"x-api-key": key}
        return httpx2.get(f"{desk.service.url}/api/sym/v2{path}", headers=headers, trust_env=False).status_code

    expect(row).to_contain_text("not yet")
    assert status("/brands") == 200
    assert status(f"/brands/1/connections/{ANY}/token") == 403

    def seen_used() -> bool:
        """Written within a second of the use."""
        inside.reload()
        return bool(re.fullmatch(r"\d+ \w{3}", row.locator("[data-label='Last used']").inner_text().splitlines()[-1]))

    wait_until(seen_used, what="the last use of the key to be shown")
    expect(row).to_contain_text("See brands, connections and ad accounts")
    row.locator("summary").click()
    row.get_by_role("button", name="Revoke campaign code").click()
    expect(inside.locator(".keys tbody tr").filter(has_text="campaign code")).to_contain_text("revoked")
    assert status("/brands") == 401


def saved(page: Page) -> str:
    with page.expect_download() as file:
        page.get_by_role("button", name="Save as a file").click()
    assert re.fullmatch(r"key_\w+\.txt", file.value.suggested_filename)
    return file.value.path().read_text(encoding="ascii").removesuffix("\n")


def test_a_key_goes_to_the_clipboard(desk: Desk, opened: Callable[..., Page]) -> None:
    page = desk.enter(opened(permissions=["clipboard-read", "clipboard-write"]))
    page.goto(f"{desk.home}/keys")
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("button", name="Copy key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"sym_sk_\w+", key)
    assert key == saved(page)


def test_without_scripts_a_key_comes_as_a_file(desk: Desk, opened: Callable[..., Page]) -> None:
    page = desk.enter(opened(java_script_enabled=False))
    page.goto(f"{desk.home}/keys")
    with page.expect_download() as file:
        page.get_by_role("button", name="Create key").click()
    assert re.fullmatch(r"sym_sk_\w+\n", file.value.path().read_text(encoding="ascii"))


def test_whoever_leaves_without_a_new_key_is_asked(desk: Desk, inside: Page) -> None:
    inside.goto(f"{desk.home}/keys")
    inside.get_by_role("button", name="Create key").click()
    expect(inside.locator("#made")).to_be_visible()
    asked: list[str] = []
    inside.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    inside.goto(f"{desk.home}/brands")
    assert asked == ["beforeunload"]


def test_a_key_that_nobody_has_yet_gives_way_to_no_other(desk: Desk, inside: Page) -> None:
    inside.goto(f"{desk.home}/keys")
    inside.get_by_role("button", name="Create key").click()
    heading = inside.get_by_role("heading", name="Your new key is ready")
    expect(heading).to_be_focused()
    rows = inside.locator(".keys tbody tr")
    expect(rows).to_have_count(1)
    inside.locator("summary", has_text="Create a key").click()
    inside.get_by_role("button", name="Create key").click()
    expect(heading).to_be_focused()
    inside.reload()
    expect(rows).to_have_count(1)


def test_a_publishable_key_takes_origins_and_no_scopes(desk: Desk, inside: Page) -> None:
    inside.goto(f"{desk.home}/keys")
    inside.get_by_role("radio", name="Publishable").check()
    inside.get_by_label("Web pages it works on").fill("https://shop.example/")
    inside.get_by_role("button", name="Create key").click()
    expect(inside.get_by_role("alert").filter(has_text="An origin looks exactly like")).to_be_visible()
    inside.get_by_label("Web pages it works on").fill("https://shop.example")
    inside.get_by_role("button", name="Create key").click()
    assert saved(inside).startswith("sym_pk_")
    expect(inside.get_by_role("alert").filter(has_text="An origin")).to_have_count(0)
    expect(inside.locator(".keys tbody tr").first).to_contain_text("https://shop.example")


def test_brands_are_listed_with_their_connections(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(7, name="Harbor Coffee"), Seed(7, OTHER, "Harbor Coffee", "expiring"), *many(110)])
    inside.goto(f"{desk.home}/brands")
    first = inside.locator(".brands tbody tr").first
    expect(first.locator(".badge")).to_have_count(2)
    expect(inside.locator(".brands tbody tr")).to_have_count(50)
    inside.get_by_role("link", name="Next page").click()
    expect(inside.locator(".brands tbody tr")).to_have_count(6)
    inside.goto(f"{desk.home}/brands?q=harbor+cof")
    inside.locator(".brands .badge").first.click()
    expect(inside.get_by_role("heading", level=1)).to_have_text(f"Harbor Coffee · {NAME}")


def test_events_tell_what_became_of_connections(desk: Desk, inside: Page) -> None:
    inside.goto(f"{desk.home}/events")
    expect(inside.locator(".nothing")).to_be_visible()
    desk.connect(12_345)
    expect(inside.locator(".timeline")).to_contain_text(f"Northwind Bikes · {NAME} Connected as", timeout=15_000)


def test_the_settings_check_asks_the_platforms_when_told(desk: Desk, inside: Page) -> None:
    inside.goto(f"{desk.home}/settings")
    expect(inside.locator(".steps")).to_contain_text(f"{desk.service.url}/oauth/{ANY}/callback")
    expect(inside.locator(".steps wbr").first, "where an address may break").to_be_attached()
    expect(inside.locator(".steps")).to_contain_text("not checked")
    inside.get_by_role("button", name="Check the platforms").click()
    expect(inside.locator(".steps")).to_contain_text("app id and secret are accepted")


def test_when_no_worker_runs_the_verdict_is_that(
    service: ServiceFactory, sandbox: Sandbox, page: Page, opened: Callable[..., Page]
) -> None:
    alone = service(arguments=["--no-worker"])
    desk = Desk(alone, sandbox, "acme")
    desk.pour([Seed(1)])
    desk.enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not updating")
    expect(page).to_have_title("(!) Connections · Symphony Connect")
    with visit.writing(alone) as connection:
        beat = visit.now(alone) - 90_000
        connection.execute("INSERT INTO heartbeats (process, at) VALUES ('proc_1', ?)", (beat,))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Not updating since \d\d:\d\d$"))
    page.goto(f"{desk.home}/brands")
    expect(page.locator(".note.bad").filter(has_text="No worker is running")).to_be_visible()
    alone.process.kill()
    expect(page.locator("#lost")).to_be_hidden()
    page.goto("about:blank")


def test_when_the_service_is_gone_the_page_says_since_when(
    service: ServiceFactory, sandbox: Sandbox, page: Page
) -> None:
    doomed = service()
    desk = Desk(doomed, sandbox, "acme")
    desk.pour([Seed(1)])
    desk.enter(page)
    expect(page.locator("#live")).to_contain_text("Live")
    doomed.process.kill()
    expect(page.locator("#lost")).to_contain_text(re.compile(r"Not updating since \d\d:\d\d:\d\d UTC"), timeout=30_000)
    expect(page).to_have_title("(!) Connections · Symphony Connect")
    doomed.start()
    expect(page.locator("#lost")).to_be_hidden(timeout=30_000)
    expect(page).to_have_title("Connections · Symphony Connect")


def test_signing_out_and_in_by_key(desk: Desk, inside: Page) -> None:
    inside.locator(".who summary").click()
    inside.get_by_role("button", name="Sign out").click()
    expect(inside.get_by_role("heading", level=1)).to_have_text("Sign in")
    inside.get_by_label("Secret key").fill(desk.key)
    inside.get_by_role("button", name="Sign in").click()
    expect(inside.get_by_role("heading", level=1)).to_have_text("Connect your first brand")
    assert desk.key not in inside.content() + inside.url


def test_the_command_prints_a_link_that_works(desk: Desk, page: Page) -> None:
    link = desk.service.cli("dashboard-link", "--workspace", "acme").stdout.split()[0]
    page.goto(link)
    assert page.url == f"{desk.home}/enter"
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".who summary")).to_have_text("acme")
    assert desk.service.cli("dashboard-link", "--workspace", "nobody", check=False).returncode == 1
