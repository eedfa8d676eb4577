"""What can happen to a member's advertisers, approvals and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symphony_connect.platforms.tiktok.sandbox.grants import Approval, Grants
from symphony_connect.platforms.tiktok.sandbox.members import APPS, Advertiser, Member
from symphony_connect.sandbox.world import World

ACTIONS: Mapping[str, str] = {
    "revoke": "Cancels what they approved, for every app or for `appId`; their tokens then answer 40105.",
    "remove-app": "The same, said as Business Center says it.",
    "change-password": "Ends every token of theirs, 40105.",
    "expire-token": "Ends their access tokens now, 40102; refresh tokens live on.",
    "expire-refresh-token": "Ends their refresh tokens now, 40103.",
    "disable-account": "STATUS_DISABLE for every ad account, or for `accountId`.",
    "enable-account": "STATUS_ENABLE for every ad account, or for `accountId`.",
    "ungrant-account": "Takes every ad account, or `accountId`, out of what they approved; tokens live on.",
}


class Events:
    """Makes ACTIONS happen."""

    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants

    def happen(self, member: Member, action: str, details: Mapping[str, Any]) -> None:
        """Raises ValueError when there is no such app or account."""
        match action:
            case "revoke" | "remove-app" | "change-password":
                for approval in self._approvals(member, details.get("appId")):
                    approval.over = True
            case "expire-token":
                for access in self._grants.tokens(member):
                    access.expires_at = self._world.clock()
            case "expire-refresh-token":
                for refresh in self._grants.refresh_tokens(member):
                    refresh.expires_at = self._world.clock()
            case "disable-account" | "enable-account":
                for advertiser in _advertisers(member, details.get("accountId")):
                    advertiser.status = "STATUS_DISABLE" if action == "disable-account" else "STATUS_ENABLE"
            case "ungrant-account":
                gone = {advertiser.id for advertiser in _advertisers(member, details.get("accountId"))}
                for approval in self._grants.approvals(member):
                    approval.advertiser_ids = [key for key in approval.advertiser_ids if key not in gone]

    def _approvals(self, member: Member, app_id: object) -> list[Approval]:
        if app_id is not None and str(app_id) not in APPS:
            raise ValueError(f"`appId` is one of {', '.join(APPS)}; not {app_id!r}.")
        return [each for each in self._grants.approvals(member) if app_id is None or each.app.id == str(app_id)]


def _advertisers(member: Member, account_id: object) -> Iterable[Advertiser]:
    if account_id is None:
        return member.advertisers.values()
    if str(account_id) not in member.advertisers:
        raise ValueError(f"`accountId` is one of {', '.join(member.advertisers)}; not {account_id!r}.")
    return [member.advertisers[str(account_id)]]
