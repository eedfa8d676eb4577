"""Who and what there is at the sandbox's Meta: apps, permissions, people, Pages, Businesses, ad accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from symphony_connect.sandbox.world import Person


@dataclass(frozen=True)
class App:
    """A developer's app."""

    id: str
    name: str
    secret: str = "sandbox-meta-secret"  # noqa: S105 - printed in the documentation on purpose

    def shown(self) -> dict[str, str]:
        return {"name": self.name, "id": self.id}


APPS: Mapping[str, App] = {
    app.id: app
    for app in (
        App("100000000000001", "Sandbox app"),
        App("100000000000002", "Somebody else's app", "sandbox-meta-other-secret"),
    )
}

PERMISSIONS: Mapping[str, str] = {
    "public_profile": "See your name and profile picture",
    "email": "See your email address",
    "ads_read": "See your ad accounts and their results",
    "ads_management": "Create and change ads, which spends money",
    "business_management": "Manage your business portfolios",
    "pages_show_list": "See which Pages you manage",
    "pages_read_engagement": "See what happens on your Pages",
    "pages_manage_ads": "Manage ads for your Pages",
    "pages_manage_metadata": "Manage your Pages' settings",
    "pages_manage_posts": "Publish on your Pages",
    "pages_messaging": "Answer messages of your Pages",
    "instagram_basic": "See your Instagram accounts",
    "instagram_manage_insights": "See your Instagram results",
    "instagram_content_publish": "Publish on Instagram",
    "leads_retrieval": "Read the leads of your ads",
    "read_insights": "See insights",
    "catalog_management": "Manage your catalogues",
    "whatsapp_business_management": "Manage your WhatsApp accounts",
    "whatsapp_business_messaging": "Send messages on WhatsApp",
    "openid": "Recognise you",
}
USUAL_PARTIAL = frozenset({"public_profile", "email", "ads_read", "pages_show_list"})
"""What `partial` ticks the first time; when asked again, they tick everything."""
CONFIGURED = (
    "public_profile",
    "ads_management",
    "ads_read",
    "business_management",
    "pages_read_engagement",
    "pages_show_list",
)
"""What every Facebook Login for Business configuration of the sandbox's apps asks for."""


@dataclass
class Business:
    """A business portfolio."""

    id: str
    name: str
    owned: list[AdAccount] = field(default_factory=list)
    client: list[AdAccount] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "verification_status": "verified"}

    def user(self, name: str, mail: str) -> dict[str, Any]:
        """A person as this Business's user, with an id of its own."""
        return {
            "id": f"5{self.id[1:]}",
            "name": name,
            "email": mail,
            "role": "ADMIN",
            "business": {"id": self.id, "name": self.name},
        }


@dataclass
class AdAccount:
    """An ad account; `account_status` as in the Marketing API reference: 1 active, 2 disabled."""

    number: str
    name: str
    owner: str
    status: int = 1
    business: Business | None = None
    missing: tuple[str, ...] = ()
    """Fields that Meta leaves out of its answers, though they were asked for."""

    def fields(self) -> dict[str, Any]:
        """Everything that can be asked for. Money in cents, as strings."""
        every = {
            "id": f"act_{self.number}",
            "account_id": self.number,
            "name": self.name,
            "account_status": self.status,
            "disable_reason": 1 if self.status == 2 else 0,
            "currency": "EUR",
            "timezone_id": 47,
            "timezone_name": "Europe/Berlin",
            "timezone_offset_hours_utc": 1,
            "business": {"id": self.business.id, "name": self.business.name} if self.business else None,
            "business_name": self.business.name if self.business else "",
            "owner": self.business.id if self.business else self.owner,
            "amount_spent": "12345",
            "balance": "0",
            "spend_cap": "0",
            "created_time": "2024-01-15T09:00:00+0100",
            "user_tasks": ["DRAFT", "ANALYZE", "ADVERTISE", "MANAGE"],
        }
        return {name: value for name, value in every.items() if name not in self.missing}


@dataclass
class Page:
    """A Page, with the Instagram account that belongs to it."""

    id: str
    name: str
    instagram_id: str
    business: Business | None = None
    """Which Business owns it; None: the person's own."""

    def fields(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "category": "Brand",
            "category_list": [{"id": "1605186416478696", "name": "Brand"}],
            "tasks": ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MANAGE", "MESSAGING", "MODERATE"],
            "instagram_business_account": {"id": self.instagram_id},
            "link": f"https://www.facebook.com/{self.id}",
        }

    def instagram(self) -> dict[str, Any]:
        return {"id": self.instagram_id, "username": self.name.lower().replace(" ", "."), "name": self.name}


@dataclass
class Member:
    """A person as Meta knows them; or a Business's system user, who acts for one."""

    person: Person
    id: str
    name: str
    accounts: list[AdAccount] = field(default_factory=list)
    """Those that `/me/adaccounts` may list."""
    pages: list[Page] = field(default_factory=list)
    businesses: list[Business] = field(default_factory=list)
    client_business: Business | None = None
    """The Business of a system user; None for a person."""
    barred: str | None = None
    """The error that every token gets, such as for a checkpoint, until it is cleared."""

    def every_account(self) -> Iterator[AdAccount]:
        """Each account once, even if both the person and a Business list it."""
        found = {account.number: account for account in self.accounts}
        for business in self.businesses:
            found |= {account.number: account for account in (*business.owned, *business.client)}
        yield from found.values()

    @property
    def usual_pages(self) -> list[str]:
        """Ids of the Pages that they tick when the form names none."""
        return [page.id for page in self.pages[: max(len(self.pages) - self.person.unshared, 0)]]

    def fields(self) -> dict[str, Any]:
        first, _, last = self.name.partition(" ")
        common = {"id": self.id, "name": self.name}
        if self.client_business:
            return {**common, "client_business_id": self.client_business.id}
        return {**common, "first_name": first, "last_name": last, "short_name": first, "email": self.mail}

    @property
    def mail(self) -> str:
        return f"{self.person.name}@example.com"

    def picture(self, base: str, asked: Mapping[str, str], fields: str = "") -> dict[str, Any]:
        """`base` is where the sandbox is reached; `asked` may have `type`, `width`, `height`; `fields` narrows it."""
        usual = {"normal": 100, "large": 200}.get(asked.get("type", ""), 50)
        size = {
            name: int(asked[name]) if re.fullmatch(r"[1-9]\d{0,3}", asked.get(name, "")) else usual
            for name in ("height", "width")
        }
        every = {**size, "is_silhouette": True, "url": f"{base}/_sandbox/static/icon.svg"}
        names = fields.replace(" ", "").split(",") if fields else sorted(every)
        return {"data": {name: every[name] for name in names if name in every}}


def furnished(person: Person) -> Member:
    """The member that a person's traits describe. Ids come from their number, the same in every sandbox."""
    member = Member(person, str(10_200_000_000_000_000 + person.number), person.title)
    status = 2 if person.disabled else 1
    accounts = [
        AdAccount(
            str(210_000_000_000_000 + person.number * 100_000 + count),
            person.account_name(count, f"{person.title} {count}"),
            member.id,
            status,
            missing=person.missing_fields,
        )
        for count in range(1, person.ad_accounts + 1)
    ]
    if not person.business_only:
        member.accounts = accounts
    member.businesses = [_business(person, count) for count in range(person.businesses or person.business_only)]
    _share_out(member.businesses, accounts)
    member.pages = [_page(person, count, member.businesses) for count in range(person.pages)]
    return member


def _page(person: Person, count: int, businesses: list[Business]) -> Page:
    """Several Businesses own the Pages in turn."""
    number, more = count * 1_000_000 + person.number, f" {count + 1}" if count else ""
    owner = businesses[count % len(businesses)] if businesses else None
    id, instagram = str(300_000_000_000_000 + number), str(17_841_400_000_000_000 + number)
    return Page(id, f"{person.title} Page{more}", instagram, owner)


def _business(person: Person, count: int) -> Business:
    name = f"{person.title} Business"
    return Business(
        str(400_000_000_000_000 + count * 1_000_000 + person.number), f"{name} {count + 1}" if count else name
    )


def _share_out(businesses: list[Business], accounts: list[AdAccount]) -> None:
    """One Business owns all accounts but the last, which it looks after; several own them in turn."""
    if len(businesses) == 1 and len(accounts) > 1:
        businesses[0].client, accounts = accounts[-1:], accounts[:-1]
    for place, account in enumerate(accounts if businesses else ()):
        account.business = businesses[place % len(businesses)]
        account.business.owned.append(account)


def system_user(member: Member) -> Member:
    """The one who acts for a person's Business; ids differ from all people's."""
    number = member.person.number
    business = Business(str(400_000_000_000_000 + number), f"{member.name} Business")
    known = member.businesses[0] if member.businesses else business
    user = Member(member.person, str(61_550_000_000_000_000 + number), f"{known.name} system user")
    user.client_business = known
    user.accounts = list(member.every_account())
    user.pages = member.pages
    return user
