"""What the dashboard says is said in words, whatever it has to tell."""

from __future__ import annotations

import json

import pytest

from symphony_connect.base.model import Reason, Status
from symphony_connect.store.db import Row
from symphony_connect.web.dashboard import timeline, words
from symphony_connect.web.dashboard.render import Times
from tests.platforms.chosen import ANY
from tests.platforms.contract import shown

NAME = shown(ANY)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    assert " " in words.reason(reason), f"{reason} is shown as it stands in the code"


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_label_and_a_tone(status: Status) -> None:
    assert words.label(status)
    assert status in timeline.TONES


@pytest.mark.parametrize(
    ("code", "message", "seen"),
    [
        ("503", "answered with HTTP 503", "Reason: answered with HTTP 503"),
        ("190", "The session has ended", "Reason: The session has ended (190)"),
    ],
)
def test_a_code_is_not_told_twice(code: str, message: str, seen: str) -> None:
    data = json.dumps({"platform_error": {"code": code, "message": message}})
    row: Row = {
        "id": "evt_1",
        "type": "connection.put_off",
        "at": 0,
        "data": data,
        "actor": "worker",
        "platform": ANY,
        "brand_id": 1,
        "connection_id": "conn_1",
    }
    assert timeline.tell(row, Times(0), {ANY: NAME}).more == seen
