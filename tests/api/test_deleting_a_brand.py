"""`DELETE /brands`: nothing that was sealed for the brand is left, and nothing can connect it again."""

from __future__ import annotations

from tests.api.conftest import Api
from tests.api.test_browsers import popup, register
from tests.platforms.chosen import ANY, OTHER
from tests.tools.owner import Owner
from tests.tools.rows import rows as stored


def rows(api: Api, table: str) -> list[tuple[object, ...]]:
    return stored(api.service.env["SYMPHONY_DATABASE_URL"], table)[table]


def delete(api: Api, brand: int) -> None:
    answer = api.send("DELETE", f"/brands?brandId={brand}")
    assert answer.status_code == 200, answer.text


def test_a_handed_over_token_goes_with_its_brand(stored_api: Api) -> None:
    api, brand = stored_api, stored_api.brand()
    key = api.new_key(publishable=True)
    kept = popup(api, key, api.sandbox.newcomer())["accessToken"]
    before = len(rows(api, "handed_over"))
    token = popup(api, key, api.sandbox.newcomer())["accessToken"]
    assert register(api, key, brand, token).status_code == 200
    assert len(rows(api, "handed_over")) == before + 1
    delete(api, brand)
    assert len(rows(api, "handed_over")) == before
    api.refused(register(api, key, brand, token), 403, "token_not_issued_here")
    assert register(api, key, api.brand(), kept).status_code == 200, "another brand's token is left alone"


def test_links_and_unfinished_sign_ins_end_with_the_brand(stored_api: Api) -> None:
    api, brand = stored_api, stored_api.connected(ANY, stored_api.sandbox.newcomer())
    ask = {"brandId": brand, "adPlatforms": [OTHER]}
    link = api.send("POST", "/connect-sessions", json=ask).json()["data"]["url"]
    with Owner() as owner:
        question = owner.sign_in(owner.start_link(link, OTHER), "ada")
        assert "<form" in question.text
        flows = len(rows(api, "flows"))
        delete(api, brand)
        assert len(rows(api, "flows")) == flows - 1
        owner.submit(question, answer="yes")
        assert owner.visit(link).status_code == 410
    assert api.send("GET", f"/brands?brandId={brand}").status_code == 404
