"""What a brand's connection may look like, and what its readers must get, from what the platform remembers.

The model knows nothing of leases, journals or due times. It knows which sign-in each brand lives by, what
the platform did with its tokens, and which answers were heard.
"""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.base.clock import HOUR, MINUTE
from symphony_connect.base.model import Grant, Reason, Status
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.status import MARGIN
from tests.properties.scripted import Line, World

SERVED = (Status.CONNECTED, Status.EXPIRING)
CALM = 2 * HOUR
"""After trouble: by then nobody waits for a platform that is well again."""
BURIAL = 2 * MINUTE
"""After a death: by then the dead hold no lease."""

Standing = tuple[Status, Reason | None]
Way = tuple[bool, Line | None, Line | None]
"""Whether a brand is connected, the sign-in that it lives by, and the one that waits."""
WELL: set[Standing] = {(Status.CONNECTED, None)}
TROUBLED: set[Standing] = {
    (Status.EXPIRING, Reason.PLATFORM_UNREACHABLE),
    (Status.EXPIRING, Reason.PLATFORM_MISCONFIGURED),
}
WAITING: set[Standing] = {(Status.UNVERIFIED, Reason.PLATFORM_UNREACHABLE)}
TAKEN_BACK: set[Standing] = {
    (Status.NEEDS_RECONNECT, Reason.APP_REMOVED),
    (Status.NEEDS_RECONNECT, Reason.REVOKED),
}
REFUSED = TAKEN_BACK | {(Status.NEEDS_RECONNECT, Reason.EXPIRED)}
UNKNOWN: set[Standing] = {
    (Status.EXPIRING, Reason.OUTCOME_UNKNOWN),
    (Status.NEEDS_RECONNECT, Reason.OUTCOME_UNKNOWN),
}


@dataclass
class Seen:
    """A connection as the store has it."""

    connection: Connection
    grant: Grant | None
    pending: Grant | None
    open_note: bool

    @property
    def standing(self) -> Standing:
        return self.connection.status, self.connection.reason


@dataclass
class Brand:
    """`line` is the sign-in that the brand lives by, `waiting` one that the platform has yet to confirm."""

    line: Line | None = None
    waiting: Line | None = None
    known: bool = False
    """Whether there is a connection at all: from the first sign-in to the disconnect."""
    joined_at: int = 0
    """Since when it lives by that line."""
    marked_at: int | None = None
    """Since when its owner is known to be needed; the line does not come back from that."""
    refused: bool = False
    """Whether a sign-in that waited was no good when its platform was asked at last."""

    @property
    def way(self) -> Way:
        return self.known, self.line, self.waiting

    def ways(self, world: World) -> set[Way]:
        """What may become of it when the worker comes: a sign-in that waited may have had its answer."""
        if self.waiting is None:
            return {self.way}
        if world.works(self.waiting.held):
            return {self.way, (True, self.waiting, None)}
        # Its access token has ended while it waited; its refresh token may still renew it.
        renewed: set[Way] = {(True, self.waiting, None)} if self.waiting.dead_at is None else set()
        return {self.way, (True, self.line, None)} | renewed


def healthy(line: Line | None) -> bool:
    """Alive at the platform, and every answer was heard: this one must be kept alive, whatever happens."""
    return line is not None and line.dead_at is None and not line.missed


def allowed(brand: Brand) -> set[Standing]:
    line = brand.line
    if line is None:
        return WAITING if brand.waiting else REFUSED
    if healthy(line):
        return WELL | (TROUBLED if line.troubled else set())
    found = set(WAITING) if brand.waiting else set()
    if brand.marked_at is None:
        found |= WELL | (TROUBLED if line.troubled else set())
    if line.missed and line.dead_at is None and line.note == "closed":
        found -= WELL | TROUBLED  # the answer went missing after the journal was closed: nobody would ever know
    if line.dead_at is not None:
        found |= TAKEN_BACK
    if line.doubted or line.missed:
        found |= UNKNOWN
    if brand.marked_at is not None:
        found -= {standing for standing in found if standing[0] in SERVED}
        found |= REFUSED if brand.refused else set()
    return found


def settled(brand: Brand, world: World) -> set[Standing]:
    """Once trouble is over and the worker came often enough."""
    line = brand.line
    if line is None or line.dead_at is not None:
        return {standing for standing in allowed(brand) if standing[0] is Status.NEEDS_RECONNECT}
    if healthy(line):
        return WELL
    lives = world.works(line.held)
    known: Standing = (Status.EXPIRING if lives else Status.NEEDS_RECONNECT, Reason.OUTCOME_UNKNOWN)
    return {known} | (REFUSED if brand.refused and brand.marked_at is not None else set())


def promised(brand: Brand, world: World, calm: bool) -> str:
    """What a reader gets: `served`, `refused`, or `either` where it depends on who asked the platform when."""
    line = brand.line
    if line is None or brand.marked_at is not None:
        return "refused"
    left = world.issued[line.held].expires_at - world.now
    if line.dead_at is None and world.works(line.held) and left > MARGIN + MINUTE:
        return "served"
    if healthy(line) and calm:
        return "served"
    if line.missed and left <= MARGIN:
        return "refused"
    return "either"
