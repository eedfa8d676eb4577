"""Long times pass: on which days to look, and where the brands are then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.renewal.house import House

DAYS = [1, 19, 38, 39, 40, 41, 44, 46, 47, 52, 53, 54, 58, 59, 60, 61, 75, 76, 77, 82, 83, 84, 88, 89, 90, 91]
"""At which something may happen, and those just before and after."""


async def summary(house: House, ids: list[str]) -> Counter[tuple[str, str, str, int]]:
    """How many brands are where, and how often each was announced and renewed."""
    found: Counter[tuple[str, str, str, int]] = Counter()
    for id in ids:
        row = await house.row(id)
        said = [event["days"] for event in await house.events(id, "connection.expiring")]
        renewals = len(await house.events(id, "connection.renewed"))
        found[(row.status, row.reason or "", ",".join(map(str, said)), renewals)] += 1
    return found


def table(day: int, platform: str, rows: Counter[tuple[str, str, str, int]]) -> Iterator[str]:
    for (status, reason, said, renewals), count in sorted(rows.items()):
        found = f"{count:>4} × {status:<16} {reason:<22} announced {said:<8} renewed {renewals}"
        yield f"day {day:>2}  {platform:<7} {found}"
