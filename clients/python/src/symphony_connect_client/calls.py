"""Every call as a value: what is sent, and how its answer is read. Nothing here sends anything."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from symphony_connect_client.models import (
    AdAccount,
    Asset,
    Brand,
    Change,
    Connection,
    ConnectSession,
    Found,
    Key,
    NewKey,
    Page,
    Platform,
    Receipt,
    Report,
    Token,
)

Result = TypeVar("Result")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Call(Generic[Result]):
    """`path` follows `/api/sym/v2`."""

    method: str
    path: str
    read: Callable[[Found], Result]
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    repeatable: bool = False
    """Whether sending it twice does the same as once."""
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Listing(Generic[Item]):
    """A list that comes in pages."""

    path: str
    item: Callable[[Found], Item]
    query: dict[str, Any]

    def page(self, cursor: str | None) -> Call[Page[Item]]:
        def read(found: Found) -> Page[Item]:
            return Page(tuple(map(self.item, found["data"])), found.get("nextCursor"))

        return get(self.path, read, **self.query, cursor=cursor)


def get(path: str, read: Callable[[Found], Result], **query: Any) -> Call[Result]:
    return Call("GET", path, read, without_none(query), repeatable=True)


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Without those that nobody named."""
    return {name: value for name, value in values.items() if value is not None}


def as_data(read: Callable[[Found], Result]) -> Callable[[Found], Result]:
    return lambda found: read(found["data"])


def once(path: str, method: str, read: Callable[[Found], Result], key: str | None, **body: Any) -> Call[Result]:
    """A call that an `Idempotency-Key` makes repeatable."""
    return Call(
        method, path, read, body=without_none(body), repeatable=True, idempotency_key=key or secrets.token_urlsafe(24)
    )


def _at(brand_id: int, platform: str, rest: str = "") -> str:
    if not isinstance(brand_id, int) or not platform.isidentifier():
        raise ValueError("brand_id is a whole number, and platform a name such as GET /platforms lists")
    return f"/brands/{brand_id}/connections/{platform}{rest}"


def nothing(_: Found) -> None:
    return None


# Brands


def brand(brand_id: int) -> Call[Brand]:
    """One brand with its connections. Raises APIError `brand_not_found`."""
    return get("/brands", as_data(Brand.read), brandId=brand_id)


def brands(*, status: str | None = None, platform: str | None = None, limit: int = 200) -> Listing[Brand]:
    """All brands by id, `limit` in each page; narrowed to those with such a connection."""
    return Listing("/brands", Brand.read, {"status": status, "platform": platform, "limit": limit})


def register_token(
    brand_id: int,
    platform: str,
    access_token: str,
    *,
    refresh_token: str | None = None,
    expires_in: int | None = None,
    name: str | None = None,
    replace_identity: bool | None = None,
    idempotency_key: str | None = None,
) -> Call[str]:
    """Bring a token that you obtained at the platform; returns the service's sentence. `expires_in` in seconds."""
    return once(
        "/brands",
        "PUT",
        lambda found: str(found["message"]),
        idempotency_key,
        brandId=brand_id,
        adPlatform=platform,
        accessToken=access_token,
        refreshToken=refresh_token,
        expiresIn=expires_in,
        name=name,
        replaceIdentity=replace_identity,
    )


def delete_brand(brand_id: int) -> Call[tuple[Receipt, ...]]:
    """Disconnect it everywhere and forget it."""

    def read(found: Found) -> tuple[Receipt, ...]:
        return tuple(map(Receipt.read, found["data"]["receipts"]))

    return Call("DELETE", "/brands", read, {"brandId": brand_id})


# Connections


def connections(brand_id: int) -> Call[tuple[Connection, ...]]:
    return get(f"/brands/{int(brand_id)}/connections", lambda found: tuple(map(Connection.read, found["data"])))


def connection(brand_id: int, platform: str) -> Call[Connection]:
    return get(_at(brand_id, platform), as_data(Connection.read))


def disconnect(brand_id: int, platform: str) -> Call[Receipt]:
    return Call("DELETE", _at(brand_id, platform), lambda found: Receipt.read(found["data"]["receipt"]))


def token(brand_id: int, platform: str, *, min_ttl: int | None = None) -> Call[Token]:
    """A token that is good for at least `min_ttl` seconds (300 when absent). Raises NeedsReconnect."""
    return get(_at(brand_id, platform, "/token"), as_data(Token.read), minTtl=min_ttl)


def report_token(
    brand_id: int, platform: str, *, code: str | int | None = None, message: str | None = None
) -> Call[Report]:
    """Say that the platform refused the token, with the platform's own error; the service asks the platform."""
    body = without_none({"code": code, "message": message})
    return Call("POST", _at(brand_id, platform, "/token/report"), as_data(Report.read), body=body)


def verify(brand_id: int, platform: str) -> Call[Change]:
    """Let the service ask the platform now."""
    return Call("POST", _at(brand_id, platform, "/verify"), as_data(Change.read))


def renew(brand_id: int, platform: str) -> Call[Change]:
    return Call("POST", _at(brand_id, platform, "/renew"), as_data(Change.read))


def ad_accounts(brand_id: int, platform: str, *, refresh: bool | None = None, limit: int = 200) -> Listing[AdAccount]:
    """Every ad account that the sign-in reaches; with `refresh` the platform is asked first."""
    asked = None if refresh is None else str(refresh).lower()
    return Listing(_at(brand_id, platform, "/ad-accounts"), AdAccount.of, {"refresh": asked, "limit": limit})


def select_ad_accounts(brand_id: int, platform: str, selected: Sequence[str] | None) -> Call[tuple[AdAccount, ...]]:
    """Say which ad accounts the brand uses, by id; None: all, also those that come later."""
    body = {"selected": None if selected is None else list(selected)}
    path = _at(brand_id, platform, "/ad-accounts")
    return Call("PUT", path, lambda found: tuple(map(AdAccount.of, found["data"])), body=body, repeatable=True)


def assets(brand_id: int, platform: str, *, refresh: bool | None = None, limit: int = 200) -> Listing[Asset]:
    """What the sign-in reaches beside ad accounts, such as Pages; with `refresh` the platform is asked first."""
    asked = None if refresh is None else str(refresh).lower()
    return Listing(_at(brand_id, platform, "/assets"), Asset.of, {"refresh": asked, "limit": limit})


def select_assets(brand_id: int, platform: str, selected: Sequence[str] | None) -> Call[tuple[Asset, ...]]:
    """Say which assets the brand uses, by id; None: all that are usable, also those that come later."""
    body = {"selected": None if selected is None else list(selected)}
    path = _at(brand_id, platform, "/assets")
    return Call("PUT", path, lambda found: tuple(map(Asset.of, found["data"])), body=body, repeatable=True)


# Connect sessions, platforms, keys


def create_connect_session(
    brand_id: int,
    *,
    name: str | None = None,
    platforms: Sequence[str] | None = None,
    redirect_url: str | None = None,
    expires_in: int | None = None,
    replace_identity: bool | None = None,
    idempotency_key: str | None = None,
) -> Call[ConnectSession]:
    """Permission for a browser to connect one brand. `expires_in` in seconds: 3600 when absent."""
    return once(
        "/connect-sessions",
        "POST",
        as_data(ConnectSession.of),
        idempotency_key,
        brandId=brand_id,
        name=name,
        adPlatforms=None if platforms is None else list(platforms),
        redirectUrl=redirect_url,
        expiresIn=expires_in,
        replaceIdentity=replace_identity,
    )


def end_connect_session(id: str) -> Call[None]:
    return Call("DELETE", f"/connect-sessions/{checked_id(id)}", nothing)


def platforms() -> Call[tuple[Platform, ...]]:
    return get("/platforms", lambda found: tuple(map(Platform.of, found["data"])))


def keys(*, limit: int = 200) -> Listing[Key]:
    return Listing("/keys", Key.of, {"limit": limit})


def create_key(
    name: str,
    scopes: Sequence[str],
    *,
    brands: Sequence[int] | None = None,
    platforms: Sequence[str] | None = None,
    ad_accounts: Sequence[str] | None = None,
    read_only: bool | None = None,
    expires_in: int | None = None,
    idempotency_key: str | None = None,
) -> Call[NewKey]:
    """A secret key, never wider than the one that makes it. `expires_in` in seconds."""
    return once(
        "/keys",
        "POST",
        as_data(NewKey.of),
        idempotency_key,
        name=name,
        scopes=list(scopes),
        brands=brands and list(brands),
        platforms=platforms and list(platforms),
        adAccounts=ad_accounts and list(ad_accounts),
        readOnly=read_only,
        expiresIn=expires_in,
    )


def revoke_key(id: str) -> Call[None]:
    return Call("DELETE", f"/keys/{checked_id(id)}", nothing)


def checked_id(id: str) -> str:
    if not id.isidentifier():
        raise ValueError("this is no id")
    return id
