"""Our Meta against the sandbox's, over HTTP: written apart, from the same documents."""

from __future__ import annotations

import pytest

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.live import came_back, platform, signed_in
from tests.platforms.meta.client import META_APP
from tests.tools.sandbox import CALLBACK, Sandbox


def minted(sandbox: Sandbox, person: str = "ada", **wishes: object) -> Grant:
    token = sandbox.control("tokens", {"platform": "meta", "person": person, **wishes})
    return Grant(Secret(token["accessToken"]))


async def test_from_sign_in_to_revocation(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        await meta.check_app()
        grant = await signed_in(meta, sandbox)
        longer = await meta.extend(grant)
        assert grant.expires_at
        assert longer.expires_at
        assert longer.expires_at - grant.expires_at > 50 * DAY
        seen = await meta.inspect(longer)
        assert seen.missing_scopes == ()
        assert seen.grant.extra["type"] == "USER"
        assert seen.grant.data_access_expires_at
        assert abs((seen.grant.expires_at or 0) - longer.expires_at) < HOUR
        accounts = await meta.ad_accounts(seen.grant)
        assert [account.status for account in accounts] == ["active", "active"]
        assert all(account.id.startswith("act_") and account.currency and account.timezone for account in accounts)
        await meta.revoke(seen.grant)
        with pytest.raises(base.TokenRefused):
            await meta.inspect(seen.grant)


async def test_saying_no(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        with pytest.raises(base.Denied):
            meta.code_from_callback(came_back(meta, sandbox, "ada", answer="deny"))


async def test_a_code_works_once_and_only_with_its_verifier(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        code = meta.code_from_callback(came_back(meta, sandbox, "ada", "v" * 43))
        with pytest.raises(base.Rejected):
            await meta.exchange(code, CALLBACK, "w" * 43)
        code = meta.code_from_callback(came_back(meta, sandbox, "ada", "v" * 43))
        await meta.exchange(code, CALLBACK, "v" * 43)
        with pytest.raises(base.Rejected) as caught:
            await meta.exchange(code, CALLBACK, "v" * 43)
    assert (caught.value.code, caught.value.subcode) == ("100", "36009")


async def test_what_was_not_ticked_is_missing(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        seen = await meta.inspect(await signed_in(meta, sandbox, "partial"))
    assert "ads_management" in seen.missing_scopes
    assert "ads_read" not in seen.missing_scopes


async def test_accounts_that_only_a_business_holds(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        accounts = await meta.ad_accounts((await meta.inspect(await signed_in(meta, sandbox, "business"))).grant)
    assert accounts
    assert all(account.business for account in accounts)


async def test_a_disabled_account_and_none_at_all(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        assert [found.status for found in await meta.ad_accounts(minted(sandbox, "disabled"))] == ["disabled"]
        assert await meta.ad_accounts(minted(sandbox, "noaccounts")) == []


async def test_an_account_disabled_later_shows_it(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        grant = minted(sandbox)
        sandbox.person("ada", "disable-account", platform="meta")
        assert "disabled" in [found.status for found in await meta.ad_accounts(grant)]


@pytest.mark.parametrize(
    ("wishes", "problem"),
    [
        ({"app": "100000000000002"}, "token_of_other_app"),
        ({"kind": "page"}, "token_kind_refused"),
        ({"kind": "app"}, "token_kind_refused"),
    ],
)
async def test_tokens_that_are_not_served(sandbox: Sandbox, wishes: dict[str, str], problem: str) -> None:
    async with platform("meta", sandbox) as meta:
        with pytest.raises(base.Rejected) as caught:
            await meta.inspect(minted(sandbox, **wishes))
    assert caught.value.problem == problem


async def test_garbage_is_refused_as_a_token_and_not_as_our_app(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        with pytest.raises(base.TokenRefused):
            await meta.inspect(Grant(Secret("EAAgarbage")))


async def test_a_system_users_token_has_no_end_and_is_not_extended(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        seen = await meta.inspect(minted(sandbox, kind="system_user"))
        assert (seen.grant.extra["type"], seen.grant.expires_at) == ("SYSTEM_USER", None)
        assert await meta.extend(seen.grant) is seen.grant
        await meta.revoke(seen.grant)
        assert not (await meta.inspect(minted(sandbox, kind="system_user"))).missing_scopes
        with pytest.raises(base.TokenRefused):
            await meta.inspect(seen.grant)


@pytest.mark.parametrize(
    ("event", "reason"),
    [("change-password", Reason.PASSWORD_CHANGED), ("remove-app", Reason.APP_REMOVED), ("log-out", Reason.LOGGED_OUT)],
)
async def test_what_people_do_at_facebook(sandbox: Sandbox, event: str, reason: Reason) -> None:
    async with platform("meta", sandbox) as meta:
        grant = minted(sandbox, kind="long")
        sandbox.person("ada", event, platform="meta")
        for call in (meta.inspect(grant), meta.ad_accounts(grant), meta.renew(grant)):
            with pytest.raises(base.TokenRefused) as caught:
                await call
            assert caught.value.reason is reason


async def test_time_ends_a_token_and_before_it_the_access_to_data(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        two_months, for_ever = minted(sandbox, kind="long"), minted(sandbox, kind="long", expiresIn=0)
        sandbox.advance("61d")
        with pytest.raises(base.TokenRefused) as expired:
            await meta.inspect(two_months)
        assert (await meta.inspect(for_ever)).grant.expires_at is None
        sandbox.advance("30d")
        with pytest.raises(base.TokenRefused) as closed:
            await meta.inspect(for_ever)
    assert (expired.value.reason, closed.value.reason) == (Reason.EXPIRED, Reason.DATA_ACCESS_EXPIRED)


async def test_a_renewal_that_moves_nothing_says_so(sandbox: Sandbox) -> None:
    async with platform("meta", sandbox) as meta:
        before = (await meta.inspect(minted(sandbox, kind="long"))).grant
        sandbox.advance("40d")
        assert (await meta.renew(before)).expires_at == before.expires_at
        sandbox.control("settings", {"meta.reexchange_extends": True})
        moved = (await meta.renew(before)).expires_at
        assert moved
        assert before.expires_at
        assert moved - before.expires_at > 39 * DAY


async def test_an_end_that_is_left_out_is_asked_for(sandbox: Sandbox) -> None:
    sandbox.control("settings", {"meta.omit_expires_in": True, "meta.require_proof": True})
    async with platform("meta", sandbox) as meta:
        grant = await signed_in(meta, sandbox)
        assert grant.expires_at is None
        assert (await meta.extend(grant)).expires_at


async def test_a_wrong_secret_is_the_operators_to_mend(sandbox: Sandbox) -> None:
    grant = minted(sandbox)
    for app in ((META_APP[0], "wrong"), ("123456789", "wrong")):
        async with platform("meta", sandbox, app=app) as meta:
            with pytest.raises(base.Misconfigured):
                await meta.check_app()
            with pytest.raises(base.Misconfigured):
                await meta.inspect(grant)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("meta:190/460", base.TokenRefused),
        ("meta:4", base.RateLimited),
        ("meta:80004/2446079", base.OneLimited),
        ("meta:2", base.Unavailable),
        ("http:429", base.RateLimited),
        ("http:503", base.Unavailable),
        ("html", base.Unavailable),
    ],
)
async def test_faults_on_a_read(sandbox: Sandbox, error: str, kind: type[Exception]) -> None:
    async with platform("meta", sandbox) as meta:
        grant = minted(sandbox)
        sandbox.fault("meta", error, path="/me/adaccounts")
        with pytest.raises(base.PlatformError) as caught:
            await meta.ad_accounts(grant)
        assert type(caught.value) is kind
        assert len(sandbox.calls("meta", "adaccounts")) == 1
        assert await meta.ad_accounts(grant)


@pytest.mark.parametrize("error", ["reset", "truncate"])
async def test_a_read_survives_a_connection_that_is_cut(sandbox: Sandbox, error: str) -> None:
    async with platform("meta", sandbox) as meta:
        grant = minted(sandbox)
        sandbox.fault("meta", error, path="/me/adaccounts", times=2)
        assert await meta.ad_accounts(grant)


@pytest.mark.parametrize("error", ["reset", "truncate", "html"])
async def test_an_exchange_whose_answer_is_lost(sandbox: Sandbox, error: str) -> None:
    async with platform("meta", sandbox) as meta:
        sandbox.fault("meta", error, path="/oauth/access_token")
        with pytest.raises(base.OutcomeUnknown):
            await signed_in(meta, sandbox)
    assert len(sandbox.calls("meta", "access_token")) == 1
