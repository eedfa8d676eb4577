"""Tokens that a sign-in handed to a page: the whole grant is kept here, sealed, until the page registers its token.

The page gets the access token alone. A refresh token, and what the platform said of both, stay here for
LIFE and are joined again when the access token is registered.
"""

from __future__ import annotations

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import Grant, Secret
from symphony_connect.connections import sql
from symphony_connect.core import Core
from symphony_connect.store.db import Transaction
from symphony_connect.vault.vault import Binding

LIFE = 15 * MINUTE
MOST_USES = 5
"""How often one token may be registered with a publishable key: a limit on calls to the platform, which are up to
sixteen for each registration."""


async def keep(
    tx: Transaction,
    core: Core,
    workspace_id: str,
    platform: str,
    key_id: str | None,
    token: Secret,
    grant: Grant,
    identity_id: str,
) -> None:
    """Store a grant under the token that its page is given. `key_id` is the page's publishable key, if it named one;
    `identity_id` is whose token it is."""
    token_hash = fingerprint(token.reveal())
    await tx.run(
        sql.handed_over_put,
        token_hash=token_hash,
        workspace_id=workspace_id,
        platform=platform,
        key_id=key_id,
        identity_id=identity_id,
        sealed=await core.vault.seal_grant(tx, _binding(workspace_id, platform, token_hash), grant),
        expires_at=core.clock() + LIFE,
    )


async def use(core: Core, caller: Caller, brand_id: int, platform: str, token: Secret) -> Grant | None:
    """The grant behind a token that a caller registers for a brand; None when it was not issued here lately.

    Each call counts. Raises Problem `too_many_requests` when a publishable key has used the token too often.
    """
    token_hash = fingerprint(token.reveal())
    async with core.store.writing() as tx:
        row = await tx.one(
            sql.handed_over_use,
            workspace_id=caller.workspace_id,
            token_hash=token_hash,
            platform=platform,
            brand=str(brand_id),
            only_key=caller.key_id if caller.publishable else None,
            now=core.clock(),
        )
    if row is None:
        return None
    if caller.publishable and row["uses"] > MOST_USES:
        raise Problem(
            "too_many_requests",
            f"This token was registered {MOST_USES} times already. Sign in again, or use a secret key.",
            retry_after=LIFE // 1000,
        )
    return await core.vault.open_grant(_binding(caller.workspace_id, platform, token_hash), row["sealed"])


async def destroy(tx: Transaction, workspace_id: str, token: str) -> None:
    """The page never got this token."""
    await tx.run(sql.handed_over_delete, workspace_id=workspace_id, token_hash=fingerprint(token))


def _binding(workspace_id: str, platform: str, token_hash: str) -> Binding:
    return Binding(workspace_id, 0, platform, "handed_over", token_hash)
