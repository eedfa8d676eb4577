"""Every documented return code of TikTok's, as the core sees it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.scripted import NOW, sample, scripted

ENV = {"SYMPHONY_TIKTOK_APP_ID": "7000000000000000001", "SYMPHONY_TIKTOK_APP_SECRET": "sandbox-tiktok-secret"}
TOKEN = Grant(Secret("sample-token"))
CORPUS = {row["key"]: row for row in sample("tiktok", "errors")["errors"]}

REFUSED = "platform_refused"
PARAMETERS = ("40000", "40002", "40006", "40007", "40008", "40009", "40010", "40011", "40013", "40014", "40050")
OBJECTS = ("40051", "40052", "40053", "40065", "40121", "40122", "40300", "40301", "40502", "41001", "41002")
FILES = tuple(str(code) for code in range(40900, 40916))
SIGNING = (
    "40108",
    "40109",
    "40110",
    "40110/used",
    "40110/expired",
    "40112",
    "40115",
    "40116",
    "40101/code",
    "40101/used",
)
EXPECTED: dict[str, tuple[type[base.PlatformError], str]] = {
    **dict.fromkeys((*PARAMETERS, *OBJECTS, *FILES, *SIGNING), (base.Rejected, REFUSED)),
    "40000/app": (base.Rejected, "token_of_other_app"),
    **dict.fromkeys(("40001", "40125", "40130"), (base.PermissionRefused, "")),
    **dict.fromkeys(("40016", "40100", "40132", "51021", "61000"), (base.RateLimited, "")),
    "40133": (base.OneLimited, ""),
    **dict.fromkeys(("40101", "40113", "40117", "40118", "40119", "40124", "41000"), (base.Misconfigured, "")),
    **dict.fromkeys(("40102", "40103"), (base.TokenRefused, Reason.EXPIRED)),
    **dict.fromkeys(("40104", "40105", "40106", "40107"), (base.TokenRefused, Reason.REVOKED)),
    **dict.fromkeys(("40200", "40201", "40202", "40700", "60001"), (base.Unavailable, "")),
    **dict.fromkeys(("50000", "50002", "51001", "51002", "51010", "51039", "51305"), (base.Unavailable, "")),
}


async def refusal(status: int, body: Any, headers: dict[str, str] | None = None) -> base.PlatformError:
    """What a read on behalf of a person raises when TikTok answers so."""
    answer = httpx2.Response(status, json=body, headers=headers)
    tiktok, _ = scripted("tiktok", ENV, {"GET /oauth2/advertiser/get/": answer})
    with pytest.raises(base.PlatformError) as caught:
        await tiktok.ad_accounts(TOKEN)
    return caught.value


def test_every_documented_code_has_an_expected_meaning() -> None:
    assert set(CORPUS) - {"20001"} == set(EXPECTED)


@pytest.mark.parametrize("key", sorted(set(CORPUS) - {"20001"}))
async def test_a_documented_code_means(key: str) -> None:
    row = CORPUS[key]
    error = await refusal(200, {"code": row["code"], "message": row["message"], "request_id": "1", "data": {}})
    shown = {base.TokenRefused: "reason", base.Rejected: "problem"}.get(type(error))
    assert (type(error), getattr(error, shown) if shown else "") == EXPECTED[key]
    assert error.code == str(row["code"])
    assert error.message == row["message"]


async def test_a_partial_success_is_one() -> None:
    done = {"code": 20001, "message": CORPUS["20001"]["message"], "data": {"list": []}}
    tiktok, _ = scripted("tiktok", ENV, {"GET /oauth2/advertiser/get/": done})
    assert await tiktok.ad_accounts(TOKEN) == []


async def test_a_token_of_another_app_may_come_under_the_documented_code_too() -> None:
    """Documents list it under 40113; 40000 is what was observed."""
    error = await refusal(200, {"code": 40113, "message": CORPUS["40000/app"]["message"]})
    assert isinstance(error, base.Rejected)
    assert error.problem == "token_of_other_app"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"code": "40105", "message": "as a string"}, base.TokenRefused),
        (200, {"code": 40999}, base.Rejected),
        (200, {"code": 52345}, base.Unavailable),
        (200, {"code": 99999}, base.Unavailable),
        (200, {"code": None, "data": {"list": []}}, base.Unavailable),
        (200, {"code": False, "data": {"list": []}}, base.Unavailable),
        (200, {"data": {"list": []}}, base.Unavailable),
        (200, [], base.Unavailable),
        (500, {"code": 0, "data": {"list": []}}, base.Unavailable),
        (429, {"message": "slow down"}, base.RateLimited),
        (404, {"message": "no such path"}, base.Unavailable),
    ],
)
async def test_what_no_document_lists(status: int, body: Any, kind: type[base.PlatformError]) -> None:
    assert type(await refusal(status, body)) is kind


@pytest.mark.parametrize(
    ("message", "until"),
    [
        ("App reaches the QPS limit.", NOW + 1_000),
        ("Too many requests", NOW + 1_000),
        ("App reaches the QPM limit.", NOW + 300_000),
        ("App reaches the QPD limit.", (NOW // DAY + 1) * DAY),
    ],
)
async def test_a_limit_lasts_a_second_five_minutes_or_until_midnight(message: str, until: int) -> None:
    assert (await refusal(200, {"code": 40100, "message": message})).retry_at == until


async def test_a_server_before_tiktok_may_say_how_long() -> None:
    limited = await refusal(429, {"code": 40100, "message": "QPS"}, {"retry-after": "9"})
    assert limited.retry_at == NOW + 9_000


async def test_a_message_never_repeats_a_secret() -> None:
    error = await refusal(200, {"code": 40105, "message": "Bad sample-token with sandbox-tiktok-secret\r\nx"})
    assert error.message == "Bad … with …  x"
