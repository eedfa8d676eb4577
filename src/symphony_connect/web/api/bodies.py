"""What requests send: the bodies of the API's calls."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, field_validator

from symphony_connect.access.api_keys import Scope
from symphony_connect.access.bounds import MOST
from symphony_connect.connections.event_types import Delivered
from symphony_connect.web.api.wire import PLAIN, BrandId, Name, PlatformName, TokenText, Wire

LARGEST = 2**53 - 1
"""The largest whole number that JSON readers agree on."""


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


Origin = Annotated[
    str, Field(max_length=300, json_schema_extra={"format": "uri"}, examples=["https://app.example.com"])
]
AdAccountId = Annotated[
    str,
    Field(
        max_length=200,
        examples=["act_210000000100001"],
        json_schema_extra={"format": "ad-account-id", "pattern": PLAIN},
    ),
]


class PostKey(Asked):
    """A key to make. What is left out of the bounds has the bounds of the key that makes it."""

    name: Annotated[str, Field(max_length=100, examples=["Campaign code"], json_schema_extra={"pattern": PLAIN})] = ""
    """What the key is for, in your words."""
    scopes: Annotated[list[Scope], Field(max_length=20, fail_fast=True, examples=[["brands:read"]])] | None = None
    """What it may do; none for a publishable key."""
    publishable: bool = False
    """For web pages: starts sign-ins and registers their tokens, nothing else. False when absent."""
    brands: Annotated[list[BrandId], Field(min_length=1, max_length=MOST, fail_fast=True)] | None = None
    """Only these brands."""
    platforms: Annotated[list[PlatformName], Field(min_length=1, max_length=20, fail_fast=True)] | None = None
    """Only these platforms."""
    ad_accounts: Annotated[list[AdAccountId], Field(min_length=1, max_length=MOST, fail_fast=True)] | None = None
    """Only these ad accounts."""
    read_only: bool = False
    """Nothing that changes anything, here or at a platform. False when absent."""
    origins: Annotated[list[Origin], Field(max_length=50, fail_fast=True)] | None = None
    """Of a publishable key: the pages that it works on; those of the settings when absent."""
    expires_in: Annotated[int, Field(ge=1, le=100 * 365 * 86400, examples=[7776000])] | None = None
    """Seconds; no end when absent, or the end of the key that makes it."""


WebhookUrl = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        examples=["https://hooks.example.com/symphony"],
        json_schema_extra={"format": "webhook-url"},
    ),
]
EventTypes = Annotated[list[Delivered], Field(max_length=50, fail_fast=True)]
Description = Annotated[str, Field(max_length=200, examples=["Campaign service"], json_schema_extra={"pattern": PLAIN})]


class PostWebhook(Asked):
    """An endpoint to make."""

    url: WebhookUrl
    types: EventTypes | None = None
    """Which events are delivered; all when absent or empty."""
    description: Description = ""


class PatchWebhook(Asked):
    """What is absent or null stays as it is."""

    url: WebhookUrl | None = None
    types: EventTypes | None = None
    """Empty: all."""
    description: Description | None = None
    enabled: bool | None = None
    """False: no event is queued for it. True also for one that was disabled by itself."""


class PutSelection(Asked):
    """Which ad accounts the brand uses."""

    selected: Annotated[list[AdAccountId], Field(max_length=10_000, fail_fast=True)] | None
    """Their ids, as `GET` lists them. An empty list: none. Null: all, also those that come later."""


class PostReport(Asked):
    """The platform's own error, as the campaign code met it; both may be left out."""

    code: (
        Annotated[str, Field(max_length=60, examples=["190"], json_schema_extra={"pattern": PLAIN})]
        | Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
        | None
    ) = None
    """As text or as the number that the platform sends."""
    message: (
        Annotated[
            str, Field(max_length=1000, examples=["Invalid OAuth access token."], json_schema_extra={"pattern": PLAIN})
        ]
        | None
    ) = None
