"""Every control of the room does what it says, and its copy for the terminal does the same."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.platforms import names
from tests.journey.sandbox.conftest import Room

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("button", "far"), [("+1 h", HOUR), ("+1 d", DAY), ("+61 d", 61 * DAY)])
def test_the_clock_goes_on(room: Room, button: str, far: int) -> None:
    page = room.open()
    room.press(room.section("Clock").get_by_role("button", name=button, exact=True), "Clock advanced by")
    state = room.sandbox.state()
    assert state["offsetMs"] == far
    expect(page.locator("#now")).to_contain_text(state["time"][:10])


def test_the_clock_goes_on_by_ones_own_value_and_not_back(room: Room) -> None:
    page = room.open()
    clock = room.section("Clock")
    clock.get_by_label("or by").fill("1d12h")
    room.press(clock.get_by_role("button", name="Advance"), "advanced by 1d12h")
    assert room.sandbox.state()["offsetMs"] == 36 * HOUR
    expect(page.locator("#offset")).to_contain_text("and 1 d 12 h")
    clock.get_by_label("or by").fill("-1d")
    room.press(clock.get_by_role("button", name="Advance"), "such as 61d")
    assert room.sandbox.state()["offsetMs"] == 36 * HOUR
    again = room.copied(clock.get_by_role("button", name="Copy as curl"))
    assert "error" in room.run(again)


@pytest.mark.parametrize("platform", names())
def test_a_fault_is_a_sentence(room: Room, platform: str) -> None:
    page = room.open()
    known = room.sandbox.state()["platforms"][platform]
    code, words = list(known["errors"].items())[-1]
    path, place = list(known["places"].items())[-1]
    faults = room.section("Faults")
    faults.get_by_label("Next").fill("3")
    faults.get_by_label("calls to").select_option(label=f"{known['title']} {place}")
    faults.get_by_label("answer", exact=True).select_option(label=f"{code} {words}")
    faults.get_by_label("and", exact=True).select_option("after")
    expected = {"platform": platform, "path": path, "times": 3, "error": f"{platform}:{code}", "when": "after"}
    command = room.copied(faults.get_by_role("button", name="Copy as curl: arm a fault"))
    assert expected.items() <= room.run(command)["faults"][0].items()
    room.press(faults.get_by_role("button", name="Arm", exact=True), f"Armed: the next 3 calls to {known['title']}")
    [_, second] = room.sandbox.state()["faults"]
    assert expected.items() <= second.items()
    expect(page.locator("#armed li")).to_have_count(2)
    expect(page.locator("#armed li").nth(1)).to_contain_text(re.compile(rf"{re.escape(place)}.*3 left"))


def test_an_answer_of_ones_own_for_some_calls_only(room: Room) -> None:
    page = room.open()
    page.locator("summary", has_text="An answer of your own").click()
    page.get_by_label("Status", exact=True).fill("418")
    page.get_by_label("Body, JSON or text").fill('{"odd": [1, "two"]}')
    page.get_by_label("Headers, one a line").fill("X-Odd: yes: it is\nRetry-After: 7\n")
    page.get_by_label("Only calls with these parameters").fill("after=a=b")
    page.get_by_label("Only this call of a batch").fill("2")
    expected = {
        "answer": {"status": 418, "body": {"odd": [1, "two"]}, "headers": {"X-Odd": "yes: it is", "Retry-After": "7"}},
        "error": None,
        "query": {"after": "a=b"},
        "part": 2,
    }
    command = room.copied(page.get_by_role("button", name="Copy as curl: arm a fault"))
    assert expected.items() <= room.run(command)["faults"][0].items()
    room.press(page.get_by_role("button", name="Arm", exact=True), "answer “418, your own”")
    assert expected.items() <= room.sandbox.state()["faults"][1].items()
    expect(page.locator("#armed li").nth(1)).to_contain_text(
        re.compile(r"answers 418 .*only with after=a=b, only call 2 of a batch, 1 left")
    )
    page.get_by_label("Body, JSON or text").fill("not {JSON")
    for label in ("Status", "Headers, one a line", "Only calls with these parameters", "Only this call of a batch"):
        page.get_by_label(label).fill("")
    room.press(page.get_by_role("button", name="Arm", exact=True), "answer “200, your own”")
    assert room.sandbox.state()["faults"][2]["answer"]["body"] == "not {JSON"


def test_only_the_errors_of_the_platform_called_can_be_chosen(room: Room) -> None:
    page = room.open()
    for platform in names():
        page.get_by_label("calls to").select_option(
            label=f"{room.sandbox.state()['platforms'][platform]['title']}, any"
        )
        open_groups = page.locator("#answer optgroup[data-platform]:not([disabled])")
        assert [group.get_attribute("data-platform") for group in open_groups.all()] == [platform]


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ("429 throttled", {"error": "http:429"}),
        ("slow: as usual, 3 s late", {"error": None, "delayMs": 3000}),
        (re.compile("^truncate"), {"error": "truncate"}),
        (re.compile("^reset"), {"error": "reset"}),
        (re.compile("^timeout"), {"error": "timeout"}),
    ],
)
def test_what_can_go_wrong_on_the_way(room: Room, label: str | re.Pattern[str], fault: dict[str, object]) -> None:
    page = room.open()
    text = page.locator("#answer option").filter(has_text=label).first.inner_text()
    page.get_by_label("answer", exact=True).select_option(label=text)
    room.press(page.get_by_role("button", name="Arm", exact=True), "Armed")
    [armed] = room.sandbox.state()["faults"]
    assert fault.items() <= armed.items()


def test_one_fault_is_disarmed_and_the_other_stays(room: Room) -> None:
    for error in ("http:500", "http:502", "http:503"):
        room.sandbox.fault(names()[0], error)
    first, second, third = (fault["number"] for fault in room.sandbox.state()["faults"])
    page = room.open()
    room.press(page.get_by_role("button", name=f"Disarm #{second}", exact=True), f"Fault #{second} is disarmed")
    assert [fault["number"] for fault in room.sandbox.state()["faults"]] == [first, third]
    left = room.run(room.copied(page.get_by_role("button", name=f"Copy as curl: disarm #{third}")))
    assert [fault["number"] for fault in left["faults"]] == [first]
    room.press(page.get_by_role("button", name=f"Disarm #{first}", exact=True), "is disarmed")
    expect(page.locator("#armed")).to_have_text("No faults armed.")
    expect(page.locator("#armed"), "the focus stays near where it was").to_be_focused()


@pytest.mark.parametrize("platform", names())
def test_something_happens_to_a_person(room: Room, platform: str) -> None:
    room.sandbox.control("tokens", {"platform": platform, "person": "ada"})
    page = room.open()
    grants = page.locator(f"#has-ada-{platform} .grants li")
    expect(grants).to_contain_text(re.compile(r"(ends \d{4}-|no end)"))
    form = room.person("ada", platform)
    form.get_by_label("What happens").select_option("change-password")
    command = room.copied(form.get_by_role("button", name="Copy as curl"))
    assert room.sandbox.state()["people"][0]["platforms"][platform]["grants"][0]["tokens"] == 1, "copying does nothing"
    room.press(form.get_by_role("button", name="Do it"), "Change password.")
    assert room.sandbox.state()["people"][0]["platforms"][platform]["grants"][0]["tokens"] == 0
    expect(grants).to_contain_text(re.compile("no token works|over"))
    assert room.run(command)["name"] == "ada"


@pytest.mark.parametrize("platform", names())
def test_every_action_of_a_platform_is_there_with_its_words(room: Room, platform: str) -> None:
    room.open()
    form = room.person("ada", platform)
    for action, words in room.sandbox.state()["platforms"][platform]["actions"].items():
        form.get_by_label("What happens").select_option(action)
        expect(form.locator(".hint")).to_have_text(words.replace("`", ""))
        room.press(form.get_by_role("button", name="Do it"), "Ada Lark")
        expect(room.page.get_by_role("status")).to_have_class("ok")


@pytest.mark.parametrize("platform", names())
def test_an_action_can_be_narrowed_to_one_ad_account(room: Room, platform: str) -> None:
    room.open()
    accounts = room.sandbox.state()["people"][0]["platforms"][platform]["adAccounts"]
    form = room.person("ada", platform)
    form.get_by_label("What happens").select_option("disable-account")
    form.get_by_label("Where").select_option(label=f"ad account: {accounts[1]['name']}")
    room.press(form.get_by_role("button", name="Do it"), "Disable account")
    after = room.sandbox.state()["people"][0]["platforms"][platform]["adAccounts"]
    assert after[0] == accounts[0]
    assert after[1]["status"] != accounts[1]["status"]


def test_switches_turn_and_say_what_they_do(room: Room) -> None:
    page = room.open()
    for name, words in room.sandbox.state()["switchWords"].items():
        switch = page.get_by_role("switch", name=words)
        command = room.copied(page.get_by_role("button", name=f"Copy as curl: turn {name} on"))
        room.press(switch, f"{name} is on")
        assert room.sandbox.state()["switches"][name] is True
        expect(switch).to_be_checked()
        expect(switch).to_be_focused()
        room.press(switch, f"{name} is off")
        assert room.sandbox.state()["switches"][name] is False
        assert room.run(command)[name] is True


def test_a_person_is_made(room: Room) -> None:
    page = room.open()
    page.get_by_text("Add a person").click()
    page.get_by_label("Name, as in a link").fill("brand-7")
    page.get_by_label("Called").fill("Brand “Seven’s” & O'Hara")
    page.get_by_label("Ad accounts").fill("7")
    page.get_by_label("Grants only some permissions").check()
    command = room.copied(page.get_by_role("button", name="Copy as curl: add a person"))
    room.press(page.get_by_role("button", name="Add", exact=True), "Brand “Seven’s” & O'Hara (brand-7) was added")
    newcomer = room.sandbox.state()["people"][-1]
    traits = {"title": "Brand “Seven’s” & O'Hara", "adAccounts": 7, "partial": True, "disabled": False}
    assert traits.items() <= newcomer.items()
    expect(page.locator("#person-brand-7 summary")).to_contain_text("7 ad accounts, ticks only some permissions")
    expect(page.get_by_label("Name, as in a link")).to_have_value("")
    assert "already" in room.run(command)["error"]


def test_reset_asks_first(room: Room) -> None:
    room.sandbox.control("people", {"name": "newcomer"})
    room.call()
    room.sandbox.advance("1d")
    page = room.open()
    page.get_by_role("button", name="Reset everything").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert len(room.sandbox.state()["people"]) == 6
    page.get_by_role("button", name="Reset everything").click()
    room.press(page.get_by_role("button", name="Reset", exact=True), "Everything was reset")
    state = room.sandbox.state()
    assert len(state["people"]) == 5
    assert state["offsetMs"] == DAY, "the clock only when asked"
    expect(page.locator("#person-newcomer")).to_have_count(0)
    expect(page.locator("#calls")).to_contain_text("No calls yet")
    page.get_by_role("button", name="Reset everything").click()
    page.get_by_label("The clock too").check()
    command = room.copied(page.get_by_role("button", name="Copy as curl: reset everything"))
    room.press(page.get_by_role("button", name="Reset", exact=True), "Everything was reset")
    assert room.sandbox.state()["offsetMs"] == 0
    room.sandbox.advance("1d")
    assert room.run(command)["offsetMs"] == 0


def test_what_was_done_can_be_copied_afterwards(room: Room) -> None:
    page = room.open()
    room.press(page.get_by_role("button", name="+61 d"), "advanced by 61d")
    command = room.copied(page.get_by_role("button", name="Copy as curl", exact=True))
    assert room.run(command)["offsetMs"] == 122 * DAY
