"""Checks a token that a caller registers: it may have ended, or belong to another app.

Such a check may exchange a one-time refresh token for a new pair. The platform gives that once: it is kept sealed from
then on, among the strays, until a connection has it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import Grant, Inspection, Secret
from symphony_connect.connections import sql, strays
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform, PlatformError, RateLimited, Rejected, TokenRefused, Unavailable
from symphony_connect.store.db import StoreUnavailable, Transaction
from symphony_connect.vault.vault import Binding


@dataclass(frozen=True)
class Kept:
    """The place of the new pair, found again by the access token that the caller brought.

    So a registration that was refused or cut short can be sent again with the same tokens. After `SIGN_IN_OVER` the
    worker revokes the pair.
    """

    core: Core
    platform: Platform
    binding: Binding
    brought: Secret

    @property
    def _key(self) -> str:
        return f"brought {self.binding.workspace_id} {self.platform.name} {fingerprint(self.brought.reveal())}"

    async def pair(self) -> Grant | None:
        """What an earlier check of the same token left; None where it left nothing."""
        return await strays.grant_of_flow(self.core, self._key)

    async def keep(self, pair: Grant) -> None:
        """Store the pair. Tried again while the process runs, because the platform will not issue it twice."""
        pause = 0.05
        while True:
            try:
                return await self._store(pair)
            except StoreUnavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)

    async def _store(self, pair: Grant) -> None:
        if not await strays.known(self.core, self._key, pair, None):
            await strays.keep(
                self.core,
                self.binding.workspace_id,
                self.platform,
                pair,
                wait=strays.SIGN_IN_OVER,
                flow_id=self._key,
                brand_id=self.binding.brand_id,
            )

    async def used(self, tx: Transaction) -> None:
        """A connection has the pair now."""
        await tx.run(sql.stray_used, flow_id=self._key)

    async def revoke(self) -> None:
        """No connection will have the pair, whatever is sent again."""
        await strays.finish_of_flow(self.core, self._key)


async def inspect_brought(platform: Platform, grant: Grant, kept: Kept) -> Inspection:
    """Inspect it. Its refresh token is used when the access token has ended, or when only that proves whose app it is.

    A refresh token works only for the app that it was issued to (RFC 6749, section 6).
    """
    refused: PlatformError | None = None
    try:
        inspection = await platform.inspect(grant)
        if platform.tells_whose_app:
            return inspection
    except TokenRefused as error:
        refused = error
    if grant.refresh_token is None:
        raise refused or unprovable(platform)
    try:
        new = await platform.renew(grant)
    except TokenRefused as error:
        raise refused or Rejected(error.message, problem="token_of_other_app", code=error.code) from error
    new = replace(new, refresh_token=new.refresh_token or grant.refresh_token)
    await kept.keep(new)
    try:
        return await platform.inspect(new)
    except (Unavailable, RateLimited) as error:
        error.issued = new
        raise


def unprovable(platform: Platform) -> Rejected:
    name = platform.display_name
    return Rejected(
        f"{name} does not say whose app a token is. Bring its refresh token too, or let the owner sign in here",
        problem="token_of_other_app",
    )
