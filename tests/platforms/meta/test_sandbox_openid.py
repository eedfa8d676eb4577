"""OpenID Connect: an id_token that a client verifies by discovery and keys."""

from __future__ import annotations

import json
from typing import Any

import joserfc.jwt
import pytest
from joserfc.jwk import KeySet
from tink import jwt

from tests.platforms.meta.client import APP_ID, Client

USER = "10200000000000001"


@pytest.mark.parametrize("kind", ["code", "id_token", "token id_token"])
def test_an_id_token_is_verified_by_discovery_and_keys(client: Client, kind: str) -> None:
    answer: dict[str, Any] = client.approve(scope="openid,email", nonce="n-1", response_type=kind)
    if kind == "code":
        answer = client.exchange(answer["code"]).json()
    assert ("access_token" in answer) == (kind != "id_token")
    found = client.http.get("/.well-known/openid-configuration/").json()
    keys = client.http.get(found["jwks_uri"]).text
    jwt.register_jwt_signature()
    verifier = jwt.jwk_set_to_public_keyset_handle(keys).primitive(jwt.JwtPublicKeyVerify)
    expected = jwt.new_validator(expected_issuer=found["issuer"], expected_audience=APP_ID)
    token = verifier.verify_and_decode(answer["id_token"], expected)
    assert token.subject() == USER
    claims = {name: token.custom_claim(name) for name in token.custom_claim_names()}
    names = {"name": "Ada Lark", "given_name": "Ada", "family_name": "Lark"}
    assert claims == {**names, "email": "ada@example.com", "nonce": "n-1"}


def test_discovery_names_what_there_is(client: Client) -> None:
    found = client.http.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == client.sandbox.url
    assert client.http.get(found["authorization_endpoint"]).status_code == 400
    assert client.http.get(found["token_endpoint"]).json()["error"]["code"] == 101
    assert {key["kty"] for key in json.loads(client.http.get(found["jwks_uri"]).text)["keys"]} == {"RSA"}
    assert client.http.get("/.well-known/nothing").json()["error"]["code"] == 2500


def test_without_the_scope_there_is_none(client: Client) -> None:
    client.code(scope="openid")
    assert "id_token" not in client.exchange(client.code()).json()
    assert client.dialog(scope="email", response_type="id_token", _sandbox="approve").status_code == 400


def test_every_response_type_of_the_discovery_is_taken(client: Client) -> None:
    found = client.http.get("/.well-known/openid-configuration").json()
    for kind in found["response_types_supported"]:
        assert "id_token" in client.approve(scope="openid", response_type=kind)


def test_an_independent_library_accepts_it(client: Client) -> None:
    found = client.http.get("/.well-known/openid-configuration").json()
    keys = KeySet.import_key_set(client.http.get(found["jwks_uri"]).json())
    token = joserfc.jwt.decode(client.approve(scope="openid", response_type="id_token")["id_token"], keys)
    expected = {"iss": {"essential": True, "value": found["issuer"]}, "aud": {"essential": True, "value": APP_ID}}
    joserfc.jwt.JWTClaimsRegistry(**expected).validate(token.claims)
