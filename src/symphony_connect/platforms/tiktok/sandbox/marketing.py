"""The Marketing API's sign-in calls and the few reads that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symphony_connect.platforms.tiktok.sandbox.errors import Refusal, missing
from symphony_connect.platforms.tiktok.sandbox.grants import Approval, Grants, Issued, Kind
from symphony_connect.platforms.tiktok.sandbox.members import AD_ACCOUNT_PERMISSION, APPS, Advertiser, App, Member
from symphony_connect.platforms.tiktok.sandbox.wire import Operation, Question

MAX_ADVERTISER_IDS = 100


def app_of(question: Question, id_name: str = "app_id", secret_name: str = "secret") -> App:  # noqa: S107 - a field
    """The app of this id and secret. Raises Refusal 40002, 40113 (no such app) or 40101 (not its secret)."""
    app = APPS.get(question.number(id_name))
    secret = question.text(secret_name)
    if app is None:
        raise Refusal("40113")
    if secret != app.secret:
        raise Refusal("40101")
    return app


class Marketing:
    """`/oauth2/…`, `/oauth/token/`, `/user/info/`, `/advertiser/info/`."""

    def __init__(self, grants: Grants, members: Mapping[str, Member], switches: Mapping[str, bool], born: int) -> None:
        """`members` by name; `born` is when everything was made, in seconds since the epoch."""
        self._grants = grants
        self._members = members
        self._switches = switches
        self.born = born

    def operations(self) -> dict[str, Operation]:
        flat_token = Operation(self.token, form=True, flat=True)
        return {
            "/oauth2/access_token/": Operation(self.access_token),
            "/oauth/token/": flat_token,
            "/oauth2/token/": flat_token,
            "/oauth2/refresh_token/": Operation(self.refresh_token),
            "/oauth2/revoke_token/": Operation(self.revoke_token),
            "/oauth2/advertiser/get/": Operation(self.advertiser_get, ("GET",)),
            "/user/info/": Operation(self.user_info, ("GET", "POST")),
            "/advertiser/info/": Operation(self.advertiser_info, ("GET",)),
        }

    def access_token(self, question: Question) -> dict[str, Any]:
        """`grant_type` is ignored: official and public clients leave it out, and it works."""
        app = app_of(question)
        issued = self._redeem(question, question.text("auth_code"), app)
        return {
            "access_token": issued.access.value,
            "advertiser_ids": self._advertiser_ids(question, issued.access.approval),
            "scope": issued.access.approval.scope,
            **issued.lifetimes(),
        }

    def token(self, question: Question) -> dict[str, Any]:
        """The OAuth-like spelling of the same exchange, whose answer has no `data`."""
        app = app_of(question, "client_id", "client_secret")
        if question.text("grant_type") != "authorization_code":
            raise Refusal("40108")
        issued = self._redeem(question, question.text("code", "auth_code"), app)
        return {
            "access_token": issued.access.value,
            "token_type": "Bearer",
            "scope": issued.access.approval.scope,
            "advertiser_ids": self._advertiser_ids(question, issued.access.approval),
            **issued.lifetimes(),
        }

    def refresh_token(self, question: Question) -> dict[str, Any]:
        """Only tokens of a short-term app can be refreshed; each refresh token works once."""
        app = app_of(question)
        silent = self._switches["refreshSaysLittle"]
        issued = self._grants.rotate(
            question.text("refresh_token"),
            app,
            Kind.MARKETING,
            end_old=self._switches["refreshEndsOldToken"],
            keep=silent,
        )
        question.call.person = issued.access.approval.member.person.name
        return {
            "access_token": issued.access.value,
            "advertiser_ids": self._advertiser_ids(question, issued.access.approval),
            "scope": issued.access.approval.scope,
            **({} if silent else issued.lifetimes()),
        }

    def revoke_token(self, question: Question) -> dict[str, Any]:
        app = app_of(question)
        approval = self.approval(question, question.text("access_token"), app)
        approval.over = True
        return {"app_id": app.id, "advertiser_ids": list(approval.advertiser_ids)}

    def advertiser_get(self, question: Question) -> dict[str, Any]:
        token = sent(question)
        approval = self.approval(question, token, app_of(question))
        owned = approval.member.advertisers
        return {
            "list": [
                {"advertiser_id": key, "advertiser_name": owned[key].name}
                for key in approval.advertiser_ids
                if key in owned
            ]
        }

    def user_info(self, question: Question) -> dict[str, Any]:
        member = self.approval(question, sent(question)).member
        return {
            "display_name": member.person.title,
            "email": member.email,
            "core_user_id": member.core_user_id,
            "create_time": self.born,
            "avatar_url": "https://sandbox.invalid/avatar.png",
        }

    def advertiser_info(self, question: Question) -> dict[str, Any]:
        approval = self.approval(question, sent(question))
        ids, fields = question.strings("advertiser_ids"), question.strings("fields")
        if not ids:
            raise missing("advertiser_ids")
        if len(ids) > MAX_ADVERTISER_IDS:
            raise Refusal("40011", f"advertiser_ids: at most {MAX_ADVERTISER_IDS} in one request.")
        if AD_ACCOUNT_PERMISSION not in approval.scope:
            raise Refusal("40001", "No permission: Ad Account Management was not granted.")
        return {"list": [self._narrowed(self.granted(approval, each), fields) for each in ids]}

    def _redeem(self, question: Question, code: str, app: App) -> Issued:
        verifier = question.text("code_verifier") if self._looks_at_verifier(question) else None
        try:
            issued = self._grants.redeem(code, app, Kind.MARKETING, verifier)
        except Refusal as refusal:
            if self._switches["usedCodeIs40101"] and refusal.key == "40110/used":
                raise Refusal("40101/used") from None
            raise
        question.call.person = issued.access.approval.member.person.name
        return issued

    def _looks_at_verifier(self, question: Question) -> bool:
        return self._switches["strictPkce"] and "code_verifier" in question.fields

    def approval(self, question: Question, token: str, app: App | None = None) -> Approval:
        """What a working token stands for. Raises Refusal; 40000 when the token is another app's."""
        approval = self._grants.access(token, Kind.MARKETING).approval
        question.call.person = approval.member.person.name
        if app is not None and approval.app is not app:
            raise Refusal("40000/app")
        return approval

    def _advertiser_ids(self, question: Question, approval: Approval) -> list[str]:
        """Also empty when the caller asks for none, because the list can be long."""
        wanted = question.fields.get("return_advertiser_ids", True)
        return [] if wanted in (False, "false") else list(approval.advertiser_ids)

    def granted(self, approval: Approval, advertiser_id: str) -> Advertiser:
        if advertiser_id in approval.advertiser_ids and advertiser_id in approval.member.advertisers:
            return approval.member.advertisers[advertiser_id]
        if any(advertiser_id in member.advertisers for member in self._members.values()):
            raise Refusal("40001", f"No permission to operate advertiser {advertiser_id}.")
        raise Refusal("40301", f"The advertiser {advertiser_id} does not match.")

    def _narrowed(self, advertiser: Advertiser, fields: list[str] | None) -> dict[str, Any]:
        details = advertiser.details(self.born)
        unknown = [name for name in fields or () if name not in details]
        if unknown:
            raise Refusal("40002", f"fields: {unknown[0]} is not a valid field.")
        shown = ("advertiser_id", *fields) if fields else tuple(details)
        return {name: details[name] for name in shown if name not in advertiser.missing}


def sent(question: Question) -> str:
    if not question.token:
        raise Refusal("40104")
    return question.token
