"""A sign-in that goes wrong: whose fault it is, and a page with a way on."""

from __future__ import annotations

import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.conftest import Api
from tests.api.test_signin import link, platform
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.owner import Owner

__all__ = ["platform"]


@pytest.mark.parametrize(
    "words", ["error_description=two%0Alines", "error_description=caf%E9", "error_description=%EF%BF%BD"]
)
def test_a_callback_with_odd_words_ends_the_sign_in_with_a_page(api: Api, platform: str, words: str) -> None:
    start = link(api, api.brand(), platform)
    with Owner() as owner:
        dialog = owner.begin(start)
        state = parse_qs(urlsplit(dialog).query)["state"][0]
        url = f"{api.service.url}/oauth/{platform}/callback?state={state}&error=access_denied&{words}"
        page = owner.visit(url)
        assert page.headers["content-type"].startswith("text/html")
        assert "did not give access" in page.text


@pytest.mark.parametrize("platform", contract.all_having("APP_REFUSED"))
def test_a_refused_app_is_told_to_the_operator_and_not_blamed_on_the_owner(api: Api, platform: str) -> None:
    start = link(api, api.brand(), platform)
    refusal = contract.rules(platform).APP_REFUSED
    with Owner() as owner:
        callback = owner.decide(owner.begin(start), "ada")
        api.sandbox.fault(platform, refusal, times=1000)
        page = owner.visit(callback)
        api.sandbox.calm()
    assert "For the operator" in page.text
    assert "within a minute" not in page.text
    output = [line for line in api.service.log_text().splitlines() if "signin.failed" in line]
    assert "not_configured" in output[-1]
    assert "error" in output[-1]


def test_a_sign_in_at_another_host_name_than_the_public_one_says_so(api: Api, platform: str) -> None:
    start = link(api, api.brand(), platform)
    other = start.replace("127.0.0.1", "localhost")
    assert other != start
    with Owner() as owner:
        page = owner.http.get(other)
    assert page.status_code == 400
    assert "http://localhost" in page.text
    assert api.service.url in page.text


@pytest.mark.parametrize("answer", ["approve", "deny"])
def test_a_browser_that_left_its_page_finds_a_way_back(api: Api, answer: str) -> None:
    """Browsers inside other apps navigate where others open a window; `popup.js` shows the way when it is alone."""
    origin = "http://localhost:3000"
    query = {"origin": origin, "nonce": secrets.token_urlsafe(24), "key": api.new_key(publishable=True)}
    with Owner() as owner:
        page = owner.visit(owner.decide(owner.begin(f"{api.service.url}/oauth/{ANY}/start", **query), "ada", answer))
    assert re.search(rf'data-when="alone" hidden><a [^>]*href="{origin}"', page.text)
