"""The customers that a person reaches: ad accounts directly, or below managers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from symphony_connect.sandbox.world import Person

ODD = 4
"""From so many managers on, the last is below the first, the first ad account is below two, and the last one is hidden
and a test account."""


@dataclass(frozen=True)
class Customer:
    id: str
    name: str
    status: str
    manager: bool = False
    manager_id: str = ""
    """The manager that it is reached through; empty where the person reaches it directly."""
    also: str = ""
    """Another manager that it is reached through."""
    quiet: bool = False
    """Hidden, and a test account."""
    missing: tuple[str, ...] = ()
    """Fields that answers leave out."""


def _managers(person: Person) -> list[str]:
    count = person.businesses or int(person.business_only)
    return [f"9{person.number:06d}{n:03d}" for n in range(count)]


def customers(person: Person, statuses: Mapping[str, str]) -> list[Customer]:
    """Managers first. With several managers, the ad accounts belong to them in turn."""
    managers = _managers(person)
    found = [Customer(id, f"{person.title} manager {n}", "ENABLED", True) for n, id in enumerate(managers, 1)]
    odd = len(managers) >= ODD
    if odd:
        found[-1] = replace(found[-1], manager_id=managers[0])
    for count in range(1, person.ad_accounts + 1):
        id = f"1{person.number:05d}{count:04d}"
        above = managers[(count - 1) % len(managers)] if managers else ""
        status = statuses.get(id, "CANCELED" if person.disabled else "ENABLED")
        name = person.account_name(count, f"{person.title} {count}")
        also = managers[1] if odd and count == 1 else ""
        quiet = odd and count == person.ad_accounts
        found.append(Customer(id, name, status, False, above, also, quiet, person.missing_fields))
    return found


def below(root: str, known: list[Customer]) -> dict[str, int]:
    """What is reached through a customer: itself and all below it, each with its level."""
    levels = {root: 0}
    for level in (1, 2):
        above = {id for id, at in levels.items() if at == level - 1}
        levels |= {one.id: level for one in known if {one.manager_id, one.also} & above and one.id not in levels}
    return levels


def roots(person: Person) -> list[str]:
    """Ids that `listAccessibleCustomers` names."""
    return [one.id for one in customers(person, {}) if not one.manager_id]
