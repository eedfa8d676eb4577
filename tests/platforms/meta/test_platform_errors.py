"""Every documented error of Meta's, as the core sees it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.meta import errors
from tests.platforms.scripted import NOW, sample, scripted

ENV = {"SYMPHONY_META_APP_ID": "100000000000001", "SYMPHONY_META_APP_SECRET": "sandbox-meta-secret"}
TOKEN = Grant(Secret("EAAsample"))
CORPUS = {row["key"]: row for row in sample("meta", "errors")["errors"]}

REFUSED = "platform_refused"
EXPECTED: dict[str, tuple[type[base.PlatformError], str]] = {
    **dict.fromkeys(("1", "2"), (base.Unavailable, "")),
    **dict.fromkeys(("1/secret", "1/no-secret", "100/proof", "100/no-proof"), (base.Misconfigured, "")),
    **dict.fromkeys(("101", "101/no-client", "191", "2500/path", "2635"), (base.Misconfigured, "")),
    **dict.fromkeys(("3", "10", "200", "200/business", "294"), (base.PermissionRefused, "")),
    **dict.fromkeys(("4", "341", "613", "613/1996", "613/5044001"), (base.RateLimited, "")),
    **dict.fromkeys(("17/2446079", "32", "368", "80000/2446079", "80001", "80002"), (base.OneLimited, "")),
    **dict.fromkeys(("80003/2446079", "80004/2446079", "80005", "80006", "80008"), (base.OneLimited, "")),
    **dict.fromkeys(("80009", "80014"), (base.OneLimited, "")),
    **dict.fromkeys(("100", "100/33", "100/code", "100/36007", "100/36008"), (base.Rejected, REFUSED)),
    **dict.fromkeys(("100/36009", "100/pkce", "100/grant", "100/no-token"), (base.Rejected, REFUSED)),
    **dict.fromkeys(("100/viewer", "100/cursor", "100/batch", "100/batch-size"), (base.Rejected, REFUSED)),
    **dict.fromkeys(("100/field", "100/insights-field", "100/new-app"), (base.Rejected, REFUSED)),
    **dict.fromkeys(("100/batch-call", "100/depends", "100/no-object", "803"), (base.Rejected, REFUSED)),
    **dict.fromkeys(("104", "2500", "2500/syntax", "2500/empty", "2500/ids"), (base.Rejected, REFUSED)),
    "100/app": (base.Rejected, "token_of_other_app"),
    **dict.fromkeys(("102", "190", "190/revoked", "190/492"), (base.TokenRefused, Reason.REVOKED)),
    "190/458": (base.TokenRefused, Reason.APP_REMOVED),
    **dict.fromkeys(("190/459", "190/464", "190/490"), (base.TokenRefused, Reason.CHECKPOINT)),
    "190/460": (base.TokenRefused, Reason.PASSWORD_CHANGED),
    **dict.fromkeys(("190/463", "190/493"), (base.TokenRefused, Reason.EXPIRED)),
    **dict.fromkeys(("200/app-deactivated", "190/app-deleted", "10/app-disabled"), (base.Misconfigured, "")),
    "190/password-words": (base.TokenRefused, Reason.PASSWORD_CHANGED),
    **dict.fromkeys(("190/expired-words", "452/expired-words"), (base.TokenRefused, Reason.EXPIRED)),
    "190/467": (base.TokenRefused, Reason.LOGGED_OUT),
}


def envelope(row: dict[str, Any]) -> dict[str, Any]:
    error = {"message": row["message"], "type": row["type"], "code": row["code"], "fbtrace_id": "A1"}
    if "subcode" in row:
        error["error_subcode"] = row["subcode"]
    return {"error": error | ({"is_transient": True} if row.get("transient") else {})}


async def refusal(status: int, body: Any, headers: dict[str, str] | None = None) -> base.PlatformError:
    """What a call on behalf of a person raises when Meta answers so."""
    answer = httpx2.Response(status, json=body, headers=headers)
    meta, _ = scripted("meta", ENV, {"DELETE /me/permissions": answer})
    with pytest.raises(base.PlatformError) as caught:
        await meta.revoke(Grant(Secret("EAAsample")))
    return caught.value


def test_every_documented_error_has_an_expected_meaning() -> None:
    assert set(CORPUS) == set(EXPECTED)


@pytest.mark.parametrize("key", [key for key in CORPUS if key != "190/458"])
async def test_a_documented_error_means(key: str) -> None:
    row = CORPUS[key]
    error = await refusal(row["status"], envelope(row))
    shown = {base.TokenRefused: "reason", base.Rejected: "problem"}.get(type(error))
    assert (type(error), getattr(error, shown) if shown else "") == EXPECTED[key]
    assert error.code == str(row["code"])
    assert error.subcode == (str(row["subcode"]) if "subcode" in row else None)
    assert error.message


SESSIONS = [key for key, row in CORPUS.items() if row["code"] == 190 and "subcode" in row and key != "190/458"]
"""Not the removed app: a revocation has nothing to do there."""


@pytest.mark.parametrize("key", SESSIONS)
async def test_the_words_say_the_same_where_the_subcode_is_left_out(key: str) -> None:
    row = {name: value for name, value in CORPUS[key].items() if name != "subcode"}
    error = await refusal(row["status"], envelope(row))
    assert (type(error), getattr(error, "reason", None)) == EXPECTED[key]


async def test_whoever_removed_the_app_has_revoked_already() -> None:
    row = CORPUS["190/458"]
    assert errors.verdict(row["status"], envelope(row)["error"]) is errors.APP_REMOVED
    answer = httpx2.Response(row["status"], json=envelope(row))
    meta, script = scripted("meta", ENV, {"DELETE /me/permissions": answer})
    await meta.revoke(TOKEN)
    assert len(script.requests) == 1


@pytest.mark.parametrize("subcode", sorted(errors.SESSION))
def test_a_session_code_of_old_means_the_same(subcode: int) -> None:
    """102, 190 and 452 carry the same subcodes."""
    for code in errors.SESSION_CODES:
        assert errors.verdict(400, {"code": code, "error_subcode": subcode}) is errors.SESSION[subcode]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"error": {"code": 99999}}, base.RateLimited),
        (400, {"error": {"code": 99999}}, base.Rejected),
        (500, {"error": {"code": 99999}}, base.Unavailable),
        (400, {"error": {"code": 99999, "is_transient": True}}, base.Unavailable),
        (400, {"error": {"code": 100, "is_transient": True}}, base.Unavailable),
        (400, {"error": {"code": "190", "error_subcode": "460"}}, base.TokenRefused),
        (400, {"error": {"code": True}}, base.Unavailable),
        (400, {"error": "words"}, base.Unavailable),
        (400, {}, base.Unavailable),
        (404, [], base.Unavailable),
        (500, 17, base.Unavailable),
        (200, {"error": {"code": 190, "message": "inside a success"}}, base.TokenRefused),
    ],
)
async def test_what_no_document_lists(status: int, body: Any, kind: type[base.PlatformError]) -> None:
    assert type(await refusal(status, body)) is kind


LIMIT = {"error": {"code": 4, "message": "(#4) Application request limit reached"}}


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7_000),
        ({"x-ad-account-usage": '{"acc_id_util_pct":100,"reset_time_duration":100}'}, 100_000),
        (
            {
                "x-business-use-case-usage": '{"1":[{"estimated_time_to_regain_access":3},'
                '{"estimated_time_to_regain_access":19}],"2":[{"estimated_time_to_regain_access":5}]}',
                "retry-after": "7",
            },
            19 * 60_000,
        ),
    ],
)
async def test_a_limit_says_until_when(headers: dict[str, str], wait: int) -> None:
    """Seconds, seconds and minutes, as each header has it; the longest wait counts."""
    assert (await refusal(400, LIMIT, headers)).retry_at == NOW + wait


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-app-usage": '{"call_count":100}'},
        {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "x-ad-account-usage": "no JSON"},
        {"retry-after": "-1", "x-business-use-case-usage": "[]", "x-ad-account-usage": '{"reset_time_duration":"x"}'},
        {"x-business-use-case-usage": '{"1":[{"estimated_time_to_regain_access":0}],"2":null}'},
    ],
)
async def test_a_limit_that_names_no_hour(headers: dict[str, str]) -> None:
    error = await refusal(400, LIMIT, headers)
    assert isinstance(error, base.RateLimited)
    assert error.retry_at is None


async def test_a_message_never_repeats_a_secret() -> None:
    """Meta echoes tokens it cannot read."""
    for echoed in ("EAAsample", "EAAGm0PX4ZCpsBAKZCnothers123token"):
        body = {"error": {"code": 190, "message": f"Malformed access token {echoed}\nforged log line"}}
        error = await refusal(400, body)
        assert error.message == "Malformed access token … forged log line"
