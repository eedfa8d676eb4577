"""The login dialog: every way in, every way out."""

from __future__ import annotations

import re
from html import unescape

import httpx2
import pytest

from tests.platforms.meta.client import SCOPE, Client, sent_back
from tests.tools.sandbox import CALLBACK


@pytest.mark.parametrize("path", ["/dialog/oauth", "/v26.0/dialog/oauth", "/v21.0/dialog/oauth/", "/v3.2/dialog/oauth"])
def test_approval_sends_code_and_state_back_and_ends_as_facebook_does(client: Client, path: str) -> None:
    answer = client.dialog(path, _sandbox="approve", state="a b&c=d")
    assert sent_back(answer)["state"] == "a b&c=d"
    assert answer.headers["location"].endswith("#_=_")
    assert client.exchange(sent_back(answer)["code"]).status_code == 200


def test_denial_reads_as_facebook_words_it(client: Client) -> None:
    answer = client.dialog(_sandbox="deny")
    assert sent_back(answer) == {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
        "state": "s1",
    }
    assert "error_description=Permissions+error" in answer.headers["location"]


def test_an_error_of_the_app_comes_back_without_error(client: Client) -> None:
    fields = sent_back(client.dialog(_sandbox="error"))
    assert set(fields) == {"error_code", "error_message", "state"}


def test_closing_sends_nobody_back(client: Client) -> None:
    answer = client.dialog(_sandbox="close")
    assert answer.status_code == 200
    assert "close.js" in answer.text
    assert "without an answer" in answer.text


def test_the_token_flow_answers_in_the_fragment(client: Client) -> None:
    answer = client.dialog(_sandbox="approve", response_type="token", return_scopes="true")
    location = answer.headers["location"]
    assert location.startswith(f"{CALLBACK}#")
    fields = sent_back(answer)
    assert int(fields["expires_in"]) <= 7_200
    assert int(fields["data_access_expiration_time"]) > int(fields["expires_in"])
    assert fields["granted_scopes"].split(",") == ["public_profile", *SCOPE.split(",")]
    assert fields["denied_scopes"] == ""
    assert client.get("me", fields["access_token"]).json()["name"] == "Ada Lark"


def test_code_and_token_together(client: Client) -> None:
    fields = client.approve(response_type="code token")
    assert client.exchange(fields["code"]).status_code == 200
    assert client.get("me", fields["access_token"]).status_code == 200


def test_scopes_may_be_separated_by_commas_or_spaces(client: Client) -> None:
    for scope in ("ads_read,email", "ads_read email", "ads_read, email"):
        fields = client.approve(scope=scope, response_type="code granted_scopes")
        assert {"ads_read", "email"} <= set(fields["granted_scopes"].split(","))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"redirect_uri": "https://elsewhere.example/cb"}, "URL Blocked"),
        ({"redirect_uri": "http://127.0.0.1.elsewhere.example/cb"}, "URL Blocked"),
        ({"redirect_uri": "javascript:alert(1)"}, "URL Blocked"),
        ({"redirect_uri": ""}, "URL Blocked"),
        ({"redirect_uri": "http://[::1"}, "URL Blocked"),
        ({"client_id": "1234"}, "Invalid App ID"),
        ({"scope": "ads_read,everything"}, "Invalid Scopes: everything"),
        ({"response_type": "id"}, "Invalid response_type"),
        ({"_sandbox_person": "nobody"}, "called “nobody”"),
    ],
)
def test_what_cannot_be_answered_is_a_page_and_no_redirect(client: Client, params: dict[str, str], words: str) -> None:
    answer = client.dialog(**{"_sandbox": "approve", **params})
    assert answer.status_code == 400
    assert words in answer.text
    assert "location" not in answer.headers


def test_a_version_that_does_not_exist_has_no_dialog(client: Client) -> None:
    assert client.dialog("/v99.0/dialog/oauth", _sandbox="approve").status_code == 400


def test_the_redirect_uri_may_be_encoded_twice(client: Client) -> None:
    answer = client.dialog(_sandbox="approve", redirect_uri="http%3A%2F%2F127.0.0.1%3A9%2Fcallback")
    assert answer.headers["location"].startswith(f"{CALLBACK}?code=")
    assert client.exchange(sent_back(answer)["code"]).status_code == 200


def test_a_query_of_the_callback_is_kept(client: Client) -> None:
    answer = client.dialog(_sandbox="approve", redirect_uri="http://localhost:9/cb?brand=7")
    assert re.match(r"http://localhost:9/cb\?brand=7&code=AQ", answer.headers["location"])


def test_pages_cannot_be_made_to_hold_script(client: Client) -> None:
    answer = client.dialog(state='"><script>alert(1)</script>', scope="ads_read,<b>")
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def form_of(page: httpx2.Response) -> dict[str, list[str]]:
    """What the consent form would post as it stands."""
    boxes = re.findall(r'<input type="checkbox" name="(\w+)" value="([^"]+)" checked>', page.text)
    person = re.findall(r'<input type="hidden" name="(_sandbox_person)" value="([^"]+)">', page.text)
    found: dict[str, list[str]] = {}
    for name, value in boxes + person:
        found.setdefault(name, []).append(unescape(value))
    return found


def test_the_form_posts_what_is_ticked(client: Client) -> None:
    page = client.dialog(_sandbox_person="ada", response_type="code granted_scopes")
    form = form_of(page)
    assert len(form["account"]) == 2
    form["permission"].remove("ads_management")
    form["account"].pop()
    answer = client.http.post(str(page.url), data={**form, "_sandbox": "approve"})
    fields = sent_back(answer)
    assert fields["denied_scopes"] == "ads_management"
    token = client.exchange(fields["code"]).json()["access_token"]
    assert [row["account_id"] for row in client.get("me/adaccounts", token).json()["data"]] == form["account"]
    granular = {row["scope"]: row.get("target_ids") for row in client.debug(token)["granular_scopes"]}
    assert granular["ads_read"] == form["account"]


def test_the_form_can_deny_and_close(client: Client) -> None:
    page = client.dialog()
    assert sent_back(client.http.post(str(page.url), data={"_sandbox": "deny"}))["error"] == "access_denied"
    assert "close.js" in client.http.post(str(page.url), data={"_sandbox": "close"}).text


def test_switching_person_keeps_the_request(client: Client) -> None:
    page = client.dialog(state="keep me")
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text.partition("Switch")[0]))
    other = client.http.get("/v26.0/dialog/oauth", params={**kept, "_sandbox_person": "business"})
    assert 'name="_sandbox_person" value="business"' in other.text
    assert sent_back(client.http.post(str(other.url), data={"_sandbox": "approve"}))["state"] == "keep me"


def test_partial_declines_at_first_and_agrees_when_asked_again(client: Client) -> None:
    first = client.approve("partial", response_type="code granted_scopes")
    assert "ads_management" in first["denied_scopes"].split(",")
    assert "ads_read" in first["granted_scopes"].split(",")
    again = client.approve("partial", response_type="code granted_scopes")
    assert "ads_management" in again["denied_scopes"].split(",")
    asked = client.approve("partial", response_type="code granted_scopes", auth_type="rerequest")
    assert asked["denied_scopes"] == ""


def test_what_was_declined_is_not_asked_again_without_rerequest(client: Client) -> None:
    client.approve("partial")
    assert 'value="ads_management"' not in client.dialog(_sandbox_person="partial").text
    assert 'value="ads_management"' in client.dialog(_sandbox_person="partial", auth_type="rerequest").text


def test_unticking_an_account_on_reconnect_takes_it_from_the_earlier_token_too(client: Client) -> None:
    token = client.signed_in()
    both = [row["account_id"] for row in client.get("me/adaccounts", token).json()["data"]]
    client.approve(account=both[0])
    assert [row["account_id"] for row in client.get("me/adaccounts", token).json()["data"]] == both[:1]


def test_a_configuration_is_all_or_none(client: Client) -> None:
    page = client.dialog(config_id="200000000000001", scope="", _sandbox_person="partial")
    assert " disabled>" in page.text
    fields = client.approve("partial", config_id="200000000000001", scope="", response_type="code granted_scopes")
    assert fields["denied_scopes"] == ""
    assert "ads_management" in fields["granted_scopes"]


def test_a_configuration_for_system_users_issues_a_token_that_never_ends(client: Client) -> None:
    code = client.code("business", config_id="200000000000002", scope="", override_default_response_type="true")
    answer = client.exchange(code).json()
    assert "expires_in" not in answer
    data = client.debug(answer["access_token"])
    assert (data["type"], data["expires_at"]) == ("SYSTEM_USER", 0)
    me = client.get("me", answer["access_token"], fields="client_business_id").json()
    assert me["client_business_id"]


@pytest.mark.parametrize("how", ["parameter", "switch"])
def test_the_opener_can_be_severed(client: Client, how: str) -> None:
    assert "cross-origin-opener-policy" not in client.dialog().headers
    if how == "switch":
        client.sandbox.control("settings", {"coop": True})
    answer = client.dialog(**({"_sandbox_coop": "1"} if how == "parameter" else {}))
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


def test_a_page_that_is_not_ticked_is_seen_through_its_business_without_its_token(client: Client) -> None:
    person = client.sandbox.newcomer(pages=2, businesses=1)
    shown = client.dialog(_sandbox_person=person, scope="pages_show_list,business_management")
    pages = re.findall(r'name="page" value="(\d+)" checked', shown.text)
    assert len(pages) == 2
    scope = "pages_show_list,business_management,instagram_basic"
    answer = client.dialog(_sandbox="approve", _sandbox_person=person, scope=scope, page=pages[0])
    token = client.exchange(sent_back(answer)["code"]).json()["access_token"]
    assert [row["id"] for row in client.get("me/accounts", token).json()["data"]] == pages[:1]
    business = client.get("me/businesses", token).json()["data"][0]["id"]
    owned = client.get(f"{business}/owned_pages", token, fields="id,access_token").json()["data"]
    assert [(row["id"], "access_token" in row) for row in owned] == [(pages[0], True), (pages[1], False)]
    assert client.get(f"{pages[1]}/instagram_accounts", token).json()["error"]["code"] == 10
