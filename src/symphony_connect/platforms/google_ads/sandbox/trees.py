"""The customers that a person reaches: ad accounts directly, or below managers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symphony_connect.sandbox.world import Person


@dataclass(frozen=True)
class Customer:
    id: str
    name: str
    status: str
    manager: bool = False
    manager_id: str = ""
    """The manager that it is reached through; empty where the person reaches it directly."""
    missing: tuple[str, ...] = ()
    """Fields that answers leave out."""


def _managers(person: Person) -> list[str]:
    count = person.businesses or int(person.business_only)
    return [f"9{person.number:06d}{n:03d}" for n in range(count)]


def customers(person: Person, statuses: Mapping[str, str]) -> list[Customer]:
    """Managers first. With several managers, the ad accounts belong to them in turn."""
    managers = _managers(person)
    found = [Customer(id, f"{person.title} manager {n}", "ENABLED", True) for n, id in enumerate(managers, 1)]
    for count in range(1, person.ad_accounts + 1):
        id = f"1{person.number:05d}{count:04d}"
        above = managers[(count - 1) % len(managers)] if managers else ""
        status = statuses.get(id, "CANCELED" if person.disabled else "ENABLED")
        name = person.account_name(count, f"{person.title} {count}")
        found.append(Customer(id, name, status, manager_id=above, missing=person.missing_fields))
    return found


def roots(person: Person) -> list[str]:
    """Ids that `listAccessibleCustomers` names."""
    return [one.id for one in customers(person, {}) if not one.manager_id]
