"""What clients send that is not in the tutorials: content types, many ids, old and new versions, unknown paths."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from symphony_connect.platforms import meta
from tests.platforms.meta.client import APP_ID, APP_TOKEN, SECRET, Client, proof, refused

VERSIONS = [
    row["version"] for row in json.loads((Path(meta.__file__).parent / "versions.json").read_text())["versions"]
]
ADA, BEA = "10200000000000001", "10200000000000003"


@pytest.fixture
def new_app(client: Client) -> Client:
    client.sandbox.control("settings", {"meta.new_app": True})
    return client


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("body", [b"", b"  "])
def test_a_content_type_may_come_without_a_body(client: Client, method: str, body: bytes) -> None:
    path = {"GET": "me", "DELETE": "me/permissions/email", "POST": "me"}[method]
    params = {"access_token": client.issue(scopes=["email"])}
    headers = {"content-type": "application/json"}
    answer = client.http.request(method, f"/v26.0/{path}", params=params, headers=headers, content=body)
    assert (answer.status_code == 200) is (method != "POST")
    assert "Invalid parameter" not in answer.text


def test_the_preflight_of_a_page_is_answered(client: Client) -> None:
    asks = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    asks["Access-Control-Request-Headers"] = "content-type"
    answer = client.http.options("/v26.0/me", headers=asks)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "content-type"


@pytest.mark.parametrize("root", ["/", "/v26.0/", "/v26.0"])
def test_several_nodes_are_read_by_their_ids(client: Client, root: str) -> None:
    token = client.issue()
    account = client.get("me/adaccounts", token).json()["data"][0]["id"]
    answer = client.http.get(root, params={"ids": f"{ADA},{account}", "fields": "name", "access_token": token})
    assert {key: value["id"] for key, value in answer.json().items()} == {ADA: ADA, account: account}
    foreign = client.http.get(root, params={"ids": f"{ADA},{BEA}", "access_token": token})
    assert refused(foreign) == (400, 100, 33)


def test_the_control_room_is_where_nothing_is_asked_for(client: Client) -> None:
    for path in ("/", "/?platform=meta"):
        assert client.http.get(path).headers["content-type"].startswith("text/html")
    assert refused(client.http.get("/?ids=1")) == (400, 104, None)


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/v26.0/", {"ids": ADA}),
        ("GET", "/v26.0/me", {"method": "delete"}),
        ("POST", "/v26.0/me", {"method": "get"}),
        ("GET", "/v26.0/me", {"fields": "name.as(title)"}),
        ("GET", "/v26.0/me", {"callback": "show"}),
    ],
)
def test_a_new_app_has_no_old_ways(new_app: Client, method: str, path: str, params: dict[str, str]) -> None:
    token = {"access_token": new_app.issue()}
    assert refused(new_app.http.request(method, path, params=params | token)) == (400, 100, None)
    new_app.sandbox.control("settings", {"meta.new_app": False})
    assert new_app.http.request(method, path, params=params | token).status_code in (200, 400)
    assert new_app.get("me", **token).status_code == 200


def test_a_get_may_say_that_it_is_a_delete(client: Client) -> None:
    token = client.issue(scopes=["email"])
    answer = client.get("me/permissions/email", token, method="delete")
    assert answer.json() == {"success": True}
    assert {"permission": "email", "status": "declined"} in client.get("me/permissions", token).json()["data"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_the_data_file_answers(client: Client, version: str) -> None:
    answer = client.http.get(f"/{version}/me", params={"access_token": client.issue()})
    assert answer.headers["facebook-api-version"] == version
    assert client.http.get(f"/{version}/dialog/oauth").status_code == 400


def test_a_version_that_has_ended_is_answered_by_the_next(client: Client) -> None:
    client.sandbox.advance("1000d")
    answer = client.http.get("/v21.0/me/adaccounts", params={"access_token": client.issue()})
    assert answer.headers["facebook-api-version"] > "v24.0"
    assert "x-ad-api-version-warning" in answer.headers or answer.headers["facebook-api-version"] >= "v26.0"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/nonsense", "/nonsense/edge", "/favicon.txt"])
def test_unknown_root_paths_are_answered_by_the_graph(client: Client, method: str, path: str) -> None:
    answer = client.http.request(method, path)
    assert refused(answer) == (400, 2500, None)
    assert answer.json()["error"]["message"] == f"Unknown path components: {path}"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/v26.0/me", "/me", "/nonsense", "/v26.0/oauth/access_token"])
def test_a_verb_that_meta_does_not_have_is_answered_by_the_graph(client: Client, method: str, path: str) -> None:
    answer = client.http.request(method, path, params={"access_token": client.issue()})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] in ("GraphMethodException", "OAuthException")


def test_a_name_that_nothing_has_is_an_unknown_alias(client: Client) -> None:
    answer = client.get("nonsense", client.issue())
    assert refused(answer) == (404, 803, None)
    assert answer.json()["error"]["message"] == "(#803) Some of the aliases you requested do not exist: nonsense"
    assert refused(client.get("123456", client.issue())) == (400, 100, 33)


@pytest.mark.parametrize("path", ["/v26.0/campaigns", "/campaigns"])
def test_an_edge_of_several_nodes(client: Client, path: str) -> None:
    params = {"access_token": client.issue(), "ids": "act_210000000100001,act_210000000100002"}
    rows = client.http.get(path, params=params).json()
    assert rows == {"act_210000000100001": {"data": []}, "act_210000000100002": {"data": []}}


@pytest.mark.parametrize(
    ("path", "ids", "words"),
    [
        ("", "", "Cannot specify an empty identifier"),
        ("me/adaccounts", "me", 'Invalid token: "me".  An ID has already been specified.'),
    ],
)
def test_ids_that_cannot_be_meant(client: Client, path: str, ids: str, words: str) -> None:
    answer = client.get(path, client.issue(), ids=ids)
    assert refused(answer) == (400, 2500, None)
    assert answer.json()["error"]["message"] == words


def test_a_request_that_names_no_object(client: Client) -> None:
    answer = client.get("", client.issue())
    assert refused(answer) == (400, 100, None)
    assert answer.json()["error"]["message"].startswith("Unsupported get request. Please read")


@pytest.mark.parametrize(
    ("kind", "body"),
    [("multipart/form-data", b""), ("application/json", b"null"), ("multipart/form-data; boundary=x", b"")],
)
def test_a_content_type_without_a_body_is_ignored(client: Client, kind: str, body: bytes) -> None:
    params = {"access_token": client.issue()}
    answer = client.http.request("GET", "/v26.0/me", params=params, content=body, headers={"Content-Type": kind})
    assert answer.json()["name"] == "Ada Lark"


def test_a_form_that_cannot_be_read_is_refused_by_the_graph(client: Client) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    answer = client.http.post("/v26.0/me", content=b"--x", headers=headers)
    assert refused(answer) == (400, 100, None)
    page = client.http.post("/v26.0/dialog/oauth", params=client.usual, content=b"--x", headers=headers)
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("version", "answered"), [("v2.12", "v21.0"), ("v3.0", "v21.0"), ("v3.3", "v21.0")])
def test_versions_of_long_ago_are_answered_by_the_oldest(client: Client, version: str, answered: str) -> None:
    answer = client.http.get(f"/{version}/me", params={"access_token": client.issue()})
    assert (answer.status_code, answer.headers["facebook-api-version"]) == (200, answered)


def test_one_permission_is_asked_for_by_name(client: Client) -> None:
    token = client.issue("partial")
    row = {"permission": "ads_read", "status": "granted"}
    assert client.get("me/permissions/ads_read", token).json() == {"data": [row]}
    assert client.get("me/permissions", token, permission="ads_read").json() == {"data": [row]}
    declined = client.get("me/permissions", token, status="declined").json()["data"]
    assert {each["status"] for each in declined} == {"declined"}


def test_a_system_user_gets_tokens_and_gives_back_none_of_its_permissions(client: Client) -> None:
    token = client.issue("business", kind="system_user")
    me = client.get("me", token, fields="client_business_id").json()
    form = {"access_token": token, "business_app": APP_ID, "scope": "ads_read"}
    fresh = client.http.post(f"/v26.0/{me['id']}/access_tokens", data=form).json()["access_token"]
    assert fresh != token
    business = f"/v26.0/{me['client_business_id']}/system_user_access_tokens"
    assert (
        client.http.post(business, data={"access_token": token, "fetch_only": "true"}).json()["access_token"] == token
    )
    sixty = {"access_token": token, "set_token_expires_in_60_days": "true"}
    ends = client.http.post(business, data=sixty).json()["access_token"]
    seen = client.get("debug_token", APP_TOKEN, input_token=ends).json()["data"]
    assert (seen["type"], seen["expires_at"] > 0) == ("SYSTEM_USER", True)
    refusal = client.http.delete("/v26.0/me/permissions", params={"access_token": token})
    assert refused(refusal) == (400, 100, 33)


@pytest.mark.parametrize("proto", ["https", "http"])
def test_the_next_page_is_where_the_caller_came_from(client: Client, proto: str) -> None:
    client.sandbox.control("people", {"name": "many", "adAccounts": 30})
    headers = {"X-Forwarded-Proto": proto, "Host": "graph.example"}
    params = {"access_token": client.issue("many")}
    answer = client.http.get("/v26.0/me/adaccounts", params=params, headers=headers)
    following = urlsplit(answer.json()["paging"]["next"])
    assert (following.scheme, following.netloc) == (proto, "graph.example")
    assert parse_qs(following.query)["after"]


def test_inspection_is_a_get(client: Client) -> None:
    answer = client.http.post("/v26.0/debug_token", data={"input_token": client.issue(), "access_token": APP_TOKEN})
    assert refused(answer) == (400, 100, 33)
    assert "Unsupported post request" in answer.json()["error"]["message"]
    by_header = {"Authorization": f"Bearer {APP_TOKEN}"}
    found = client.http.get("/v26.0/debug_token", params={"input_token": client.issue()}, headers=by_header)
    assert found.json()["data"]["is_valid"] is True


def test_a_system_users_token_cannot_inspect_itself(client: Client) -> None:
    token = client.issue("business", kind="system_user")
    answer = client.get("debug_token", token, input_token=token, appsecret_proof=proof(token, SECRET))
    assert refused(answer) == (400, 100, None)
    assert "You must provide an app access token" in answer.json()["error"]["message"]
    person = client.issue()
    assert client.get("debug_token", person, input_token=person).json()["data"]["is_valid"] is True


def test_a_page_without_cors_reads_by_a_script(client: Client) -> None:
    """JSONP: a script reads its answer only with the status 200, so that errors have it too."""
    token = client.issue()
    for used, inside in ((token, '"name":"Ada Lark"'), ("nonsense", '"code":190')):
        answer = client.get("me", used, callback="app.read")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/javascript; charset=UTF-8"
        assert answer.text.startswith("/**/ app.read({")
        assert answer.text.endswith("});")
        assert inside in answer.text
    assert client.get("me", token, callback="alert(1)//").headers["content-type"].startswith("application/json")
