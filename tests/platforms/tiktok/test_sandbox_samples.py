"""The sandbox's answers have the shape of the documented ones in `samples/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.platforms import tiktok
from tests.platforms.tiktok.client import API, LONG_TERM, SHORT_TERM, Client
from tests.tools.sandbox import CALLBACK

SAMPLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(tiktok.__file__).parent / "samples").glob("*.json")
}
ANSWERS = sorted(SAMPLES.keys() - {"errors"})


def shape(value: Any) -> Any:
    """A JSON value with its contents replaced by their types; a list by the shape of its first element."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def filled(client: Client, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """A sample's fields with its codes and tokens replaced by ones that work here."""
    app = SHORT_TERM if SHORT_TERM["app_id"] in wanted.values() else LONG_TERM
    fresh = {
        "auth_code": lambda: creator_code(client) if name.startswith("tt_user") else client.code(app),
        "code": lambda: client.code(app),
        "refresh_token": lambda: client.tokens(app)["refresh_token"],
        "access_token": lambda: creator_token(client) if name.startswith("tt_user") else client.token(app),
        "Access-Token": lambda: client.token(app),
    }
    return {key: fresh[key]() if key in fresh else value for key, value in wanted.items()}


def creator_code(client: Client) -> str:
    query = {"client_key": LONG_TERM["app_id"], "redirect_uri": CALLBACK, "_sandbox": "approve"}
    location: str = client.http.get("/v2/auth/authorize", params=query).headers["location"]
    return location.partition("&code=")[2]


def creator_token(client: Client) -> str:
    body = filled(client, "tt_user_token", SAMPLES["tt_user_token"]["request"]["body"])
    token: str = client.post("/tt_user/oauth2/token/", body)["data"]["access_token"]
    return token


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_documented_shape(client: Client, name: str) -> None:
    sample = SAMPLES[name]
    request = sample["request"]
    response = client.http.request(
        request["method"],
        API + request["path"],
        params=request.get("query"),
        headers=filled(client, name, request.get("headers", {})),
        **({"json": filled(client, name, request["body"])} if "body" in request else {}),
        **({"data": filled(client, name, request["form"])} if "form" in request else {}),
    )
    assert response.status_code == sample["status"]
    body = response.json()
    assert shape(body) == shape(sample["body"])
    assert (body["code"], body["message"]) == (sample["body"]["code"], sample["body"]["message"])


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_names_its_source_and_date(name: str) -> None:
    assert SAMPLES[name]["source"]
    assert SAMPLES[name]["date"].startswith("2026-")


def test_every_code_appears_once_and_says_whose_words_it_has() -> None:
    rows = SAMPLES["errors"]["errors"]
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    assert all(row["key"].split("/")[0] == str(row["code"]) for row in rows)
    assert {row["words"] for row in rows} <= {
        "observed",
        "quoted in public code",
        "example in the documentation",
        "ours",
    }
