"""The sandbox's answers have the shape of the documented ones in `samples/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.platforms import meta
from tests.platforms.meta.client import Client

SAMPLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(meta.__file__).parent / "samples").glob("*.json")
}
ANSWERS = sorted(SAMPLES.keys() - {"errors"})
TOKENS = ("access_token", "input_token", "fb_exchange_token")


def shape(value: Any) -> Any:
    """A JSON value with its contents replaced by their types; a list by the shape of its first element."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def filled(client: Client, query: dict[str, str]) -> dict[str, str]:
    """A sample's fields with what it abbreviates replaced by what works here."""
    fresh = dict(query)
    for key in TOKENS:
        if fresh.get(key, "").startswith("EAA"):
            person = "business" if query[key].endswith("business") else "ada"
            wishes: dict[str, Any] = {"expiresIn": 60} if query[key].endswith("expired") else {}
            fresh[key] = client.issue(person, kind="long", scopes=["ads_read", "business_management"], **wishes)
            if wishes:
                client.sandbox.advance("1m")
    return {**fresh, "code": client.code()} if "code" in fresh else fresh


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_documented_shape(client: Client, name: str) -> None:
    sample = SAMPLES[name]
    request = sample["request"]
    answer = client.http.request(request["method"], f"/v26.0{request['path']}", params=filled(client, request["query"]))
    assert answer.status_code == sample["status"]
    body = answer.json()
    if name.startswith("debug_token"):
        body["data"]["granular_scopes"] = [row for row in body["data"]["granular_scopes"] if row["scope"] == "ads_read"]
    assert shape(body) == shape(sample["body"])


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_names_its_source_and_date(name: str) -> None:
    assert SAMPLES[name]["source"]
    assert SAMPLES[name]["date"].startswith("2026-")


def test_every_error_appears_once_and_says_whose_words_it_has() -> None:
    rows = SAMPLES["errors"]["errors"]
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        code, _, rest = row["key"].partition("/")
        assert code == str(row["code"])
        assert (rest == str(row.get("subcode"))) is rest.isdigit()
    assert {row["words"] for row in rows} == {"documented", "quoted in public code", "ours"}
