"""Our LinkedIn against the sandbox's, over HTTP: written apart, from the same documents."""

from __future__ import annotations

import pytest

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.linkedin.contract import APP, OTHER_APP
from tests.platforms.live import came_back, platform, signed_in
from tests.tools.sandbox import CALLBACK, Sandbox

USUAL_APP = ("78sandboxusual", "sandbox-linkedin-secret")


async def test_from_sign_in_to_the_fixed_end(sandbox: Sandbox) -> None:
    async with platform("linkedin", sandbox) as linkedin:
        await linkedin.check_app()
        grant = await signed_in(linkedin, sandbox)
        assert 304 * DAY < (grant.refresh_expires_at or 0) - (grant.expires_at or 0) <= 305 * DAY
        seen = await linkedin.inspect(grant)
        assert (seen.identity.name, seen.missing_scopes) == ("Ada Lark", ())
        accounts = await linkedin.ad_accounts(grant)
        assert [(one.status, one.currency, one.extra["role"]) for one in accounts] == [
            ("active", "USD", "ACCOUNT_MANAGER")
        ] * 2
        sandbox.advance("360d")
        last = await linkedin.renew(grant)
        assert abs((last.expires_at or 0) - (last.refresh_expires_at or 0)) <= 5_000
        sandbox.advance("6d")
        with pytest.raises(base.TokenRefused) as access:
            await linkedin.inspect(last)
        with pytest.raises(base.TokenRefused) as refresh:
            await linkedin.renew(last)
    assert (access.value.reason, refresh.value.reason) == (Reason.EXPIRED, Reason.EXPIRED)


async def test_an_app_without_refresh_tokens_has_sixty_days(sandbox: Sandbox) -> None:
    async with platform("linkedin", sandbox, app=USUAL_APP) as linkedin:
        grant = await signed_in(linkedin, sandbox)
        assert (grant.refresh_token, linkedin.renew_at(grant, 0)) == (None, None)
        await linkedin.inspect(grant)


async def test_another_set_of_scopes_ends_the_earlier_token(sandbox: Sandbox) -> None:
    who = sandbox.newcomer()
    async with platform("linkedin", sandbox) as linkedin:
        first = await signed_in(linkedin, sandbox, who)
        await signed_in(linkedin, sandbox, who)
        await linkedin.inspect(first)
    async with platform("linkedin", sandbox, SCOPES="r_ads openid profile") as narrower:
        await signed_in(narrower, sandbox, who)
        with pytest.raises(base.TokenRefused) as caught:
            await narrower.inspect(first)
    assert caught.value.reason is Reason.REVOKED


async def test_saying_no_and_a_code_that_works_once(sandbox: Sandbox) -> None:
    async with platform("linkedin", sandbox) as linkedin:
        with pytest.raises(base.Denied):
            linkedin.code_from_callback(came_back(linkedin, sandbox, "ada", answer="deny"))
        code = linkedin.code_from_callback(came_back(linkedin, sandbox, "ada"))
        await linkedin.exchange(code, CALLBACK, "")
        with pytest.raises(base.Rejected):
            await linkedin.exchange(code, CALLBACK, "")


async def test_a_token_of_another_app_and_a_wrong_secret(sandbox: Sandbox) -> None:
    async with platform("linkedin", sandbox, app=(OTHER_APP, "sandbox-linkedin-other")) as theirs:
        grant = await signed_in(theirs, sandbox)
    async with platform("linkedin", sandbox) as linkedin:
        with pytest.raises(base.Rejected) as caught:
            await linkedin.inspect(grant)
        assert caught.value.problem == "token_of_other_app"
        with pytest.raises(base.TokenRefused):
            await linkedin.inspect(Grant(Secret("garbage")))
    async with platform("linkedin", sandbox, app=(APP[0], "wrong")) as linkedin:
        with pytest.raises(base.Misconfigured):
            await linkedin.check_app()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("linkedin:65602", base.TokenRefused),
        ("linkedin:429", base.RateLimited),
        ("linkedin:429/member", base.OneLimited),
        ("linkedin:426", base.Misconfigured),
        ("http:503", base.Unavailable),
        ("html", base.Unavailable),
    ],
)
async def test_faults_on_a_read(sandbox: Sandbox, error: str, kind: type[Exception]) -> None:
    async with platform("linkedin", sandbox) as linkedin:
        grant = await signed_in(linkedin, sandbox)
        sandbox.fault("linkedin", error, path="rest/adAccountUsers")
        with pytest.raises(base.PlatformError) as caught:
            await linkedin.ad_accounts(grant)
        assert type(caught.value) is kind
        assert await linkedin.ad_accounts(grant)
