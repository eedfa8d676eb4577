"""Connections that are moved in from elsewhere, many at once: at the platform's pace, and each knows its token."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import AdAccount, Secret
from symphony_connect.connections import pacing, sql
from symphony_connect.connections.pacing import Paused
from symphony_connect.core import Core
from symphony_connect.store.db import Transaction

__all__ = ["Paused", "pace", "reached", "remember", "was_from"]


def pace(core: Core, platform: str) -> AbstractAsyncContextManager[None]:
    """Around the calls for one token. Raises Paused when they may not be made now."""
    return pacing.asking(core, platform, admitted=False, probe=False)


async def remember(tx: Transaction, connection_id: str, token: Secret, *, wanted: bool) -> None:
    """Store which token it was, as a hash, so that the same file can be read again."""
    if wanted:
        await tx.run(sql.connection_adopted, id=connection_id, fingerprint=fingerprint(token.reveal()))


async def was_from(core: Core, connection_id: str, token: Secret) -> bool:
    async with core.store.reading() as tx:
        row = await tx.one(sql.adopted_from, id=connection_id)
    return row is not None and row["adopted_from"] == fingerprint(token.reveal())


def reached(wanted: tuple[str, ...], accounts: tuple[AdAccount, ...] | None) -> tuple[str, ...]:
    """Those of the wanted ad accounts that are there, by the platform's ids; all while none were listed yet.

    A platform may put a word and `_` before the number that people write down.
    """
    if accounts is None:
        return wanted
    return tuple(each.id for each in accounts if each.id in wanted or each.id.rpartition("_")[2] in wanted)
