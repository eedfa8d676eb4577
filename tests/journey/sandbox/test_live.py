"""The room stays current by itself, and leaves its reader in peace."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from symphony_connect.platforms import names
from tests.journey.sandbox.conftest import Room
from tests.tools.wait import wait_until

pytestmark = pytest.mark.browser


def test_new_calls_queue_behind_a_button(room: Room) -> None:
    room.call()
    page = room.open()
    rows = page.locator("#calls tr[data-number]")
    expect(rows).to_have_count(1)
    before = rows.first.bounding_box()
    for _ in range(3):
        room.call()
    expect(page.get_by_role("button", name="3 new ↑")).to_be_visible()
    expect(page).to_have_title("(3) Sandbox control room")
    expect(rows).to_have_count(1)
    assert rows.first.bounding_box() == before, "the list must not jump"
    room.call()
    page.get_by_role("button", name="4 new ↑").click()
    expect(rows).to_have_count(5)
    expect(page.locator("#fresh")).to_be_hidden()
    expect(page).to_have_title("Sandbox control room")
    numbers = [int(row.get_attribute("data-number") or 0) for row in rows.all()]
    assert numbers == sorted(numbers, reverse=True)


def test_the_first_call_shows_at_once(room: Room) -> None:
    page = room.open()
    room.call()
    expect(page.locator("#calls tr[data-number]")).to_have_count(1)


def place_of_consent(room: Room, platform: str) -> str:
    """The consent page's path as the ledger has it: without version and prefix."""
    places: dict[str, str] = room.sandbox.state()["platforms"][platform]["places"]
    path = room.sandbox.dialog(platform)
    return next(place for place in places if path.endswith(place))


def test_a_row_says_how_it_went_by_shape_and_words(room: Room) -> None:
    platform = names()[0]
    title = room.sandbox.state()["platforms"][platform]["title"]
    code, words = list(room.sandbox.state()["platforms"][platform]["errors"].items())[-1]
    room.sandbox.token("ada", platform)
    room.sandbox.fault(platform, "http:503")
    room.call()
    room.sandbox.fault(platform, f"{platform}:{code}")
    room.call()
    page = room.open(f"/?platform={platform}")
    pills = page.locator("#calls .pill")
    assert [(pill.get_attribute("class") or "").split()[-1] for pill in pills.all()] == ["warn", "bad", "ok", "ok"]
    refused, broken, exchanged, consented = page.locator("#calls tr[data-number]").all()
    expect(refused).to_contain_text(f"{code.partition('/')[0]}")
    expect(refused).to_contain_text(words.rstrip("."))
    expect(broken).to_contain_text("503")
    expect(broken).to_contain_text("Service Unavailable, fault #")
    expect(exchanged).to_contain_text("token exchange, ada")
    expect(consented).to_contain_text(place_of_consent(room, platform))
    assert page.locator("nav[aria-label=Platform] [aria-current]").inner_text() == title


def test_a_call_that_waits_is_answered_in_its_place(room: Room) -> None:
    platform = names()[0]
    room.sandbox.control("faults", {"platform": platform, "delayMs": 3000})
    page = room.open()
    page.evaluate("path => { fetch(path) }", room.sandbox.dialog(platform))
    expect(page.locator("#calls .pill.wait")).to_have_count(1)
    expect(page.locator("#calls .pill.wait")).to_have_count(0)
    expect(page.locator("#calls tr[data-number]")).to_have_count(1)


def test_the_ledger_of_one_platform(room: Room) -> None:
    for platform in names():
        room.call(platform)
    page = room.open()
    expect(page.locator("#calls tr[data-number]")).to_have_count(len(names()))
    page.get_by_role("link", name=room.sandbox.state()["platforms"][names()[-1]]["title"], exact=True).click()
    expect(page.locator("#calls tr[data-number]")).to_have_count(1)
    expect(page.locator("#calls tr[data-number]")).to_contain_text(place_of_consent(room, names()[-1]))


def test_what_others_do_shows_and_takes_no_focus(room: Room) -> None:
    page = room.open()
    own_value = page.get_by_label("or by")
    own_value.fill("7d")
    room.sandbox.fault(names()[0], "http:500")
    room.sandbox.control("people", {"name": "newcomer"})
    room.sandbox.control("settings", {"coop": True})
    room.sandbox.control("tokens", {"platform": names()[0], "person": "ada"})
    room.sandbox.advance("2d")
    expect(page.locator("#armed li")).to_have_count(1)
    expect(page.locator("#person-newcomer")).to_have_count(1)
    expect(page.get_by_role("switch", name="Consent pages")).to_be_checked()
    expect(page.locator("#sum-ada")).to_contain_text("1 grant")
    expect(page.locator("#offset")).to_contain_text("and 2 d")
    expect(own_value).to_be_focused()
    expect(own_value).to_have_value("7d")


def test_a_reset_by_others_empties_the_list(room: Room) -> None:
    room.call()
    page = room.open()
    room.sandbox.control("reset")
    expect(page.locator("#calls")).to_contain_text("No calls yet")


def test_the_room_is_locked_while_the_clock_advances(room: Room) -> None:
    page = room.open()
    held: list[Route] = []
    page.route("**/_sandbox/clock", lambda route: held.append(route))
    page.get_by_role("button", name="+61 d").click()
    expect(page.get_by_role("status")).to_have_text("Advancing…")
    assert page.locator("button:not([aria-disabled=true])").count() == 0
    page.get_by_role("button", name="Arm", exact=True).click(force=True)
    page.get_by_role("button", name="Reset everything").click(force=True)
    page.get_by_role("button", name="+61 d").press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert len(held) == 1
    assert room.sandbox.state()["faults"] == []
    held[0].continue_()
    expect(page.get_by_role("status")).to_contain_text("advanced by 61d")
    expect(page.locator("button[aria-disabled]")).to_have_count(0)
    expect(page.get_by_role("button", name="+61 d")).to_be_focused()


def test_it_says_when_the_sandbox_is_gone_and_when_it_is_back(room: Room) -> None:
    page = room.open()
    page.context.set_offline(True)
    expect(page.locator("#pulse")).to_contain_text("No answer since")
    page.get_by_role("button", name="+1 h").click()
    expect(page.get_by_role("status")).to_have_text("The sandbox does not answer.")
    page.context.set_offline(False)
    expect(page.locator("#pulse")).to_have_text("Live")


def test_it_asks_every_two_seconds_and_seldom_when_nobody_looks(room: Room) -> None:
    page = room.page
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.resource_type == "fetch" else None)
    page.goto(room.sandbox.url)

    def seconds_until_asked() -> int:
        before = len(asked)
        for seconds in range(60):
            if len(asked) > before:
                return seconds
            page.clock.run_for(1_000)
        raise AssertionError("it asks no more")

    expect(page.locator("#pulse")).to_have_text("Live")
    # The page's clock runs on while a busy machine answers, so far fewer than 30 is what can be told.
    assert seconds_until_asked() < 28
    assert seconds_until_asked() < 28
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    wait_until(lambda: len(asked) == 4, what="the look on leaving")
    assert seconds_until_asked() >= 25


def test_request_and_answer_stand_on_a_row_and_failures_alone(room: Room) -> None:
    platform = names()[0]
    token = room.sandbox.token("ada", platform)["access_token"]
    page = room.open()
    rows = page.locator("#calls tr[data-number]")
    expect(rows).to_have_count(2)
    exchange = rows.first
    exchange.locator("summary").click()
    expect(exchange.locator("dl")).to_contain_text("code")
    expect(exchange.locator("pre")).to_contain_text("access_token")
    assert token not in page.content()
    room.sandbox.fault(platform, "http:503")
    room.call()
    expect(page.get_by_role("button", name="1 new ↑")).to_be_visible()
    expect(exchange.locator("pre")).to_be_visible()
    page.get_by_role("button", name="1 new ↑").click()
    expect(rows.nth(1).locator("pre")).to_be_visible()
    page.get_by_role("link", name="Failed only").click()
    expect(rows).to_have_count(1)
    expect(rows.locator(".pill")).to_contain_text("503")
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.querySelector('#calls tr[data-number]').getBoundingClientRect().top") < 780
