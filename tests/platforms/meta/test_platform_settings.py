"""What an operator may set for Meta."""

from __future__ import annotations

from tests.base.test_settings import refusal


async def test_an_unknown_permission_is_refused_with_the_nearest() -> None:
    assert "did you mean ads_management?" in await refusal(SYMPHONY_META_SCOPES="ads_read,ads_managment")
    assert "known are" in await refusal(SYMPHONY_META_SCOPES="zzzz")
    assert await refusal(SYMPHONY_META_SCOPES="ads_management instagram_basic") == ""
