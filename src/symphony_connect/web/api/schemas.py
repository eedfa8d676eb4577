"""What goes over the wire: camelCase, strict, nothing unknown accepted."""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic.alias_generators import to_camel

from symphony_connect import platforms
from symphony_connect.base.model import Status


def _digits(value: Any) -> Any:
    """In paths and queries an integer is digits alone: `+5`, ` 5` and `5.0` are mistakes."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,17}", value):
        raise ValueError("must be a whole number")
    return value


Digits = BeforeValidator(_digits)
"""Stands last in an `Annotated`: limits that follow it would not be JSON Schema's."""
BrandId = Annotated[
    int, Field(ge=1, le=2**53 - 1, description="The integer you chose for the brand.", examples=[12345]), Digits
]
PLAIN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
"""What bodies may hold as text: no control character but tab and line ends (`web/strict.py` refuses the others)."""
Name = Annotated[
    str,
    Field(min_length=1, max_length=200, examples=["Northwind Bikes"], json_schema_extra={"pattern": PLAIN}),
]
# Only what is asked has to be a platform that is there: in answers a later version may name more.
# Shorter than any token: an unknown name is repeated in the answer, and arguments get swapped.
PlatformName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=30,
        description="As `GET /platforms` lists them.",
        examples=platforms.names()[:1],
        json_schema_extra={"enum": platforms.names()},
    ),
]
Data = TypeVar("Data")
Item = TypeVar("Item")
TokenText = Annotated[
    str,
    Field(min_length=1, max_length=8192, examples=["EXAMPLE-TOKEN-0000"], json_schema_extra={"pattern": "^[!-~]+$"}),
]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2027-01-21T11:49:35Z"])]
Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]
# A `const` that is no text breaks generated clients, openapi-generator's among them.
Yes = Annotated[Literal[True], WithJsonSchema({"type": "boolean", "description": "Always true.", "examples": [True]})]
No = Annotated[Literal[False], WithJsonSchema({"type": "boolean", "description": "Always false.", "examples": [False]})]
AnswerToken = Annotated[str, Field(examples=["EXAMPLE-TOKEN-0001"])]
AnswerPlatform = Annotated[str, Field(examples=platforms.names()[:1])]
Scopes = Annotated[list[str], Field(examples=[["ads_management", "ads_read"]])]


class Wire(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )


class Asked(Wire):
    """A body: its fields go by their names on the wire alone."""

    model_config = ConfigDict(populate_by_name=False)


class PutBrand(Asked):
    """Registers a token that was obtained at the platform."""

    brand_id: BrandId
    ad_platform: PlatformName
    access_token: TokenText
    name: Name | None = None
    """The brand's name, shown on hosted pages. A secret key may send it."""
    refresh_token: TokenText | None = None
    """For platforms that issue one."""
    expires_in: Annotated[int, Field(ge=0, le=10 * 365 * 86400, examples=[5183944])] | None = None
    """Seconds, as the platform said when it issued the token; 0: no known end."""
    replace_identity: bool = False
    """Lets another person's token replace the one before; false when absent."""

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
    """The brand's name as the owner sees it."""
    ad_platforms: Annotated[list[PlatformName], Field(min_length=1, max_length=20, fail_fast=True)] | None = None
    """Which may be connected, each once; all configured ones when absent."""
    redirect_url: Annotated[str, Field(max_length=2000, json_schema_extra={"format": "return-url"})] | None = None
    """Where the owner is led back to; its origin must be an allowed one."""
    expires_in: Annotated[int, Field(ge=1, le=30 * 86400, examples=[3600])] | None = None
    """Seconds; an hour when absent."""
    replace_identity: bool = False
    """False when absent: a brand that is connected already must come back as the same person."""


AdAccountId = Annotated[
    str,
    Field(
        max_length=200,
        examples=["act_210000000100001"],
        json_schema_extra={"format": "ad-account-id", "pattern": PLAIN},
    ),
]


class PutSelection(Asked):
    """Which ad accounts the brand uses."""

    selected: Annotated[list[AdAccountId], Field(max_length=10_000, fail_fast=True)]
    """Their ids, as `GET` lists them."""


class PostReport(Asked):
    """The platform's own error, as the campaign code met it; both may be left out."""

    code: Annotated[str, Field(max_length=60, examples=["190"], json_schema_extra={"pattern": PLAIN})] | None = None
    message: (
        Annotated[
            str, Field(max_length=1000, examples=["Invalid OAuth access token."], json_schema_extra={"pattern": PLAIN})
        ]
        | None
    ) = None


class IdentityOut(Wire):
    id: Annotated[str, Field(examples=["10200000000000001"])]
    name: Annotated[str, Field(examples=["Ada Lark"])]


class AdAccountOut(Wire):
    id: Annotated[str, Field(examples=["act_210000000100001"])]
    name: Annotated[str, Field(examples=["Ada Lark 1"])]
    status: Annotated[str, Field(examples=["active"])]
    currency: Annotated[str, Field(examples=["EUR"])] | None
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])] | None
    business: Annotated[str | None, Field(examples=[None])]
    """Which Business owns it; null: the person's own."""
    extra: dict[str, str] = Field(description="What only this platform has, such as a manager's id or a region.")
    headers: dict[str, str] = Field(description="Headers that calls for this ad account carry beside the token.")


class ListedAdAccount(AdAccountOut):
    selected: bool


class ConnectionOut(Wire):
    ad_platform: AnswerPlatform
    status: Annotated[Status, Field(examples=[Status.CONNECTED.value])]
    reason: Annotated[str | None, Field(examples=[None])]
    """Why it is not connected; null while it is."""
    status_since: Time
    identity: IdentityOut | None
    """Who signed in; null before the platform has told."""
    scopes: Scopes | None
    """Null: the platform has not told."""
    missing_scopes: Annotated[list[str], Field(examples=[[]])]
    ad_accounts: Annotated[int, Field(examples=[2])] | None
    """How many; null before the platform has told."""
    selected_ad_accounts: Annotated[int, Field(examples=[2])] | None
    access_token: Annotated[str, Field(examples=["••••••••"])]
    """Masked: reading it is a call of its own, with a scope of its own."""
    expires_at: Time | None
    """Null: no known end."""
    data_access_expires_at: Time | None
    connected_at: Time
    verified_at: Time | None
    renewed_at: Annotated[Time | None, Field(examples=[None])]


class BrandOut(Wire):
    id: Annotated[int, Field(examples=[12345])]
    name: Annotated[str, Field(examples=["Northwind Bikes"])] | None
    connections: list[ConnectionOut]


class TokenOut(Wire):
    access_token: AnswerToken
    token_type: Annotated[str, Field(examples=["user access token"])]
    expires_at: Time | None
    """Null: no known end."""
    scopes: Scopes | None
    ad_accounts: list[AdAccountOut] | None
    """Null before the platform has listed them."""


class ChangeOut(Wire):
    """What asking the platform came to."""

    changed: Annotated[bool, Field(examples=[False])]
    message: Annotated[str, Field(examples=["Nothing changed"])]
    connection: ConnectionOut


class ReportOut(ChangeOut):
    """What the platform says of a token that was reported as refused."""

    found: Annotated[Literal["good", "renewed", "needs_reconnect"], Field(examples=["good"])]
    """`good`: the platform accepts it; look at the call. `renewed`: read the new one. `needs_reconnect`: only the
    owner can help."""
    reconnect_url: Annotated[Url | None, Field(examples=[None])]
    """With `needs_reconnect`, for keys with `connect:write`: a link for the owner, good for seven days."""


class ReceiptOut(Wire):
    id: Annotated[str, Field(examples=["evt_0VbhaDra1NlGPkvdTNzLmJbY"])]
    ad_platform: AnswerPlatform
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
    platform: Annotated[dict[str, str | None] | None, Field(examples=[None])]
    """Where `upstream` is `refused`: the platform's code, subcode and message."""
    at: Time


class ReceiptData(Wire):
    receipt: ReceiptOut


class ReceiptsData(Wire):
    receipts: list[ReceiptOut]


class ConnectSessionOut(Wire):
    id: Annotated[str, Field(examples=["cs_0VbhaDht9QrN3vmbl4W2a2he"])]
    token: Annotated[str, Field(examples=["symcs_EXAMPLE"])]
    """For `SymphonyConnect.connect({token})`."""
    url: Annotated[Url, Field(examples=["https://connect.example.com/connect/symcs_EXAMPLE"])]
    """To send to the brand's owner."""
    expires_at: Time


class PlatformOut(Wire):
    ad_platform: AnswerPlatform
    display_name: Annotated[str, Field(examples=["An ad platform"])]
    token_type: Annotated[str, Field(examples=["user access token"])]
    notes: Annotated[str, Field(examples=["Obtained by signing in"])]
    configured: bool
    """Whether its app id and secret are set on this server."""


class Done(Wire):
    success: Yes = True
    message: Annotated[str, Field(examples=["Brand 12345 updated successfully"])]


class Success(Wire, Generic[Data]):
    success: Yes = True
    data: Data


class Page(Wire, Generic[Item]):
    success: Yes = True
    data: list[Item]
    next_cursor: Annotated[str | None, Field(examples=[None])]
    """Send it as `cursor` for the next page; null on the last."""


class PlatformError(BaseModel):
    """The platform's own words."""

    model_config = ConfigDict(extra="allow")

    code: str | None = None
    subcode: str | None = None
    message: str | None = None


class ErrorBody(Wire):
    model_config = ConfigDict(extra="allow", json_schema_serialization_defaults_required=False)

    code: Annotated[str, Field(examples=["needs_reconnect"])]
    """One of the codes that the call lists; a later version may have more."""
    message: str
    """A sentence for people: what is wrong and what to do."""
    field: str | None = None
    """With `invalid_request`: the part of the request that is wrong."""
    platform: PlatformError | None = None
    """The platform's own answer, where it gave one."""
    reason: str | None = None
    """With `needs_reconnect`: why only the owner can help."""
    reconnect_url: Url | None = None
    """With `needs_reconnect`, for keys with `connect:write`: a link for the owner, good for seven days."""


class Failure(Wire):
    success: No = False
    error: ErrorBody
    request_id: Annotated[str, Field(examples=["req_0VbhaDqGpl9LzFvgSzLq0zYU"])]
    """Quote it when you ask the operator; the logs know it."""
