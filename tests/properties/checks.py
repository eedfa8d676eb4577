"""What is seen in the store and told to readers, held against the model."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from symphony_connect.base.model import Status
from symphony_connect.connections import read_token, sql
from symphony_connect.connections.status import MARGIN
from tests.properties import model
from tests.properties.model import BURIAL, CALM, SERVED, Brand, Seen
from tests.properties.process import Crash
from tests.properties.scripted import Line

if TYPE_CHECKING:
    from tests.properties.machine import Lifecycle


SAID = {Status.NEEDS_RECONNECT: "needs_reconnect", Status.UNVERIFIED: "unverified"}


def calm(machine: Lifecycle, mood: str) -> bool:
    """Whether nobody has any excuse: the platform is well, and long enough, and no lease is a dead one's."""
    now = machine.world.now
    return mood == "well" and now - machine.world.trouble_at > CALM and now - machine.died_at > BURIAL


def everything(machine: Lifecycle) -> None:
    """After each event: every brand is one of the ways that the model said, and nothing else moved."""
    before, machine.seen = machine.seen, machine.place.run(machine.place.seen())
    nothing_living_was_revoked(machine)
    for number, brand in machine.brands.items():
        seen = machine.seen.get(number)
        became(machine, number, brand, seen)
        if seen:
            stands(machine, number, brand, seen)
            marked(machine, number, brand, before.get(number), seen)
    ended_stay_so(machine, before)
    machine.expected, machine.died = {}, False


def became(machine: Lifecycle, number: int, brand: Brand, seen: Seen | None) -> None:
    """Where the model allows for several ways, the store says which it was; never one that the model does not know."""
    live = machine.world.line_of(seen.grant) if seen and seen.grant else None
    waiting = machine.world.line_of(seen.pending) if seen and seen.pending else None
    way = (seen is not None, live, waiting)
    ways = machine.expected.get(number, {brand.way})
    assert way in ways, (number, way, ways)
    if brand.waiting and brand.waiting.troubled and brand.line:
        brand.line.troubled = True  # no platform for the one, none for the other
    if brand.waiting and waiting is None and seen:
        brand.refused = live is not brand.waiting
        machine.tally["waiting refused" if brand.refused else "waiting accepted"] += 1
    if live is not brand.line or not seen:
        brand.joined_at, brand.marked_at, brand.refused = machine.world.now, None, False
    brand.known, brand.line, brand.waiting = way
    if seen and seen.grant and live and machine.died:
        # Only the store can say whether what a dead process heard was written down in time.
        saved = seen.grant.access_token.reveal()
        live.note = "open" if live.held != saved else "either" if live.note == "closed" else live.note
        live.held, live.doubted = saved, True


def stands(machine: Lifecycle, number: int, brand: Brand, seen: Seen) -> None:
    """Status and reason are allowed; the living have a token and an hour; the journal knows of each open question."""
    assert seen.standing in model.allowed(brand), (number, seen.standing, brand)
    line, living = brand.line, seen.connection.status in SERVED
    if living or seen.connection.status is Status.UNVERIFIED:
        assert seen.connection.due_at is not None, (number, seen)
    if not living:
        return
    assert line is not None
    assert seen.grant is not None
    # An answer that settles nothing ("busy", "too many calls") leaves the note open, though nothing was spent.
    assert seen.open_note or line.note != "open", (number, brand, seen.open_note)
    if line.missed and line.dead_at is None:
        # Nothing dies unnoticed: a lost answer is in the journal until it is in the status.
        assert seen.open_note or seen.standing in model.UNKNOWN, (number, seen)
        machine.tally["answer lost, and known"] += seen.standing in model.UNKNOWN
    assert seen.grant.access_token.reveal() == line.held, (number, brand)


def marked(machine: Lifecycle, number: int, brand: Brand, before: Seen | None, seen: Seen) -> None:
    if seen.connection.status is not Status.NEEDS_RECONNECT:
        if model.healthy(brand.line):
            brand.marked_at = None
        return
    if brand.marked_at is None:
        brand.marked_at = machine.world.now
        machine.tally[f"marked: {seen.connection.reason}"] += 1


def siblings_are_marked(machine: Lifecycle) -> None:
    """What a person took back from one brand is gone from all: each loss and each sign-in has others asked after."""
    for one, other in itertools.permutations(machine.brands.values(), 2):
        if one.line is None or other.line is None or one.line.person != other.line.person:
            continue
        lost_at = one.marked_at if one.line.dead_at is not None else None
        asked_at = max(one.joined_at, lost_at or 0)
        if other.line.dead_at is not None and other.line.dead_at < asked_at:
            machine.tally["sibling of a lost one" if lost_at == asked_at else "sibling of a new one"] += 1
            assert other.marked_at is not None, other


def nothing_living_was_revoked(machine: Lifecycle) -> None:
    """We asked the platform to end a person's grants: none of them may have been another brand's living one."""
    taken, machine.world.revoked = machine.world.revoked, []
    for seen in machine.seen.values():
        if seen.grant and seen.connection.status in SERVED:
            assert machine.world.line_of(seen.grant) not in taken, seen


def ended_stay_so(machine: Lifecycle, before: dict[int, Seen]) -> None:
    now = {seen.connection.id for seen in machine.seen.values()}
    machine.ended |= {seen.connection.id for seen in before.values()} - now
    assert not machine.ended & now


def answer(machine: Lifecycle, result: Any, brand: Brand, before: Seen | None, was_calm: bool) -> None:
    """What a reader got is what the model promised it, and who was refused before is refused for the same."""
    promise = model.promised(brand, machine.world, was_calm)
    if isinstance(result, Crash):
        return
    machine.tally["read served" if isinstance(result, read_token.Token) else f"read refused: {result.code}"] += 1
    if isinstance(result, read_token.Token):
        assert promise != "refused", (brand, result)
        served(machine, result, {brand.line})
    else:
        assert promise != "served", (brand, result)
        code = SAID.get(before.connection.status) if before else "connection_not_found"
        assert code in (None, result.code), (brand, result)
        if code == "needs_reconnect" and before:
            assert result.details == {"reason": before.connection.reason}


def served(machine: Lifecycle, token: read_token.Token, lines: set[Line | None]) -> None:
    """Nothing expired, nothing of a brand's that was disconnected, nothing of anybody else's."""
    issued = machine.world.issued[token.grant.access_token.reveal()]
    assert issued.line in lines
    assert issued.expires_at - machine.world.now > MARGIN - 1000


def settled(machine: Lifecycle) -> None:
    for number, brand in machine.brands.items():
        seen = machine.seen.get(number)
        if seen is None:
            continue
        assert brand.waiting is None, (number, brand)
        assert not seen.open_note, (number, brand)
        assert seen.standing in model.settled(brand, machine.world), (number, seen.standing, brand)
        if model.healthy(brand.line):
            assert seen.grant
            assert machine.world.works(seen.grant.access_token.reveal())
    machine.place.run(history_is_whole(machine))


CHANGES = {
    "connection.needs_reconnect": lambda before, after: after == "needs_reconnect" != before,
    "connection.recovered": lambda before, after: before not in (after, "connected") and after in SERVED,
    "connection.unverified": lambda before, after: after == "unverified" != before,
    "connection.disconnected": lambda before, after: after == "disconnected" != before,
    "connection.status": lambda before, after: before == after or after in SERVED,
}
"""What each type that tells of a change says of the status before and after."""


BEGINNINGS = ((Status.CONNECTED, None), (Status.UNVERIFIED, None))
"""How a connection stands before its first change."""


def told_once_and_in_order(events: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The changes of one connection, oldest first: each is told by the type that says it, by no other."""
    moves = [(type, data) for type, data in events if type in CHANGES]
    for type, data in moves:
        assert CHANGES[type](data["before"]["status"], data["status"]), (type, data)
    types = [type for type, _ in events]
    assert types.count("connection.connected") <= 1
    assert types.count("connection.disconnected") <= 1
    if "connection.disconnected" in types:
        assert set(types[types.index("connection.disconnected") + 1 :]) <= {"connection.receipt"}
    return [data for _, data in moves]


async def history_is_whole(machine: Lifecycle) -> None:
    """The first change begins as connections do, each other where the one before it ended; the last led to what is now.

    So no change is without its event: also not one of a connection that tells of none.
    """
    ids = {seen.connection.id: seen.standing for seen in machine.seen.values()}
    with machine.place.loop.busy():
        async with machine.place.store.reading() as tx:
            for id in machine.ended | set(ids):
                rows = await tx.all(sql.events_of_connection, connection_id=id, most=10_000)
                moves = told_once_and_in_order([(row["type"], json.loads(row["data"])) for row in reversed(rows)])
                for earlier, later in itertools.pairwise(moves):
                    assert later["before"] == {"status": earlier["status"], "reason": earlier["reason"]}
                end = ids.get(id, (Status.DISCONNECTED, "by_request"))
                begin = (moves[0]["before"]["status"], moves[0]["before"]["reason"]) if moves else end
                assert begin in BEGINNINGS, (begin, moves)
                assert not moves or (moves[-1]["status"], moves[-1]["reason"]) == end, (moves[-1], end)
                if id in machine.ended:
                    assert await tx.one(sql.grant_sealed, connection_id=id, slot="live") is None
                    receipts = [json.loads(row["data"]) for row in rows if row["type"] == "connection.receipt"]
                    if not (receipts and receipts[0]["upstream"] in ("pending", "unreachable", "refused")):
                        assert await tx.one(sql.grant_sealed, connection_id=id, slot="revoking") is None
