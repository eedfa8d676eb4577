"""What the API answers."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from symphony_connect import platforms
from symphony_connect.base.model import Status
from symphony_connect.web.api.wire import No, Time, Url, Wire, Yes

Data = TypeVar("Data")
Item = TypeVar("Item")
AnswerToken = Annotated[str, Field(examples=["EXAMPLE-TOKEN-0001"])]
AnswerPlatform = Annotated[str, Field(examples=platforms.names()[:1])]
Scopes = Annotated[list[str], Field(examples=[["ads_management", "ads_read"]])]


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
    """Who signed in; null until the platform has said."""
    scopes: Scopes | None
    """Null: the platform has not said."""
    missing_scopes: Annotated[list[str], Field(examples=[[]])]
    ad_accounts: Annotated[int, Field(examples=[2])] | None
    """How many; null until the platform has listed them."""
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


class KeyOut(Wire):
    id: Annotated[str, Field(examples=["key_0VbhaDqGpl9LzFvgSzLq0zYU"])]
    kind: Annotated[str, Field(examples=["secret"])]
    hint: Annotated[str, Field(examples=["sym_sk_AbCd…x9Yz"])]
    """Its beginning and its end; the key itself is shown once, when it is made."""
    name: str
    scopes: Annotated[list[str], Field(examples=[["brands:read", "tokens:read"]])]
    brands: list[int] | None
    """Null: every brand, platform or ad account."""
    platforms: list[str] | None
    ad_accounts: list[str] | None
    read_only: bool
    origins: list[str]
    created_at: Time
    expires_at: Time | None
    """Null: no end."""
    revoked_at: Time | None
    last_used_at: Time | None
    """To within an hour; null: not yet."""


class NewKeyOut(Wire):
    id: Annotated[str, Field(examples=["key_0VbhaDqGpl9LzFvgSzLq0zYU"])]
    key: Annotated[str, Field(examples=["sym_sk_EXAMPLE"])]
    """The key itself. It is not stored, so it is shown only now."""
    kind: Annotated[str, Field(examples=["secret"])]
    expires_at: Time | None


class Enclosing(Wire):
    """The base of generic answers: to read docstrings again for each would take a quarter of all importing."""

    model_config = ConfigDict(use_attribute_docstrings=False)


class Success(Enclosing, Generic[Data]):
    success: Yes = True
    data: Data


class Page(Enclosing, Generic[Item]):
    success: Yes = True
    data: list[Item]
    next_cursor: Annotated[
        str | None, Field(examples=[None], description="Send it as `cursor` for the next page; null on the last.")
    ]


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
