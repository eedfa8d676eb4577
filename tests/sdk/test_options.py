"""What a caller may pass, and the manners of callbacks and Promise."""

from __future__ import annotations

import pytest

from tests.sdk.conftest import ShopFactory
from tests.sdk.stub import CONNECT_RESULT, FIRST, LOGIN, OTHER_LOGIN, StubService
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser

INVALID = [
    f"connect({{platform: '{FIRST}', ...callbacks}})",
    f"connect({{token: '', platform: '{FIRST}', ...callbacks}})",
    f"connect({{token: 7, platform: '{FIRST}', ...callbacks}})",
    "connect({token: 't1', ...callbacks})",
    "connect({token: 't1', platform: 'Two Words', ...callbacks})",
    "connect({token: 't1', platform: null, ...callbacks})",
    f"{LOGIN}({{onSuccess: 7, onError: callbacks.onError}})",
]


@pytest.mark.parametrize("call", INVALID)
def test_bad_options_are_an_invalid_request_and_open_nothing(shop: ShopFactory, stub: StubService, call: str) -> None:
    page = shop()
    page.prepare(f"SymphonyConnect.{call}")
    page.page.click("#go")
    assert page.settled() == [["error", "invalid_request", True]]
    assert len(page.page.context.pages) == 1
    assert stub.flows == {}


MISSPELT = {
    f"{LOGIN}({{onsuccess: callbacks.onSuccess, onError: callbacks.onError}})": "Did you mean onSuccess?",
    f"{LOGIN}({{...callbacks, scopes: 'x'}})": "Options: onSuccess, onError, scope, authType.",
    f"{OTHER_LOGIN}({{...callbacks, scope: 'x'}})": "scope is not an option.",
    f"connect({{...callbacks, token: 't1', Platform: '{FIRST}'}})": "Did you mean platform?",
}


@pytest.mark.parametrize("call", MISSPELT)
def test_a_misspelt_option_is_an_error_and_said_on_the_console(shop: ShopFactory, stub: StubService, call: str) -> None:
    page = shop()
    said: list[str] = []
    page.page.on("console", lambda message: said.append(message.text))
    page.prepare(f"SymphonyConnect.{call}")
    page.page.click("#go")
    assert page.settled() == [["error", "invalid_request", True]]
    assert len(said) == 1
    assert said[0].startswith("SymphonyConnect: ")
    assert MISSPELT[call] in said[0]
    assert stub.flows == {}


@pytest.mark.parametrize("options", ["", "null", f"'{FIRST}'", "7"])
@pytest.mark.parametrize("function", [LOGIN, OTHER_LOGIN, "connect"])
def test_options_that_are_no_object_reject(shop: ShopFactory, function: str, options: str) -> None:
    code = shop().page.evaluate(f"SymphonyConnect.{function}({options}).catch((error) => error.code)")
    assert code == "invalid_request"


def test_without_callbacks_the_promise_tells(shop: ShopFactory, platform: StubService) -> None:
    page = shop()
    popup = page.run(f"window.promise = SymphonyConnect.connect({{token: 't1', platform: '{FIRST}'}})")
    popup.click("#approve")
    assert page.page.evaluate("promise") == CONNECT_RESULT


def test_without_callbacks_a_failure_is_not_swallowed(
    shop: ShopFactory, platform: StubService, watched_page: Watched
) -> None:
    page = shop("crossorigin")  # without it, browsers keep another origin's rejections to themselves
    page.run(f"SymphonyConnect.connect({{token: 't1', platform: '{FIRST}'}})").click("#deny")
    assert page.outcome() == [["unhandled", "access_denied"]]
    watched_page.page_errors.clear()


def test_with_callbacks_the_promise_tells_too(shop: ShopFactory, platform: StubService) -> None:
    page = shop("crossorigin")
    popup = page.run(f"window.promise = SymphonyConnect.connect({{token: 't1', platform: '{FIRST}', ...callbacks}})")
    popup.click("#deny")
    assert page.settled() == [["error", "access_denied", True]]
    assert page.page.evaluate("promise.catch((error) => error.code)") == "access_denied"


@pytest.mark.parametrize(("answer", "callback"), [("approve", "onSuccess"), ("deny", "onError")])
def test_a_callback_that_throws_is_the_pages_error_and_calls_no_other(
    shop: ShopFactory, platform: StubService, answer: str, callback: str, watched_page: Watched
) -> None:
    page = shop()
    throwing = f"{callback}: () => {{ seen.push(['{callback}']); throw new Error('mine'); }}"
    page.run(f"SymphonyConnect.connect({{token: 't1', platform: '{FIRST}', ...callbacks, {throwing}}})").click(
        f"#{answer}"
    )
    page.page.wait_for_function("seen.length === 2")
    assert page.settled() == [[callback], ["thrown", "Uncaught Error: mine"]]
    watched_page.page_errors.clear()


def test_nothing_is_called_before_the_function_has_returned(shop: ShopFactory) -> None:
    page = shop()
    page.page.evaluate("() => { SymphonyConnect.connect(callbacks); seen.push(['returned']); }")
    page.page.wait_for_function("seen.length === 2")
    assert [line[0] for line in page.seen()] == ["returned", "error"]


def test_the_global_is_frozen_and_alone(shop: ShopFactory) -> None:
    page = shop().page
    assert page.evaluate("Object.isFrozen(SymphonyConnect)")
    assert page.evaluate("Object.keys(SymphonyConnect)") == [LOGIN, OTHER_LOGIN, "connect"]
    fresh = "Object.keys(document.querySelector('iframe').contentWindow)"
    own = page.evaluate(f"Object.keys(window).filter((name) => !{fresh}.includes(name))")
    assert own == ["0", "SymphonyConnect"], "0 is the frame's"
