"""Our Google against the sandbox's, over HTTP: written apart, from the same documents."""

from __future__ import annotations

import pytest

from symphony_connect.base.clock import HOUR
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.google_ads.contract import APP, OTHER_APP
from tests.platforms.live import came_back, platform, signed_in
from tests.tools.sandbox import CALLBACK, Sandbox


async def test_from_sign_in_to_revocation(sandbox: Sandbox) -> None:
    who = sandbox.newcomer()
    async with platform("google_ads", sandbox, DEVELOPER_TOKEN="") as google:
        await google.check_app()
        grant = await signed_in(google, sandbox, who)
        seen = await google.inspect(grant)
        assert (seen.identity.name, seen.missing_scopes) == (grant.extra["name"], ())
        accounts = await google.ad_accounts(grant)
        assert all((one.status, one.currency, one.timezone) == ("active", "USD", "Europe/Berlin") for one in accounts)
        sandbox.advance("2h")
        with pytest.raises(base.TokenRefused) as ended:
            await google.inspect(grant)
        assert ended.value.reason is Reason.EXPIRED
        renewed = await google.renew(grant)
        assert renewed.refresh_token == grant.refresh_token
        assert (renewed.expires_at or 0) - (grant.expires_at or 0) >= 2 * HOUR
        await google.revoke(renewed)
        with pytest.raises(base.TokenRefused) as gone:
            await google.renew(renewed)
        assert gone.value.reason is Reason.REVOKED
        await google.revoke(renewed)


async def test_trees_of_managers_keep_the_account_to_ask_as(sandbox: Sandbox) -> None:
    async with platform("google_ads", sandbox) as google:
        who = sandbox.newcomer(businesses=4, adAccounts=8)
        found = {one.id[-1]: one for one in await google.ad_accounts(await signed_in(google, sandbox, who))}
    roots = {id: one.extra["loginCustomerId"][-1] for id, one in found.items()}
    assert roots == {"1": "0", "5": "0", "4": "0", "8": "0", "2": "1", "6": "1", "3": "2", "7": "2"}
    assert [id for id, one in found.items() if {"test", "hidden"} & one.extra.keys()] == ["8"]


async def test_a_closed_account_and_none_at_all(sandbox: Sandbox) -> None:
    async with platform("google_ads", sandbox) as google:
        closed = await google.ad_accounts(await signed_in(google, sandbox, "disabled"))
        assert [one.status for one in closed] == ["disabled"]
        with pytest.raises(base.TokenRefused) as none:
            await google.ad_accounts(await signed_in(google, sandbox, "noaccounts"))
        assert none.value.code == "NOT_ADS_USER"


async def test_saying_no_and_a_code_that_works_once(sandbox: Sandbox) -> None:
    async with platform("google_ads", sandbox) as google:
        with pytest.raises(base.Denied):
            google.code_from_callback(came_back(google, sandbox, "ada", answer="deny"))
        code = google.code_from_callback(came_back(google, sandbox, "ada", "v" * 43))
        await google.exchange(code, CALLBACK, "v" * 43)
        with pytest.raises(base.Rejected):
            await google.exchange(code, CALLBACK, "v" * 43)


async def test_a_token_of_another_app_and_a_wrong_secret(sandbox: Sandbox) -> None:
    async with platform("google_ads", sandbox, app=(OTHER_APP, "GOCSPX-sandbox-other")) as theirs:
        grant = await signed_in(theirs, sandbox)
    async with platform("google_ads", sandbox) as google:
        with pytest.raises(base.Rejected) as caught:
            await google.inspect(grant)
        assert caught.value.problem == "token_of_other_app"
        with pytest.raises(base.TokenRefused):
            await google.inspect(Grant(Secret("garbage")))
    async with platform("google_ads", sandbox, app=(APP[0], "wrong")) as google:
        with pytest.raises(base.Misconfigured):
            await google.check_app()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("google_ads:OAUTH_TOKEN_REVOKED", base.TokenRefused),
        ("google_ads:RESOURCE_EXHAUSTED", base.RateLimited),
        ("google_ads:RESOURCE_EXHAUSTED/account", base.OneLimited),
        ("google_ads:ORGANIZATION_NOT_APPROVED", base.Misconfigured),
        ("http:503", base.Unavailable),
        ("html", base.Unavailable),
    ],
)
async def test_faults_on_a_read(sandbox: Sandbox, error: str, kind: type[Exception]) -> None:
    async with platform("google_ads", sandbox) as google:
        grant = await signed_in(google, sandbox)
        sandbox.fault("google_ads", error, path="customers:listAccessibleCustomers")
        with pytest.raises(base.PlatformError) as caught:
            await google.ad_accounts(grant)
        assert type(caught.value) is kind
        assert await google.ad_accounts(grant)
