"""Our TikTok against the sandbox's, over HTTP: written apart, from the same documents."""

from __future__ import annotations

import pytest

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.live import came_back, platform, signed_in
from tests.platforms.tiktok.client import TIKTOK_APP, TIKTOK_SHORT_TERM_APP
from tests.tools.sandbox import CALLBACK, Sandbox

OTHER_APP = ("7000000000000000003", "sandbox-tiktok-other-secret")


async def test_from_sign_in_to_revocation(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox) as tiktok:
        await tiktok.check_app()
        grant = await signed_in(tiktok, sandbox)
        assert (grant.refresh_token, grant.expires_at, tiktok.renew_at(grant, 0)) == (None, None, None)
        assert grant.scopes
        seen = await tiktok.inspect(grant)
        assert seen.identity.id
        accounts = await tiktok.ad_accounts(grant)
        assert [account.status for account in accounts] == ["active", "active"]
        assert all(account.currency and account.timezone and account.business for account in accounts)
        await tiktok.revoke(grant)
        with pytest.raises(base.TokenRefused) as caught:
            await tiktok.inspect(grant)
        assert caught.value.reason is Reason.REVOKED
        await tiktok.revoke(grant)


async def test_a_short_term_pair_rotates_for_as_long_as_one_likes(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox, app=TIKTOK_SHORT_TERM_APP) as tiktok:
        first = await signed_in(tiktok, sandbox)
        grant = first
        for _ in range(3):
            sandbox.advance("20h")
            renewed = await tiktok.renew(grant)
            assert renewed.refresh_token != grant.refresh_token
            assert (renewed.expires_at or 0) > (grant.expires_at or 0)
            grant = renewed
        await tiktok.inspect(grant)
        with pytest.raises(base.TokenRefused) as spent:
            await tiktok.renew(first)
        assert spent.value.code == "40107"


async def test_time_ends_access_and_refresh_tokens(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox, app=TIKTOK_SHORT_TERM_APP) as tiktok:
        grant = await signed_in(tiktok, sandbox)
        assert (grant.refresh_expires_at or 0) - (grant.expires_at or 0) == 364 * DAY
        sandbox.advance("25h")
        with pytest.raises(base.TokenRefused) as access:
            await tiktok.inspect(grant)
        sandbox.advance("365d")
        with pytest.raises(base.TokenRefused) as refresh:
            await tiktok.renew(grant)
    assert (access.value.code, access.value.reason) == ("40102", Reason.EXPIRED)
    assert (refresh.value.code, refresh.value.reason) == ("40103", Reason.EXPIRED)


@pytest.mark.parametrize("state_only", [False, True])
async def test_saying_no(sandbox: Sandbox, state_only: bool) -> None:
    sandbox.control("settings", {"tiktok.denyWithStateOnly": state_only})
    async with platform("tiktok", sandbox) as tiktok:
        with pytest.raises(base.Denied):
            tiktok.code_from_callback(came_back(tiktok, sandbox, "ada", answer="deny"))


async def test_a_code_works_once(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox) as tiktok:
        code = tiktok.code_from_callback(came_back(tiktok, sandbox, "ada"))
        await tiktok.exchange(code, CALLBACK, "")
        with pytest.raises(base.Rejected) as caught:
            await tiktok.exchange(code, CALLBACK, "")
    assert caught.value.code == "40110"


async def test_a_token_of_another_app(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox, app=OTHER_APP) as theirs:
        grant = await signed_in(theirs, sandbox)
    async with platform("tiktok", sandbox) as tiktok:
        with pytest.raises(base.Rejected) as caught:
            await tiktok.inspect(grant)
    assert caught.value.problem == "token_of_other_app"


async def test_garbage_is_refused_as_a_token_and_not_as_our_app(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox) as tiktok:
        with pytest.raises(base.TokenRefused):
            await tiktok.inspect(Grant(Secret("garbage")))


async def test_a_disabled_account_and_none_at_all(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox) as tiktok:
        disabled = await tiktok.ad_accounts(await signed_in(tiktok, sandbox, "disabled"))
        assert [found.status for found in disabled] == ["disabled"]
        assert await tiktok.ad_accounts(await signed_in(tiktok, sandbox, "noaccounts")) == []


async def test_a_wrong_secret_is_the_operators_to_mend(sandbox: Sandbox) -> None:
    async with platform("tiktok", sandbox) as tiktok:
        grant = await signed_in(tiktok, sandbox)
    for app in ((TIKTOK_APP[0], "wrong"), ("7999999999999999999", "wrong")):
        async with platform("tiktok", sandbox, app=app) as tiktok:
            with pytest.raises(base.Misconfigured):
                await tiktok.check_app()
            with pytest.raises(base.Misconfigured):
                await tiktok.inspect(grant)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("tiktok:40105", base.TokenRefused),
        ("tiktok:40100", base.RateLimited),
        ("tiktok:50000", base.Unavailable),
        ("http:429", base.RateLimited),
        ("http:503", base.Unavailable),
        ("html", base.Unavailable),
    ],
)
async def test_faults_on_a_read(sandbox: Sandbox, error: str, kind: type[Exception]) -> None:
    async with platform("tiktok", sandbox) as tiktok:
        grant = await signed_in(tiktok, sandbox)
        sandbox.fault("tiktok", error, path="advertiser/get")
        with pytest.raises(base.PlatformError) as caught:
            await tiktok.ad_accounts(grant)
        assert type(caught.value) is kind
        assert await tiktok.ad_accounts(grant)


@pytest.mark.parametrize("error", ["reset", "truncate", "html"])
async def test_a_renewal_whose_answer_is_lost_is_not_repeated(sandbox: Sandbox, error: str) -> None:
    async with platform("tiktok", sandbox, app=TIKTOK_SHORT_TERM_APP) as tiktok:
        grant = await signed_in(tiktok, sandbox)
        sandbox.fault("tiktok", error, path="refresh_token")
        with pytest.raises(base.OutcomeUnknown):
            await tiktok.renew(grant)
    assert len(sandbox.calls("tiktok", "refresh_token")) == 1
