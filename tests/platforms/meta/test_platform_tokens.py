"""Inspecting, extending and renewing Meta's tokens."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.scripted import NOW, scripted

APP = "100000000000001"
ENV = {
    "SYMPHONY_META_APP_ID": APP,
    "SYMPHONY_META_APP_SECRET": "sandbox-meta-secret",
    "SYMPHONY_META_SCOPES": "ads_read,ads_management,business_management",
}
SECONDS = NOW // 1000
GRANT = Grant(Secret("EAAmine"))
TOKEN_ENDPOINT = "POST /oauth/access_token"


def debugged(**changes: Any) -> dict[str, Any]:
    """What `debug_token` says; a change to None leaves the field out."""
    data = {
        "app_id": APP,
        "type": "USER",
        "is_valid": True,
        "expires_at": SECONDS + 5_000_000,
        "data_access_expires_at": SECONDS + 7_000_000,
        "scopes": ["ads_read", "ads_management", "business_management", "public_profile"],
        "user_id": "1020",
    }
    return {"data": {key: value for key, value in (data | changes).items() if value is not None}}


def granted(**statuses: str) -> dict[str, Any]:
    return {"data": [{"permission": name, "status": status} for name, status in statuses.items()]}


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "GET /debug_token": debugged(**changes),
        "GET /me": {"id": "1020", "name": "Sample Person"},
        "GET /me/permissions": granted(ads_read="granted"),
    }


def error(code: int, message: str = "no", status: int = 400) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"code": code, "message": message}})


async def test_an_inspection_tells_who_what_and_both_clocks() -> None:
    meta, script = scripted("meta", ENV, answers())
    seen = await meta.inspect(GRANT)
    assert (seen.identity.id, seen.identity.name) == ("1020", "Sample Person")
    assert seen.grant.access_token == GRANT.access_token
    assert seen.grant.expires_at == NOW + 5_000_000_000
    assert seen.grant.data_access_expires_at == NOW + 7_000_000_000
    assert seen.grant.scopes == ("ads_read", "ads_management", "business_management", "public_profile")
    assert seen.grant.extra == {"type": "USER"}
    assert seen.missing_scopes == ()
    asked = script.asked("/debug_token")[0]
    assert asked == {"input_token": "EAAmine", "access_token": f"{APP}|sandbox-meta-secret"}


async def test_declined_and_lapsed_permissions_are_missing() -> None:
    output = granted(ads_read="granted", ads_management="declined", business_management="expired", email="granted")
    meta, _ = scripted("meta", ENV, answers() | {"GET /me/permissions": output})
    seen = await meta.inspect(GRANT)
    assert seen.missing_scopes == ("ads_management", "business_management")
    assert seen.grant.scopes == ("ads_read", "public_profile", "email")


async def test_a_system_user_without_a_list_of_permissions_has_those_of_its_token() -> None:
    replies = answers(type="SYSTEM_USER", expires_at=0, data_access_expires_at=0)
    meta, _ = scripted("meta", ENV, replies | {"GET /me/permissions": error(100)})
    seen = await meta.inspect(Grant(Secret("EAAmine"), expires_at=NOW + 1, data_access_expires_at=NOW + 1))
    assert (seen.grant.expires_at, seen.grant.data_access_expires_at) == (None, None)
    assert (seen.missing_scopes, seen.grant.extra) == ((), {"type": "SYSTEM_USER"})
    assert meta.renew_at(seen.grant, NOW) is None


async def test_ids_may_come_as_numbers_and_names_not_at_all() -> None:
    meta, _ = scripted("meta", ENV, answers(app_id=int(APP)) | {"GET /me": {"id": 1020}})
    seen = await meta.inspect(GRANT)
    assert (seen.identity.id, seen.identity.name) == ("1020", "1020")


@pytest.mark.parametrize(
    ("changes", "kind", "what"),
    [
        ({"app_id": "999999"}, base.Rejected, "token_of_other_app"),
        ({"app_id": "999999", "is_valid": False}, base.Rejected, "token_of_other_app"),
        ({"type": "PAGE"}, base.Rejected, "token_kind_refused"),
        ({"type": "APP"}, base.Rejected, "token_kind_refused"),
        ({"is_valid": False}, base.TokenRefused, Reason.REVOKED),
        ({"is_valid": False, "expires_at": SECONDS - 1}, base.TokenRefused, Reason.EXPIRED),
        ({"is_valid": False, "error": {"code": 190, "subcode": 460}}, base.TokenRefused, Reason.PASSWORD_CHANGED),
        ({"is_valid": False, "error": {"code": 190, "subcode": 458}}, base.TokenRefused, Reason.APP_REMOVED),
        ({"is_valid": False, "app_id": None, "type": None}, base.TokenRefused, Reason.REVOKED),
        ({"data_access_expires_at": SECONDS}, base.TokenRefused, Reason.DATA_ACCESS_EXPIRED),
        ({"app_id": None}, base.Unavailable, ""),
        ({"type": None}, base.Unavailable, ""),
        ({"is_valid": None}, base.Unavailable, ""),
        ({"is_valid": "true"}, base.Unavailable, ""),
    ],
)
async def test_a_token_that_is_not_served(changes: dict[str, Any], kind: type[Exception], what: str) -> None:
    meta, script = scripted("meta", ENV, answers(**changes))
    with pytest.raises(base.PlatformError) as caught:
        await meta.inspect(GRANT)
    assert type(caught.value) is kind
    assert getattr(caught.value, "reason", getattr(caught.value, "problem", "")) == what
    assert len(script.requests) == 1, "a token that is refused must go no further"


KNOWN = {"access_token": "1|x", "token_type": "bearer"}


@pytest.mark.parametrize(
    ("answer", "app", "kind"),
    [
        (
            error(190, "Invalid OAuth access token signature."),
            error(1, "Error validating client secret."),
            "Misconfigured",
        ),
        (error(190, "Malformed access token EAAmine"), error(101), "Misconfigured"),
        (error(190, "Malformed access token EAAmine"), KNOWN, "TokenRefused"),
        (error(190, "Malformed access token EAAmine"), error(2, status=503), "Unavailable"),
        (error(101), None, "Misconfigured"),
        (error(100, "(#100) The App_id in the input_token did not match the Viewing App"), None, "Rejected"),
        ({}, None, "Unavailable"),
        ({"data": []}, None, "Unavailable"),
        (b"<html>", None, "Unavailable"),
    ],
)
async def test_whose_fault_a_refused_inspection_is(answer: Any, app: Any, kind: str) -> None:
    """The call carries our own token too: what is wrong with that is the operator's to mend."""
    meta, script = scripted("meta", ENV, answers() | {"GET /debug_token": answer, TOKEN_ENDPOINT: app})
    with pytest.raises(base.PlatformError) as caught:
        await meta.inspect(GRANT)
    assert type(caught.value).__name__ == kind
    assert "EAAmine" not in caught.value.message
    assert len(script.requests) == (1 if app is None else 2)


async def test_extending_gives_the_longer_token() -> None:
    reply = {"access_token": "EAAlong", "expires_in": 5183944}
    meta, script = scripted("meta", ENV, {TOKEN_ENDPOINT: reply})
    longer = await meta.extend(Grant(Secret("EAAshort"), expires_at=NOW + 1, scopes=("ads_read",)))
    assert (longer.access_token.reveal(), longer.expires_at) == ("EAAlong", NOW + 5_183_944_000)
    assert longer.scopes == ("ads_read",)
    asked = script.asked("/oauth/access_token")[0]
    assert (asked["grant_type"], asked["fb_exchange_token"]) == ("fb_exchange_token", "EAAshort")


async def test_extending_asks_for_the_end_when_it_is_left_out() -> None:
    meta, _ = scripted("meta", ENV, {TOKEN_ENDPOINT: {"access_token": "EAAlong"}, "GET /debug_token": debugged()})
    assert (await meta.extend(GRANT)).expires_at == NOW + 5_000_000_000


@pytest.mark.parametrize("answer", [error(100, "(#100) Invalid parameter"), error(10, status=403)])
async def test_a_token_that_meta_will_not_extend_stays_as_it_is(answer: httpx2.Response) -> None:
    meta, _ = scripted("meta", ENV, {TOKEN_ENDPOINT: answer})
    assert await meta.extend(GRANT) is GRANT


@pytest.mark.parametrize(
    "grant",
    [
        Grant(Secret("EAAsystem"), expires_at=NOW + DAY, extra={"type": "SYSTEM_USER"}),
        Grant(Secret("EAAendless"), extra={"type": "USER"}),
    ],
)
async def test_what_lasts_already_is_not_exchanged_for_60_days(grant: Grant) -> None:
    meta, script = scripted("meta", ENV, {})
    assert await meta.extend(grant) is grant
    assert script.requests == []


async def test_renewing_reports_the_end_that_inspection_confirms() -> None:
    """Meta may hand out a token and a lifetime while the end has not moved."""
    meta, _ = scripted(
        "meta",
        ENV,
        {TOKEN_ENDPOINT: {"access_token": "EAAnext", "expires_in": 5183944}, "GET /debug_token": debugged()},
    )
    grant = Grant(Secret("EAAmine"), expires_at=NOW + 5_000_000_000)
    renewed = await meta.renew(grant)
    assert (renewed.access_token.reveal(), renewed.expires_at) == ("EAAnext", NOW + 5_000_000_000)


async def test_a_system_users_token_is_renewed_for_60_days() -> None:
    replies = {TOKEN_ENDPOINT: {"access_token": "EAAnext"}, "GET /debug_token": debugged(type="SYSTEM_USER")}
    meta, script = scripted("meta", ENV, replies)
    await meta.renew(Grant(Secret("EAAmine"), extra={"type": "SYSTEM_USER"}))
    assert script.asked("/oauth/access_token")[0]["set_token_expires_in_60_days"] == "true"


@pytest.mark.parametrize("answer", [b"<html>", httpx2.ReadError("cut"), {}])
async def test_a_lost_renewal_has_spent_nothing(answer: Any) -> None:
    meta, _ = scripted("meta", ENV, {TOKEN_ENDPOINT: answer})
    with pytest.raises(base.Unavailable) as caught:
        await meta.renew(GRANT)
    assert not isinstance(caught.value, base.OutcomeUnknown)


def test_renewal_starts_with_a_third_of_the_life_left() -> None:
    meta, _ = scripted("meta", ENV, {})
    assert meta.renew_at(Grant(Secret("t"), expires_at=NOW + 60 * DAY), NOW) == NOW + 40 * DAY
    assert meta.renew_at(Grant(Secret("t"), expires_at=NOW), NOW + DAY) == NOW
    assert meta.renew_at(Grant(Secret("t")), NOW) is None


async def test_a_page_is_given_the_facebook_user_response() -> None:
    meta, _ = scripted("meta", ENV, answers())
    seen = await meta.inspect(GRANT)
    assert meta.login_result(seen, [], NOW) == {"accessToken": "EAAmine", "userId": "1020", "expiresIn": 5_000_000}
