"""How long a token lasts, and whether that is long enough for who reads it."""

from __future__ import annotations

from typing import NamedTuple

from symphony_connect.base.model import Grant
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.status import MARGIN


class Lifetime(NamedTuple):
    """Times are milliseconds since the epoch; None where they are not known."""

    issued_at: int | None
    expires_at: int | None
    data_access_expires_at: int | None
    renewable: bool
    """Whether there is a refresh token."""

    @classmethod
    def of(cls, connection: Connection, grant: Grant) -> Lifetime:
        renewable = grant.refresh_token is not None
        return cls(connection.issued_at, connection.expires_at, connection.data_access_expires_at, renewable)

    def needed(self, min_ttl: int) -> int:
        """Milliseconds that a read wants it to last, of those that it asks for.

        Capped at 23/24 of a renewed token's lifetime, else every read would renew it; MARGIN at least.
        """
        if self.expires_at is not None and self.issued_at is not None and self.renewable:
            life = self.expires_at - self.issued_at
            min_ttl = min(min_ttl, life - life // 24)
        return max(min_ttl, MARGIN)

    def good_for(self, now: int, milliseconds: int) -> bool:
        """Whether token and data access both last for the time. One whose end is not known counts as lasting."""
        data_end = self.data_access_expires_at
        if data_end is not None and data_end - now <= MARGIN:
            return False
        return self.expires_at is None or self.expires_at - now > milliseconds

    def fresh(self, now: int, milliseconds: int) -> bool:
        """The same; a renewable token without a known end does not last: it may end at any moment."""
        unknown = self.expires_at is None and self.renewable
        return not unknown and self.good_for(now, milliseconds)
