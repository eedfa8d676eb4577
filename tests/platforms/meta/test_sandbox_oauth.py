"""The token endpoint: every grant, every way to send it, every refusal."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.platforms.meta.client import APP_ID, APP_TOKEN, OTHER_APP, SECRET, Client, proof, refused
from tests.tools.sandbox import CALLBACK

BASIC = {"Authorization": "Basic " + base64.b64encode(f"{APP_ID}:{SECRET}".encode()).decode()}
PATHS = ["/oauth/access_token", "/v26.0/oauth/access_token", "/v21.0/oauth/access_token/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("way", ["query", "form", "basic"])
def test_a_code_is_exchanged_however_it_is_sent(client: Client, path: str, way: str) -> None:
    fields = {"redirect_uri": CALLBACK, "code": client.code(), "grant_type": "authorization_code"}
    credentials = {"client_id": APP_ID, "client_secret": SECRET}
    if way == "query":
        answer = client.http.get(path, params={**fields, **credentials})
    elif way == "form":
        answer = client.http.post(path, data={**fields, **credentials})
    else:
        answer = client.http.post(path, data=fields, headers=BASIC)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert body["token_type"] == "bearer"
    assert 3_600 <= body["expires_in"] <= 7_200


def test_the_callback_may_be_encoded_or_not(client: Client) -> None:
    encoded = CALLBACK.replace(":", "%3A").replace("/", "%2F")
    assert client.exchange(client.code(), redirect_uri=encoded).status_code == 200


@pytest.mark.parametrize(
    ("params", "expected", "words"),
    [
        ({"client_id": ""}, (400, 101, None), "Missing client_id parameter."),
        ({"client_id": "1"}, (400, 101, None), "Cannot get application info"),
        ({"client_secret": ""}, (400, 1, None), "client_secret"),
        ({"client_secret": "wrong"}, (400, 1, None), "Error validating client secret."),
        ({"redirect_uri": ""}, (400, 191, None), "Missing redirect_uri parameter."),
        ({"redirect_uri": f"{CALLBACK}/"}, (400, 100, 36008), "redirect_uri is identical"),
        ({"code": "garbage"}, (400, 100, None), "Invalid verification code format."),
        ({"code": ""}, (400, 100, None), "code"),
        ({"grant_type": "password"}, (400, 100, None), "grant_type"),
        ({"client_id": OTHER_APP[0], "client_secret": OTHER_APP[1]}, (400, 100, None), "verification code"),
    ],
)
def test_refusals_of_the_exchange(
    client: Client, params: dict[str, str], expected: tuple[int, int, int | None], words: str
) -> None:
    code = client.code()
    answer = client.exchange(**{"code": code, **params})
    assert refused(answer) == expected
    assert words in answer.json()["error"]["message"]
    assert answer.headers["www-authenticate"].startswith('OAuth "Facebook Platform" "invalid_')
    assert client.exchange(code).status_code == 200, "a refused attempt does not spend the code"


def test_a_code_works_once(client: Client) -> None:
    code = client.code()
    token = client.exchange(code).json()["access_token"]
    answer = client.exchange(code)
    assert refused(answer) == (400, 100, 36009)
    assert answer.headers["www-authenticate"] == (
        'OAuth "Facebook Platform" "invalid_code" "This authorization code has been used."'
    )
    assert client.get("me", token).status_code == 200


def test_a_code_lives_ten_minutes(client: Client) -> None:
    early, late = client.code(), client.code()
    client.sandbox.advance("9m")
    assert client.exchange(early).status_code == 200
    client.sandbox.advance("1m")
    assert refused(client.exchange(late)) == (400, 100, 36007)


def test_a_code_dies_with_the_app_removed(client: Client) -> None:
    code = client.code()
    client.sandbox.person("ada", "remove-app", platform="meta")
    assert refused(client.exchange(code)) == (400, 190, 458)


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_pkce_is_verified_when_it_was_begun(client: Client, method: str) -> None:
    verifier = "v" * 43
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    challenge = hashed if method == "S256" else verifier
    code = client.code(code_challenge=challenge, code_challenge_method=method)
    assert refused(client.exchange(code)) == (400, 100, None)
    assert refused(client.exchange(code, code_verifier="w" * 43)) == (400, 100, None)
    assert client.exchange(code, code_verifier=verifier).status_code == 200


def test_a_verifier_nobody_asked_for_is_ignored(client: Client) -> None:
    assert client.exchange(client.code(), code_verifier="v" * 43).status_code == 200


def test_an_app_token_by_client_credentials_and_by_hand(client: Client) -> None:
    answer = client.exchange("", redirect_uri="", grant_type="client_credentials").json()
    assert set(answer) == {"access_token", "token_type"}
    assert answer["access_token"].startswith(f"{APP_ID}|")
    for token in (answer["access_token"], APP_TOKEN):
        assert client.get(APP_ID, token).json()["id"] == APP_ID
    assert refused(client.get(APP_ID, f"{APP_ID}|wrong")) == (400, 190, None)


def test_a_short_lived_token_becomes_one_of_sixty_days(client: Client) -> None:
    body = client.extend(client.signed_in()).json()
    assert body["expires_in"] == 5_183_944
    data = client.debug(body["access_token"])
    assert data["expires_at"] - data["issued_at"] == 5_183_944


def test_exchanging_a_long_lived_token_does_not_move_its_end(client: Client) -> None:
    long_lived = client.issue(kind="long")
    end = client.debug(long_lived)["expires_at"]
    client.sandbox.advance("30d")
    again = client.extend(long_lived).json()
    assert client.debug(again["access_token"])["expires_at"] == end
    assert again["expires_in"] < 5_183_944 - 29 * 86_400


def test_it_moves_when_switched_on(client: Client) -> None:
    client.sandbox.control("settings", {"meta.reexchange_extends": True})
    long_lived = client.issue(kind="long")
    end = client.debug(long_lived)["expires_at"]
    client.sandbox.advance("30d")
    again = client.extend(long_lived).json()["access_token"]
    assert client.debug(again)["expires_at"] >= end + 30 * 86_400
    assert client.debug(long_lived)["is_valid"] is True, "the one before lives to its own end"


def test_expires_in_may_be_left_out(client: Client) -> None:
    client.sandbox.control("settings", {"meta.omit_expires_in": True})
    body = client.exchange(client.code()).json()
    assert set(body) == {"access_token", "token_type"}
    assert client.debug(body["access_token"])["expires_at"] > 0


def test_refusals_of_the_extension(client: Client) -> None:
    assert refused(client.extend("")) == (400, 100, None)
    assert refused(client.extend("garbage")) == (400, 190, None)
    assert refused(client.extend(client.issue(app=OTHER_APP[0]))) == (400, 100, None)
    expired = client.issue(expiresIn=60)
    client.sandbox.advance("2m")
    assert refused(client.extend(expired)) == (400, 190, 463)


def test_a_system_users_token_is_renewed_beside_the_old_one(client: Client) -> None:
    token = client.issue("business", kind="system_user", expiresIn=3_600)
    renewed = client.extend(token, set_token_expires_in_60_days="true").json()
    assert renewed["access_token"] != token
    assert renewed["expires_in"] == 5_183_944
    assert client.debug(token)["is_valid"] is True


def test_a_token_is_revoked_by_its_app_alone(client: Client) -> None:
    token, other = client.issue(), client.issue()
    params = {"client_id": OTHER_APP[0], "client_secret": OTHER_APP[1], "revoke_token": token}
    assert refused(client.http.get("/v26.0/oauth/revoke", params=params)) == (400, 100, None)
    params = {"client_id": APP_ID, "client_secret": SECRET, "revoke_token": token, "access_token": token}
    assert client.http.get("/v26.0/oauth/revoke", params=params).json() == {"success": True}
    assert refused(client.get("me", token))[1] == 190
    assert client.get("me", other, appsecret_proof=proof(other)).status_code == 200


def test_the_nonce_of_a_login_can_be_read_afterwards(client: Client) -> None:
    token = client.signed_in(auth_type="reauthenticate", auth_nonce="n-0S6_WzA2Mj")
    answer = client.get("oauth/access_token_info", token, client_id=APP_ID).json()
    assert answer["auth_nonce"] == "n-0S6_WzA2Mj"
    assert answer["expires_in"] > 0
