"""Every state that an owner may meet, and how to get there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

from playwright.sync_api import Page

from tests.journey.connect.stage import OTHER, PLATFORM, RETURN, Stage, answer, go
from tests.platforms import contract

Reach = Callable[[Stage, Page], None]
STATES: dict[str, Reach] = {}


def state(reach: Reach) -> Reach:
    STATES[reach.__name__.replace("_", "-")] = reach
    return reach


def to_dialog(stage: Stage, page: Page, **ask: object) -> None:
    page.goto(stage.link(**ask))  # type: ignore[arg-type]
    go(page)


@state
def consent(stage: Stage, page: Page) -> None:
    page.goto(stage.link())


@state
def consent_two_platforms(stage: Stage, page: Page) -> None:
    page.goto(stage.link([PLATFORM, OTHER]))


@state
def consent_again(stage: Stage, page: Page) -> None:
    page.goto(stage.link(brand=stage.connected()))


@state
def waiting(stage: Stage, page: Page) -> None:
    page.goto(stage.link())
    with page.expect_popup():
        page.locator("[data-window]").click()


@state
def blocked(stage: Stage, page: Page) -> None:
    """The owner closes the window, and the browser will not open it a second time."""
    page.goto(stage.link())
    with page.expect_popup() as popup:
        page.locator("[data-window]").click()
    popup.value.close()
    page.evaluate("window.open = () => null")
    page.locator("[data-show]").click()


@state
def denied(stage: Stage, page: Page) -> None:
    to_dialog(stage, page, redirectUrl=RETURN)
    answer(page, button="Cancel")


@state
def declined(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    answer(page)
    page.locator("[value=no]").click()


@state
def no_ad_account(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    answer(page, "noaccounts")


@state
def partial(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    answer(page, "partial")


@state
def partial_account_lost(stage: Stage, page: Page) -> None:
    to_dialog(stage, page, brand=stage.connected())
    answer(page, untick=("Ada Lark 2",))


@state
def wrong_identity(stage: Stage, page: Page) -> None:
    to_dialog(stage, page, brand=stage.connected())
    answer(page, "business")


@state
def no_permission(stage: Stage, page: Page) -> None:
    person = stage.newcomer()
    to_dialog(stage, page)
    page.goto(f"{page.url}&_sandbox_person={person}")
    page.locator("[name=permission]").first.wait_for()
    for box in page.locator("[name=permission]").all():
        box.uncheck()
    answer(page)


@state
def platform_failed(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    stage.sandbox.fault(PLATFORM, "http:503", path=contract.rules(PLATFORM).EXCHANGE, times=9)
    answer(page)
    stage.sandbox.client.delete("/_sandbox/faults")


@state
def timeout(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    answer(page)
    stage.sandbox.advance("11m")
    page.reload()


@state
def over(stage: Stage, page: Page) -> None:
    """Back from the platform in a browser that did not begin."""
    to_dialog(stage, page)
    page.context.clear_cookies(name="symphony-browser")
    answer(page)


@state
def expired(stage: Stage, page: Page) -> None:
    link = stage.link(expiresIn=60, redirectUrl=RETURN)
    stage.sandbox.advance("61s")
    page.goto(link)


@state
def ended(stage: Stage, page: Page) -> None:
    made = stage.session({"brandId": stage.brand(), "adPlatforms": [PLATFORM]})
    assert stage.service.client.delete(f"/api/sym/v2/connect-sessions/{made['id']}").is_success
    page.goto(made["url"])


@state
def unknown_link(stage: Stage, page: Page) -> None:
    page.goto(stage.link()[:-3])


@state
def picker(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    answer(page, stage.newcomer(adAccounts=3))


@state
def picker_many(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    answer(page, stage.newcomer(adAccounts=60, businesses=3))


@state
def picker_assets(stage: Stage, page: Page) -> None:
    """Many Pages by which the brand may advertise, and some that were not shared."""
    to_dialog(stage, page)
    answer(page, stage.newcomer(pages=12, unshared=2, businesses=2))


@state
def picker_none_ticked(stage: Stage, page: Page) -> None:
    picker(stage, page)
    page.locator("[name=account]").first.wait_for()
    for box in page.locator("[name=account]").all():
        box.uncheck()
    page.locator("[value=yes]").click()


@state
def one_account(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    answer(page, "disabled")


@state
def accounts_unlisted(stage: Stage, page: Page) -> None:
    to_dialog(stage, page)
    stage.sandbox.fault(PLATFORM, "http:503", path="me/adaccounts", times=9)
    answer(page)
    stage.sandbox.client.delete("/_sandbox/faults")


@state
def connected(stage: Stage, page: Page) -> None:
    to_dialog(stage, page, redirectUrl=RETURN)
    answer(page)
    page.locator("[value=yes]").click()


@state
def connected_first_of_two(stage: Stage, page: Page) -> None:
    to_dialog(stage, page, platforms=[PLATFORM, OTHER])
    answer(page)
    page.locator("[value=yes]").click()


@state
def opened_again(stage: Stage, page: Page) -> None:
    """The link, once all of it is done."""
    link = stage.link(redirectUrl=RETURN)
    page.goto(link)
    go(page)
    answer(page)
    page.locator("[value=yes]").click()
    page.goto(link)


@state
def end_of_a_severed_window(stage: Stage, page: Page) -> None:
    page.goto(stage.link())
    href = page.locator("[data-window]").get_attribute("href")
    page.goto(urljoin(page.url, f"{href}&nonce={'n' * 20}{stage.brand():08}"))
    answer(page)


@state
def not_ready(stage: Stage, page: Page) -> None:
    """A page that is not allowed to begins a sign-in."""
    page.goto(f"{stage.service.url}/oauth/{PLATFORM}/start?origin=https://stranger.example&nonce={'n' * 30}")
