"""What stays of a connection that was ended: no name, no id of a person, no ad accounts.

Only a fingerprint of the platform's id of the person stays, by which that person's request for deletion finds the
connection's history.
"""

from __future__ import annotations

from symphony_connect.base.ids import fingerprint
from symphony_connect.store import search, sql
from symphony_connect.store.transaction import Transaction

BATCH = 500


def person(platform: str, identity_id: str) -> str:
    return fingerprint(f"{platform} {identity_id}")


async def forget(tx: Transaction, id: str, platform: str, identity_id: str | None) -> None:
    """Call once nothing needs the person any more: the platform knows, or never will. The search is not kept."""
    await tx.run(sql.ended_forget, id=id, person=person(platform, identity_id) if identity_id else None)


async def forget_all(tx: Transaction) -> None:
    """Of connections that were ended by an older version."""
    after = ""
    while rows := await tx.all(sql.ended_named, id=after, most=BATCH):
        for row in rows:
            await forget(tx, row["id"], row["platform"], row["identity_id"])
        after = rows[-1]["id"]
    if after:
        await search.rebuild(tx)
