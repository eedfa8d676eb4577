"""`/platforms`: what can be connected here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from symphony_connect.access.caller import Caller
from symphony_connect.web.api.schemas import PlatformOut, Success
from symphony_connect.web.auth import Needs, TheCore

router = APIRouter(tags=["platforms"])


@router.get(
    "/platforms", operation_id="listPlatforms", response_model=Success[list[PlatformOut]], summary="List platforms"
)
async def get_platforms(
    core: TheCore, caller: Annotated[Caller, Depends(Needs("brands:read"))]
) -> Success[list[PlatformOut]]:
    return Success[list[PlatformOut]](
        data=[
            PlatformOut(
                ad_platform=platform.name,
                display_name=platform.display_name,
                token_type=platform.token_type,
                notes=platform.notes,
                configured=not platform.missing_settings,
            )
            for name, platform in core.platforms.items()
            if caller.bounds.has_platform(name)
        ]
    )
