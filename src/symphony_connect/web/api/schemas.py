"""What goes over the wire: camelCase, strict, nothing unknown accepted."""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from symphony_connect import platforms
from symphony_connect.base.model import Status


def _digits(value: Any) -> Any:
    """In paths and queries an integer is digits alone: `+5`, ` 5` and `5.0` are mistakes."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,17}", value):
        raise ValueError("must be a whole number")
    return value


Digits = BeforeValidator(_digits)
BrandId = Annotated[int, Digits, Field(ge=1, le=2**53 - 1, description="The integer you chose for the brand.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
# Shorter than any token: an unknown name is repeated in the answer, and arguments get swapped.
PlatformName = Annotated[str, Field(min_length=1, max_length=30, examples=platforms.names())]
Data = TypeVar("Data")
Item = TypeVar("Item")
TokenText = Annotated[str, Field(min_length=1, max_length=8192)]


class Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Asked(Wire):
    """A body: its fields go by their names on the wire alone."""

    model_config = ConfigDict(populate_by_name=False)


class PutBrand(Asked):
    """Registers a token that was obtained at the platform."""

    brand_id: BrandId
    ad_platform: PlatformName
    access_token: TokenText
    name: Name | None = None
    refresh_token: TokenText | None = None
    expires_in: Annotated[int, Field(ge=0, le=10 * 365 * 86400)] | None = None
    """Seconds."""
    replace_identity: bool = False

    @field_validator("access_token", "refresh_token")
    @classmethod
    def _printable(cls, value: str | None) -> str | None:
        if value is not None and not (value.isascii() and value.isprintable() and " " not in value):
            raise ValueError("holds characters that no token has")
        return value


class PostConnectSession(Asked):
    """Permission for a browser to connect one brand."""

    brand_id: BrandId
    name: Name | None = None
    ad_platforms: Annotated[list[PlatformName], Field(min_length=1, max_length=20, fail_fast=True)] | None = None
    redirect_url: Annotated[str, Field(max_length=2000)] | None = None
    expires_in: Annotated[int, Field(ge=1, le=30 * 86400)] | None = None
    """Seconds; an hour when absent."""
    replace_identity: bool = False


class PutSelection(Asked):
    """Which ad accounts the brand uses."""

    selected: Annotated[list[str], Field(max_length=10_000, fail_fast=True)]


class IdentityOut(Wire):
    id: str
    name: str


class AdAccountOut(Wire):
    id: str
    name: str
    status: str
    currency: str | None
    timezone: str | None
    business: str | None
    extra: dict[str, str] = Field(description="What only this platform has, such as a manager's id or a region.")
    headers: dict[str, str] = Field(description="Headers that calls for this ad account carry beside the token.")


class ListedAdAccount(AdAccountOut):
    selected: bool


class ConnectionOut(Wire):
    ad_platform: str
    status: Status
    reason: str | None
    status_since: str
    identity: IdentityOut | None
    scopes: list[str] | None
    missing_scopes: list[str]
    ad_accounts: int | None
    """How many; None before the platform has told."""
    selected_ad_accounts: int | None
    access_token: str
    """Masked: reading it is a call of its own, with a scope of its own."""
    expires_at: str | None
    data_access_expires_at: str | None
    connected_at: str
    verified_at: str | None
    renewed_at: str | None


class BrandOut(Wire):
    id: int
    name: str | None
    connections: list[ConnectionOut]


class TokenOut(Wire):
    access_token: str
    token_type: str
    expires_at: str | None
    scopes: list[str] | None
    ad_accounts: list[AdAccountOut] | None
    """None before the platform has listed them."""


class ChangeOut(Wire):
    """What asking the platform came to."""

    changed: bool
    message: str
    connection: ConnectionOut


class ReceiptOut(Wire):
    id: str
    ad_platform: str
    here: Literal["destroyed"]
    upstream: Literal[
        "revoked",
        "already_gone",
        "shared_identity",
        "not_verified",
        "not_offered",
        "unreadable",
        "pending",
        "unreachable",
        "refused",
    ]
    platform: dict[str, str | None] | None
    at: str


class ReceiptData(Wire):
    receipt: ReceiptOut


class ReceiptsData(Wire):
    receipts: list[ReceiptOut]


class ConnectSessionOut(Wire):
    id: str
    token: str
    url: str
    expires_at: str


class PlatformOut(Wire):
    ad_platform: str
    display_name: str
    token_type: str
    notes: str
    configured: bool


class Done(Wire):
    success: Literal[True] = True
    message: str


class Success(Wire, Generic[Data]):
    success: Literal[True] = True
    data: Data


class Page(Wire, Generic[Item]):
    success: Literal[True] = True
    data: list[Item]
    next_cursor: str | None
    """Send it as `cursor` for the next page; null on the last."""


class ErrorBody(Wire):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    code: str
    message: str
    field: str | None = None
    platform: dict[str, Any] | None = None


class Failure(Wire):
    success: Literal[False] = False
    error: ErrorBody
    request_id: str
