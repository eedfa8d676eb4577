"""The code that an owner reads out leads an operator to the sign-in."""

from __future__ import annotations

import json
import re

import httpx2
import pytest

from tests.api.conftest import Api
from tests.api.test_signin import link
from tests.platforms.chosen import ANY
from tests.tools.owner import Owner
from tests.tools.service import WORKSPACE


def failed(api: Api, brand: int) -> str:
    """An owner says no; returns the code that the page shows."""
    with Owner() as owner:
        page = owner.visit(owner.decide(owner.begin(link(api, brand, ANY)), "ada", "deny"))
    code = re.search(r"<code[^>]*>([0-9A-Za-z]{6})</code>", page.text)
    assert code, page.text
    return code[1]


def test_a_code_is_found(api: Api) -> None:
    brand = api.brand()
    code = failed(api, brand)
    for spelt in (code, code.swapcase(), f" {code} "):
        (found,) = json.loads(api.service.cli("flow", spelt, "--json").stdout)
        assert found["id"].endswith(code)
        assert (found["brandId"], found["adPlatform"], found["errorCode"]) == (brand, ANY, "access_denied")
    assert str(brand) in api.service.cli("flow", code).stdout


def test_a_failed_sign_in_is_found_for_a_week(api: Api) -> None:
    code = failed(api, api.brand())
    api.sandbox.advance("6d")
    failed(api, api.brand())
    assert api.service.cli("flow", code, "--json").stdout
    api.sandbox.advance("2d")
    failed(api, api.brand())
    gone = api.service.cli("flow", code, check=False)
    assert (gone.returncode, "no sign-in" in gone.stderr) == (1, True)


@pytest.mark.parametrize("code", ["", "ab", "%%%%%%", "a b c d", "_____"])
def test_what_is_no_code(api: Api, code: str) -> None:
    assert api.service.cli("flow", code, check=False).returncode == 2


def test_the_dashboard_finds_it_too_in_its_own_workspace(api: Api) -> None:
    brand = api.brand()
    code = failed(api, brand)
    for workspace, seen in ((WORKSPACE, True), ("another", False)):
        api.new_key(workspace=workspace)
        entrance = api.service.cli("dashboard-link", "--workspace", workspace, "--json")
        with httpx2.Client(follow_redirects=True, trust_env=False) as visitor:
            inside = visitor.get(json.loads(entrance.stdout)["url"])
            csrf = re.search(r'name="csrf" value="([^"]+)"', inside.text)
            assert csrf, inside.text
            visitor.post(str(inside.url), data={"csrf": csrf[1]}, headers={"origin": api.service.url})
            pages = [visitor.get(f"{api.service.url}/dashboard{at}", params={"q": code}) for at in ("", "/brands")]
        for page in pages:
            assert page.status_code == 200, page.text
            assert (f'Sign-in <span class="mono">{code}</span>' in page.text) is seen
            assert ("access_denied" in page.text) is seen
            assert (f'<a href="/dashboard?q={brand}#connections">' in page.text) is seen
