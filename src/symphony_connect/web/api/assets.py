"""`…/connections/{platform}/assets`: what a connection reaches beside ad accounts, and which of it the brand uses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from symphony_connect.connections import assets
from symphony_connect.connections.assets import Shown
from symphony_connect.platforms.assets import Asset, State, Unusable
from symphony_connect.web.api.bodies import Asked
from symphony_connect.web.api.connections import BrandIdPath, PlatformPath, Reader, Writer
from symphony_connect.web.api.paging import Cursor, Limit, after, cursor_of
from symphony_connect.web.api.schemas import Enclosing, Success
from symphony_connect.web.api.wire import PLAIN, Wire, Yes
from symphony_connect.web.auth import TheCore
from symphony_connect.web.refuses import PLATFORM, TOKEN, refuses
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["connections"], prefix="/brands/{brandId}/connections")


class AssetOut(Wire):
    id: Annotated[str, Field(examples=["300000000000001"])]
    kind: Annotated[str, Field(examples=["page"])]
    """One of the platform's kinds; a later version may have more."""
    name: Annotated[str, Field(examples=["Ada Lark Page"])]
    usable: bool
    """Whether the platform lets this sign-in use it."""
    reason: Annotated[Unusable | None, Field(examples=[None])]
    """Why not. `not_shared`: its owner did not select it at the platform. `not_permitted`: the platform refuses it."""
    business: Annotated[str | None, Field(examples=[None])]
    """The Business that it is seen through."""
    parent: Annotated[str | None, Field(examples=[None])]
    """The id of the asset that it belongs to, such as an Instagram account's Page."""
    extra: dict[str, str] = Field(description="What only this platform has, such as the type of an identity.")
    selected: bool
    """Whether the brand uses it."""


class AssetPage(Enclosing):
    success: Yes = True
    data: list[AssetOut]
    next_cursor: Annotated[
        str | None, Field(examples=[None], description="Send it as `cursor` for the next page; null on the last.")
    ]
    offered: Annotated[
        Literal["offered", "not_offered"],
        Field(description="`not_offered`: the platform has no assets beside ad accounts, or none in the key's bounds."),
    ]
    kinds: dict[str, State] = Field(
        description="How much of each kind could be listed: all of it, a part, or none without a permission.",
        examples=[{"page": "listed"}],
    )


AssetId = Annotated[str, Field(max_length=200, examples=["300000000000001"], json_schema_extra={"pattern": PLAIN})]


class PutAssets(Asked):
    """Which assets the brand uses."""

    selected: Annotated[list[AssetId], Field(max_length=10_000, fail_fast=True)] | None
    """Their ids, as `GET` lists them. An empty list: none. Null: all that are usable, also those that come later."""


@router.get(
    "/{platform}/assets",
    operation_id="listAssets",
    response_model=AssetPage,
    summary="List Pages and other assets",
    openapi_extra=refuses(*TOKEN, *PLATFORM, "needs_reconnect", "unverified", "busy"),
)
async def get_assets(
    caller: Reader,
    core: TheCore,
    brand_id: BrandIdPath,
    platform: PlatformPath,
    refresh: Annotated[bool, Query(description="Ask the platform first.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AssetPage:
    """What the sign-in reaches beside ad accounts, such as Pages.

    Each was probed: `usable` says whether the platform lets this sign-in use it. No token of a Page is kept or shown.
    """
    verb = assets.refresh_assets if refresh else assets.find_assets
    shown = await verb(core, caller, brand_id, platform)
    first = after(cursor)
    if shown.assets is None:
        raise assets.not_listed(core, platform)
    last = first + limit
    return AssetPage(
        data=[AssetOut(**asset_out(shown, asset)) for asset in shown.assets[first:last]],
        next_cursor=cursor_of(last) if len(shown.assets) > last else None,
        offered="offered" if shown.offered else "not_offered",
        kinds=dict(shown.kept.kinds),
    )


@router.put(
    "/{platform}/assets",
    operation_id="chooseAssets",
    response_model=Success[list[AssetOut]],
    summary="Choose assets",
    openapi_extra=refuses("busy"),
)
async def put_assets(
    body: PutAssets, caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[list[AssetOut]]:
    """Says which of the usable assets the brand uses, and answers with those."""
    shown = await assets.choose_assets(core, caller, brand_id, platform, body.selected)
    used = [asset for asset in shown.assets or () if shown.kept.uses(asset)]
    return Success[list[AssetOut]](data=[AssetOut(**asset_out(shown, asset)) for asset in used])


def asset_out(shown: Shown, asset: Asset) -> dict[str, Any]:
    """As `AssetOut` has it."""
    return {**vars(asset), "selected": shown.kept.uses(asset)}
