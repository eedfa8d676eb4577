"""Inspecting, extending and renewing Meta's tokens, and walking their ad accounts."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from symphony_connect.clock import DAY
from symphony_connect.model import AdAccount, Grant, Reason, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.meta.graph import MAX_PAGES
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
    told = granted(ads_read="granted", ads_management="declined", business_management="expired", email="granted")
    meta, _ = scripted("meta", ENV, answers() | {"GET /me/permissions": told})
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


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(190, "Invalid OAuth access token signature."), base.Misconfigured),
        (error(101), base.Misconfigured),
        (error(190, "Malformed access token EAAmine"), base.TokenRefused),
        (error(190, "Invalid OAuth access token - Cannot parse access token"), base.TokenRefused),
        (error(100, "(#100) The App_id in the input_token did not match the Viewing App"), base.Rejected),
        ({}, base.Unavailable),
        ({"data": []}, base.Unavailable),
        (b"<html>", base.Unavailable),
    ],
)
async def test_whose_fault_a_refused_inspection_is(answer: Any, kind: type[Exception]) -> None:
    """The call is signed by our own token: what is wrong with that is the operator's to mend."""
    meta, _ = scripted("meta", ENV, answers() | {"GET /debug_token": answer})
    with pytest.raises(base.PlatformError) as caught:
        await meta.inspect(GRANT)
    assert type(caught.value) is kind
    assert "EAAmine" not in caught.value.message


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


async def test_a_token_that_meta_will_not_extend_stays_as_it_is() -> None:
    meta, _ = scripted("meta", ENV, {TOKEN_ENDPOINT: error(100, "(#100) Invalid parameter")})
    assert await meta.extend(GRANT) is GRANT
    system = Grant(Secret("EAAsystem"), extra={"type": "SYSTEM_USER"})
    meta, script = scripted("meta", ENV, {})
    assert await meta.extend(system) is system
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
    assert not meta.rotates(grant)


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


# Ad accounts


def account(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"act_{number}", "account_id": str(number), "name": f"Account {number}", "account_status": 1} | more


def page(*rows: Any, after: str = "", follow: str = "") -> dict[str, Any]:
    return {"data": list(rows), "paging": {"cursors": {"after": after}} | ({"next": follow} if follow else {})}


async def test_all_pages_and_the_businesses_accounts_each_once() -> None:
    owner = {"id": "5", "name": "Owner Ltd"}
    meta, script = scripted(
        "meta",
        ENV,
        {
            "GET /me/adaccounts": [
                page(account(1, currency="EUR", timezone_name="Europe/Berlin"), after="A", follow="http://evil.test/"),
                page(account(2, account_status=2), after="B"),
            ],
            "GET /me/businesses": page({"id": "900", "name": "Sample Inc"}, {"id": "../me", "name": "No id"}),
            "GET /900/owned_ad_accounts": [
                page(account(2), after="C", follow="x"),
                page(account(3, account_status=101)),
            ],
            "GET /900/client_ad_accounts": page(account(4, account_status=55, business=owner)),
        },
    )
    grant = Grant(Secret("EAAmine"), scopes=("ads_read", "business_management"))
    assert await meta.ad_accounts(grant) == [
        AdAccount("act_1", "Account 1", "active", "EUR", "Europe/Berlin"),
        AdAccount("act_2", "Account 2", "disabled"),
        AdAccount("act_3", "Account 3", "closed", business="Sample Inc"),
        AdAccount("act_4", "Account 4", "unknown", business="Owner Ltd"),
    ]
    assert {request.url.host for request in script.requests} == {"graph.facebook.com"}
    first, second = script.asked("/me/adaccounts")
    assert "after" not in first
    assert second["after"] == "A"
    assert "business{id,name}" in first["fields"]
    assert all("appsecret_proof" in dict(request.url.params) for request in script.requests)


@pytest.mark.parametrize("code", [3, 10, 200])
async def test_businesses_that_may_not_be_seen_are_skipped(code: int) -> None:
    replies = {"GET /me/adaccounts": page(account(1)), "GET /me/businesses": error(code, status=403)}
    meta, _ = scripted("meta", ENV, replies)
    assert [found.id for found in await meta.ad_accounts(GRANT)] == ["act_1"]


async def test_without_the_permission_the_businesses_are_not_asked() -> None:
    meta, script = scripted("meta", ENV, {"GET /me/adaccounts": page(account(1))})
    await meta.ad_accounts(Grant(Secret("EAAmine"), scopes=("ads_read",)))
    assert [request.url.path for request in script.requests] == ["/v26.0/me/adaccounts"]
    assert "business" not in script.asked("/me/adaccounts")[0]["fields"]


async def test_a_refused_list_of_ones_own_is_an_error() -> None:
    meta, _ = scripted("meta", ENV, {"GET /me/adaccounts": error(200, status=403)})
    with pytest.raises(base.PermissionRefused):
        await meta.ad_accounts(GRANT)


@pytest.mark.parametrize("answer", [{}, b"[]", {"data": {}}, {"data": None}])
async def test_a_list_without_data_is_not_an_empty_one(answer: Any) -> None:
    meta, _ = scripted("meta", ENV, {"GET /me/adaccounts": answer})
    with pytest.raises(base.Unavailable):
        await meta.ad_accounts(GRANT)


async def test_rows_that_make_no_sense_are_left_out() -> None:
    rows = [None, "act_9", {}, {"account_id": 7}, {"id": "act_8", "name": None, "account_status": "2"}]
    meta, _ = scripted("meta", ENV, {"GET /me/adaccounts": page(*rows)})
    found = await meta.ad_accounts(Grant(Secret("t"), scopes=()))
    assert found == [AdAccount("act_7", "act_7", "unknown"), AdAccount("act_8", "act_8", "disabled")]


async def test_a_cursor_that_stands_still_ends_the_walk() -> None:
    meta, script = scripted("meta", ENV, {"GET /me/adaccounts": page(account(1), after="A", follow="x")})
    await meta.ad_accounts(Grant(Secret("t"), scopes=()))
    assert len(script.requests) == 2


async def test_a_walk_without_end_is_given_up() -> None:
    pages = [page(account(number), after=str(number), follow="x") for number in range(MAX_PAGES + 1)]
    meta, script = scripted("meta", ENV, {"GET /me/adaccounts": pages})
    with pytest.raises(base.Unavailable):
        await meta.ad_accounts(Grant(Secret("t"), scopes=()))
    assert len(script.requests) == MAX_PAGES
