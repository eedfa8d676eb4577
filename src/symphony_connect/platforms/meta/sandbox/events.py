"""What can happen to a member, their grants and their ad accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants
from symphony_connect.platforms.meta.sandbox.members import APPS, AdAccount, Member

ACTIONS: Mapping[str, str] = {
    "revoke": "Takes back one `permission`; without it everything, as remove-app does.",
    "remove-app": "Removes every app, or `appId`, in Business Integrations; tokens then answer 190/458.",
    "change-password": "Ends every token, 190/460.",
    "log-out": "Ends every token, 190/467.",
    "checkpoint": "Bars every token until clear-checkpoint, 190/490.",
    "must-log-in": "Bars every token until clear-checkpoint, 190/459.",
    "clear-checkpoint": "Lifts what bars the tokens.",
    "expire-token": "Ends every token now, 190/463.",
    "expire-data-access": "Ends data access now: tokens live on, reading ends.",
    "disable-account": "Disables every ad account, or `accountId`.",
    "enable-account": "Enables every ad account, or `accountId`.",
    "ungrant-account": "Takes every ad account, or `accountId`, out of what was granted; tokens live on.",
}
_DEADLY = {"change-password": "190/460", "log-out": "190/467"}
_BARS = {"checkpoint": "190/490", "must-log-in": "190/459", "clear-checkpoint": None}
_STATUS = {"disable-account": 2, "enable-account": 1}


class Events:
    """Makes ACTIONS happen."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def happen(self, member: Member, action: str, details: Mapping[str, Any]) -> None:
        """Raises ValueError when there is no such app, account or permission."""
        authorizations = self._authorizations(member, details.get("appId"))
        if action in _BARS:
            for each in {id(member): member, **{id(one.member): one.member for one in authorizations}}.values():
                each.barred = _BARS[action]
        elif action in _STATUS:
            for account in _accounts(member, details.get("accountId")):
                account.status = _STATUS[action]
        elif action == "ungrant-account":
            gone = {account.number for account in _accounts(member, details.get("accountId"))}
            for each_grant in authorizations:
                each_grant.accounts -= gone
        else:
            for each_grant in authorizations:
                self._strike(each_grant, action, details.get("permission"))

    def _strike(self, authorization: Authorization, action: str, permission: object) -> None:
        if action == "revoke" and permission is not None:
            if permission not in authorization.permissions:
                raise ValueError(f"`permission` is one of {', '.join(authorization.permissions)}; not {permission!r}.")
            authorization.permissions[str(permission)] = "declined"
        elif action in ("revoke", "remove-app"):
            self._grants.remove(authorization)
        elif action in _DEADLY:
            self._grants.kill(authorization, _DEADLY[action])
        elif action == "expire-data-access":
            authorization.data_until = self._grants.now()
        elif action == "expire-token":
            for token in self._grants.tokens(authorization):
                token.expires_at = self._grants.now()

    def _authorizations(self, member: Member, app_id: object) -> list[Authorization]:
        if app_id is not None and app_id not in APPS:
            raise ValueError(f"`appId` is one of {', '.join(APPS)}; not {app_id!r}.")
        return [each for each in self._grants.of_member(member) if app_id in (None, each.app.id)]


def _accounts(member: Member, account_id: object) -> Iterator[AdAccount]:
    known = {account.number: account for account in member.every_account()}
    if account_id is None:
        yield from known.values()
        return
    number = str(account_id).removeprefix("act_")
    if number not in known:
        raise ValueError(f"`accountId` is one of {', '.join(known)}; not {account_id!r}.")
    yield known[number]
