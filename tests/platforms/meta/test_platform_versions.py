"""The ends of the API's versions, and the warning before them."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx2
import pytest

from symphony_connect.operate.doctor import api_version
from tests.platforms.scripted import scripted

APP = {"SYMPHONY_META_APP_ID": "100000000000001", "SYMPHONY_META_APP_SECRET": "sandbox-meta-secret"}


@pytest.mark.parametrize(
    ("version", "day", "state", "words"),
    [
        ("v26.0", "2026-11-27", "ok", "its end is not announced"),
        ("v25.0", "2026-12-25", "ok", "until 2027-02-23"),
        ("v25.0", "2026-12-26", "soon", "in 59 days; set SYMPHONY_META_API_VERSION=v27.0"),
        ("v25.0", "2027-02-23", "soon", "in 0 days"),
        ("v25.0", "2027-02-24", "bad", "has ended on 2027-02-23"),
        ("v24.0", "2026-11-27", "bad", "has ended on 2026-11-10"),
        ("v99.0", "2026-11-27", "unknown", "is not among the versions that we know"),
    ],
)
def test_the_end_of_a_version_is_told_60_days_ahead(version: str, day: str, state: str, words: str) -> None:
    meta, _ = scripted("meta", {**APP, "SYMPHONY_META_API_VERSION": version}, {"GET /": httpx2.Response(200)})
    fact = api_version(meta, int(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp() * 1000))
    assert fact
    assert fact.state == state
    assert version in fact.words
    assert words in fact.words


def test_without_an_app_there_is_nothing_to_warn_of() -> None:
    meta, _ = scripted("meta", {}, {})
    assert api_version(meta, 0) is None
