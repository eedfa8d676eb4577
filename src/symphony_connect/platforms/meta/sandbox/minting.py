"""Tokens without a browser, for tests and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symphony_connect.base.clock import rfc3339
from symphony_connect.platforms.meta.sandbox.grants import LONG_LIFE, SHORT_LIFE, Grants, Token
from symphony_connect.platforms.meta.sandbox.members import APPS, CONFIGURED, PERMISSIONS, USUAL_PARTIAL, App, Member

KINDS = ("short", "long", "page", "app", "system_user")
WISHES = ("app", "kind", "expiresIn", "scopes")
USUAL = (*CONFIGURED, "instagram_basic")


def mint(grants: Grants, member: Member, system_user: Member, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """`app` an app id, `kind` one of KINDS, `expiresIn` seconds (0: never), `scopes` a list.

    Raises ValueError for anything else.
    """
    unknown = [wish for wish in wishes if wish not in WISHES]
    if unknown:
        raise ValueError(f"A Meta token takes {', '.join(WISHES)}; not {', '.join(unknown)}.")
    token = _token(grants, member, system_user, wishes)
    granted = token.authorization
    return {
        "accessToken": token.value,
        "kind": wishes.get("kind", "short"),
        "app": token.app.id,
        "userId": granted.member.id if granted else None,
        "expiresAt": rfc3339(token.expires_at * 1000) if token.expires_at else None,
        "scopes": granted.granted() if granted else [],
    }


def _token(grants: Grants, member: Member, system_user: Member, wishes: Mapping[str, Any]) -> Token:
    app, kind = _app(wishes), _kind(wishes)
    if kind == "app":
        return grants.new_app_token(app)
    who = system_user if kind == "system_user" else member
    choices = _choices(who, wishes)
    granted = grants.authorise(app, who, choices, [account.number for account in who.every_account()])
    life = _life(wishes, {"short": SHORT_LIFE, "system_user": 0}.get(kind, LONG_LIFE))
    token = grants.new_token(granted, life, long_lived=kind != "short")
    if kind != "page":
        return token
    if not member.pages:
        raise ValueError(f"{member.person.name} has no Page.")
    return grants.page_token(token, member.pages[0])


def _app(wishes: Mapping[str, Any]) -> App:
    app_id = wishes.get("app", next(iter(APPS)))
    if not isinstance(app_id, str) or app_id not in APPS:
        raise ValueError(f"`app` is one of {', '.join(APPS)}; not {app_id!r}.")
    return APPS[app_id]


def _kind(wishes: Mapping[str, Any]) -> str:
    kind = wishes.get("kind", "short")
    if kind not in KINDS:
        raise ValueError(f"`kind` is one of {', '.join(KINDS)}; not {kind!r}.")
    return str(kind)


def _choices(who: Member, wishes: Mapping[str, Any]) -> dict[str, str]:
    """Granted, or declined where the person ticks only some and nobody named `scopes`."""
    scopes = _scopes(wishes)
    some = who.person.partial and who.client_business is None and "scopes" not in wishes
    return {scope: "declined" if some and scope not in USUAL_PARTIAL else "granted" for scope in scopes}


def _scopes(wishes: Mapping[str, Any]) -> list[str]:
    scopes = wishes.get("scopes", list(USUAL))
    if not isinstance(scopes, list) or not all(isinstance(scope, str) and scope in PERMISSIONS for scope in scopes):
        raise ValueError(f"`scopes` is a list of {', '.join(PERMISSIONS)}; not {scopes!r}.")
    return ["public_profile", *scopes]


def _life(wishes: Mapping[str, Any], usual: int) -> int:
    life = wishes.get("expiresIn", usual)
    if not isinstance(life, int) or isinstance(life, bool) or not 0 <= life <= 10**9:
        raise ValueError(f"`expiresIn` is a number of seconds, 0 for never; not {life!r}.")
    return life
