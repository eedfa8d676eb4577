"""Who and what there is at the sandbox's TikTok: apps, permissions, members and their advertisers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from symphony_connect.sandbox.world import Person


@dataclass(frozen=True)
class App:
    """A developer's app. TikTok issues long-term tokens today; `short_term` is what its older guides show."""

    id: str
    name: str
    secret: str = "sandbox-tiktok-secret"  # noqa: S105 - printed in the documentation on purpose
    short_term: bool = False


APPS: Mapping[str, App] = {
    app.id: app
    for app in (
        App("7000000000000000001", "Sandbox app, long-term tokens"),
        App("7000000000000000002", "Sandbox app, short-term tokens", short_term=True),
        App("7000000000000000003", "Somebody else's app", secret="sandbox-tiktok-other-secret"),  # noqa: S106
    )
}

PERMISSIONS: Mapping[int, str] = {
    1: "Ad Account Management",
    2: "Ads Management",
    3: "Audience Management",
    4: "Reporting",
    5: "Measurement",
    6: "Creative Management",
    8: "Pixel Management",
    9: "Catalog Management",
    18000000: "TikTok Accounts",
    7043626160646946818: "A permission whose id is beyond 2^53, as TikTok has some",
}
"""Top-level permission ids; each stands for the ones below it too."""

AD_ACCOUNT_PERMISSION = 1
USUAL_PARTIAL = (1, 4)
"""What `partial` leaves ticked."""

CREATOR_SCOPES: Mapping[str, str] = {
    "user.info.basic": "Profile",
    "video.list": "Videos",
    "biz.creator.info": "Account information",
}


@dataclass
class Advertiser:
    """An ad account. Ids are strings beyond 2^53."""

    id: str
    name: str
    owner_bc_id: str | None = None
    status: str = "STATUS_ENABLE"
    missing: tuple[str, ...] = ()
    """Fields that TikTok leaves out of its answers."""

    def details(self, created: int) -> dict[str, Any]:
        """All that `/advertiser/info/` tells. `created` in seconds since the epoch."""
        return {
            "advertiser_id": self.id,
            "name": self.name,
            "company": f"{self.name} Ltd",
            "status": self.status,
            "role": "ROLE_ADVERTISER",
            "currency": "EUR",
            "timezone": "Etc/GMT-1",
            "display_timezone": "Europe/Berlin",
            "country": "DE",
            "language": "en",
            "industry": "290101",
            "balance": 100.5,
            "create_time": created,
            "owner_bc_id": self.owner_bc_id,
            "address": "1 Sandbox Street",
            "contacter": None,
            "email": None,
            "telephone_number": None,
            "cellphone_number": None,
            "license_no": None,
            "license_url": None,
            "rejection_reason": None,
            "description": None,
        }


@dataclass
class Member:
    """A person as TikTok knows them."""

    person: Person
    core_user_id: str
    advertisers: dict[str, Advertiser] = field(default_factory=dict)

    @property
    def email(self) -> str:
        """Masked, as the API shows it."""
        return f"{self.person.name[0]}***{self.person.name[-1]}@example.com"


def furnished(person: Person) -> Member:
    """What follows from a person's traits; ids from their number, so that they are the same in every sandbox."""
    business = str(7_200_000_000_000_000_000 + person.number) if person.business_only else None
    status = "STATUS_DISABLE" if person.disabled else "STATUS_ENABLE"
    advertisers = (
        Advertiser(
            str(7_300_000_000_000_000_000 + person.number * 10_000 + number),
            person.account_name(number, f"{person.title} Ads {number}"),
            business,
            status,
            person.missing_fields,
        )
        for number in range(1, person.ad_accounts + 1)
    )
    return Member(person, str(7_100_000_000_000_000_000 + person.number), {each.id: each for each in advertisers})
