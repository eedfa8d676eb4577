"""The Accounts API's sign-in calls, `tt_user`: tokens of TikTok accounts, not of advertisers."""

from __future__ import annotations

from typing import Any

from symphony_connect.platforms.tiktok.sandbox.errors import Refusal
from symphony_connect.platforms.tiktok.sandbox.grants import Grants, Issued, Kind
from symphony_connect.platforms.tiktok.sandbox.marketing import app_of
from symphony_connect.platforms.tiktok.sandbox.members import App
from symphony_connect.platforms.tiktok.sandbox.wire import Operation, Question


class Creator:
    """`/tt_user/…`. Both tokens end, and a refresh replaces both, whatever the app."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def operations(self) -> dict[str, Operation]:
        return {
            "/tt_user/oauth2/token/": Operation(self.token),
            "/tt_user/oauth2/refresh_token/": Operation(self.refresh_token),
            "/tt_user/oauth2/revoke/": Operation(self.revoke),
            "/tt_user/token_info/get/": Operation(self.token_info),
        }

    def token(self, question: Question) -> dict[str, Any]:
        app = _app(question, "authorization_code")
        question.text("redirect_uri")
        return _answer(question, self._grants.redeem(question.text("auth_code"), app, Kind.CREATOR))

    def refresh_token(self, question: Question) -> dict[str, Any]:
        app = _app(question, "refresh_token")
        issued = self._grants.rotate(question.text("refresh_token"), app, Kind.CREATOR, end_old=False)
        return _answer(question, issued)

    def revoke(self, question: Question) -> dict[str, Any]:
        app = app_of(question, "client_id", "client_secret")
        token = self._grants.access(question.text("access_token"), Kind.CREATOR)
        if token.approval.app is not app:
            raise Refusal("40000/app")
        token.approval.over = True
        return {}

    def token_info(self, question: Question) -> dict[str, Any]:
        app_id = question.number("app_id")
        approval = self._grants.access(question.text("access_token"), Kind.CREATOR).approval
        if approval.app.id != app_id:
            raise Refusal("40000/app")
        return {"app_id": app_id, "scope": scope_words(approval.scope), "creator_id": approval.member.core_user_id}


def _app(question: Question, grant_type: str) -> App:
    app = app_of(question, "client_id", "client_secret")
    if question.text("grant_type") != grant_type:
        raise Refusal("40108")
    return app


def _answer(question: Question, issued: Issued) -> dict[str, Any]:
    approval = issued.access.approval
    question.call.person = approval.member.person.name
    return {
        "access_token": issued.access.value,
        "token_type": "Bearer",
        "scope": scope_words(approval.scope),
        "open_id": f"open-{approval.member.core_user_id}",
        **issued.lifetimes(),
    }


def scope_words(scope: list[int] | list[str]) -> str:
    return ",".join(str(word) for word in scope)
