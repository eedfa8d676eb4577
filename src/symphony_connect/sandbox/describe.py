"""The state of the sandbox as JSON, for `GET /_sandbox/state` and the control room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from symphony_connect.base.clock import rfc3339
from symphony_connect.sandbox.platform import SandboxPlatform
from symphony_connect.sandbox.world import Person, World

Platforms = Mapping[str, SandboxPlatform]


def now(world: World) -> dict[str, Any]:
    """The clock: `time` for people, `timeMs` for programs, `offsetMs` ahead of the machine's."""
    at = world.clock()
    return {"time": rfc3339(at), "timeMs": at, "offsetMs": world.clock.offset()}


def calls(world: World, **narrow: Any) -> list[dict[str, Any]]:
    """The ledger's rows, times as RFC 3339."""
    return [{**row, "time": rfc3339(row["time"])} for row in world.ledger.rows(**narrow)]


def faults(world: World) -> list[dict[str, Any]]:
    """The armed faults, with the field names of `POST /_sandbox/faults`."""
    return [
        {**{key: value for key, value in asdict(fault).items() if key != "delay_ms"}, "delayMs": fault.delay_ms}
        for fault in world.faults.armed()
    ]


def switches(world: World, platforms: Platforms) -> dict[str, bool]:
    """Variants of behaviour; those of a platform under its name, as in `meta.…`."""
    found = {"coop": world.coop}
    for name, platform in platforms.items():
        found.update({f"{name}.{switch}": on for switch, on in platform.switches().items()})
    return found


def switch_words(platforms: Platforms) -> dict[str, str]:
    """A sentence about each switch; its own name where a platform has none for it."""
    found = {"coop": "Consent pages cut the tie to the window that opened them (Cross-Origin-Opener-Policy)."}
    for name, platform in platforms.items():
        words = getattr(platform, "switch_words", {})
        found.update({f"{name}.{switch}": words.get(switch, switch) for switch in platform.switches()})
    return found


def people(world: World, platforms: Platforms) -> list[dict[str, Any]]:
    """Everybody, with what they own and have granted on each platform."""
    return [person_with(person, platforms) for person in world.people.values()]


def person_with(person: Person, platforms: Platforms) -> dict[str, Any]:
    return {**_traits(person), "platforms": {name: each.holdings(person) for name, each in platforms.items()}}


def state(world: World, platforms: Platforms) -> dict[str, Any]:
    """The whole state."""
    return {
        **now(world),
        "switches": switches(world, platforms),
        "switchWords": switch_words(platforms),
        "people": people(world, platforms),
        "platforms": {name: _offer(platform) for name, platform in platforms.items()},
        "faults": faults(world),
        "calls": world.ledger.total,
    }


def _traits(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "title": person.title,
        "adAccounts": person.ad_accounts,
        "businessOnly": person.business_only,
        "disabled": person.disabled,
        "partial": person.partial,
    }


def _offer(platform: SandboxPlatform) -> dict[str, Any]:
    return {
        "title": platform.title,
        "apps": platform.apps(),
        "actions": dict(platform.actions),
        "errors": dict(platform.errors),
        "places": dict(getattr(platform, "places", {})),
    }
