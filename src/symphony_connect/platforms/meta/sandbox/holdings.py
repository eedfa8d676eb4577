"""What one token may see of its member's things: ad accounts, Pages, Businesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.fields import names
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants, Token
from symphony_connect.platforms.meta.sandbox.members import AdAccount, Business, Page
from symphony_connect.platforms.meta.sandbox.reports import Reports
from symphony_connect.platforms.meta.sandbox.wire import Ask

ADS = ("ads_read", "ads_management")
Rows = Sequence[Mapping[str, Any]]
ID = re.compile(r"me|app|(act_)?\d+")
"""Of a node; anything else is a name, which nothing in this sandbox has."""


def hidden(ask: Ask) -> GraphError:
    """No such object: 803 for a name, 100/33 for an id, which also stands for an operation it does not have."""
    if not ID.fullmatch(ask.path[0]):
        return GraphError("803", id=ask.path[0])
    return GraphError("100/33", id=ask.path[0], verb=ask.verb.lower())


class Holdings:
    """For one request. Every method raises GraphError where the token may not."""

    def __init__(self, ask: Ask, grants: Grants, token: Token, granted: Authorization, reports: Reports) -> None:
        self._reports = reports
        self._things = reports.things
        self._ask = ask
        self._grants = grants
        self._token = token
        self._granted = granted
        self._member = granted.member

    def kind(self, node: str) -> str | None:
        """The type of a node that the token's member may know; None for any other."""
        page, member = self._token.page, self._member
        if node in ("me", page.id if page else member.id):
            return "Page" if page else "User"
        if any(node == f"act_{account.number}" for account in member.every_account()):
            return "AdAccount"
        if (thing := self._things.find(node)) and self._has_account(thing.account):
            return thing.kind
        if self.business(node):
            return "Business"
        if any(node == each.instagram_id for each in member.pages):
            return "IGUser"
        return "Page" if any(node == each.id for each in member.pages) else None

    def row(self, kind: str, node: str, fields: str) -> Mapping[str, Any]:
        """A node with everything that the token may read of it; `fields` are those asked for."""
        if kind == "User":
            return self._person()
        if kind == "AdAccount":
            account = self.account(node)
            self._check_business_field(fields)
            return account.fields()
        if thing := self._things.find(node):
            self.account(f"act_{thing.account}")
            return thing.row
        if kind == "Business" and (business := self.business(node)):
            self._need_business()
            return business.fields()
        own = self._token.page if self._token.page and node in ("me", self._token.page.id) else None
        if own:
            return own.fields()
        if self._may("pages_show_list") and kind == "Page":
            page = next(each for each in self._member.pages if node == each.id)
            if page.business is None and not self._shares(page):
                raise hidden(self._ask)
            return self._page_row(page)
        sees = kind == "IGUser" and self._may("pages_show_list") and self._may("instagram_basic")
        if sees and self._shares(self.page_of(node)):
            return self.page_of(node).instagram()
        raise hidden(self._ask)

    def edge(self, kind: str, node: str, edge: str, fields: str) -> Rows:
        """The rows of an edge that nodes of this type have; none where the sandbox knows nothing of it."""
        if kind == "User" and edge in OF_A_PERSON:
            return OF_A_PERSON[edge](self, fields)
        if kind == "Page" and edge == "instagram_accounts":
            own = self._token.page if node == "me" else next(each for each in self._member.pages if node == each.id)
            if own and not self._shares(own):
                raise GraphError("10")
            return [own.instagram()] if own and self._may("instagram_basic") else []
        if kind == "AdAccount":
            number = self.account(node).number
            return self._rows(number, node, edge)
        if thing := self._things.find(node):
            self.account(f"act_{thing.account}")
            return self._rows(thing.account, node, edge)
        if kind != "Business":
            return []
        self._need_business()
        business = self.business(node)
        assert business is not None
        if edge == "owned_pages":
            return [self._page_row(own) for own in self._member.pages if own.business is business]
        known = {"owned_ad_accounts": business.owned, "client_ad_accounts": business.client}.get(edge)
        return [] if known is None else self._accounts(known, fields)

    def _rows(self, account: str, node: str, edge: str) -> Rows:
        if edge == "insights":
            return self._reports.rows(account, node, self._ask.params.get("level", ""))
        thing = self._things.find(node)
        return self._things.below(thing, edge) if thing else self._things.of_account(account, edge)

    def thing(self, id: str) -> Mapping[str, Any] | None:
        """An object inside of another's fields."""
        found = self._things.find(id)
        return found.row if found and self._has_account(found.account) else None

    def account_of(self, node: str) -> AdAccount:
        """The ad account that a node is, or is in."""
        thing = self._things.find(node)
        return self.account(f"act_{thing.account}" if thing else node)

    def _has_account(self, number: str) -> bool:
        return any(account.number == number for account in self._member.every_account())

    def account(self, node: str, *, change: bool = False) -> AdAccount:
        """Refused for somebody else's account, and with 200 for one that is disabled or not permitted.

        `change`: whether something is to be changed, which needs a permission more.
        """
        self._ask.ads = True
        account = next((each for each in self._member.every_account() if f"act_{each.number}" == node), None)
        if account is None:
            raise hidden(self._ask)
        allowed = self._may(*(ADS[1:] if change else ADS)) and account.number in self._granted.accounts
        if not allowed or account.status in (2, 101):
            raise GraphError("200")
        return account

    def business(self, node: str) -> Business | None:
        member = self._member
        known = [*member.businesses, *([member.client_business] if member.client_business else [])]
        return next((business for business in known if business.id == node), None)

    def page_of(self, instagram_id: str) -> Page:
        return next(page for page in self._member.pages if page.instagram_id == instagram_id)

    def _may(self, *permissions: str) -> bool:
        return self._grants.may(self._token, *permissions)

    def _person(self) -> dict[str, Any]:
        row = self._member.fields()
        if self._granted.permissions.get("email") != "granted":
            row.pop("email", None)
        return row

    def _own_accounts(self, fields: str) -> Rows:
        return self._accounts(self._member.accounts, fields)

    def _accounts(self, known: Sequence[AdAccount], fields: str) -> Rows:
        self._ask.ads = True
        if not self._may(*ADS):
            raise GraphError("200")
        self._check_business_field(fields)
        return [account.fields() for account in known if account.number in self._granted.accounts]

    def _pages(self, _fields: str) -> Rows:
        if not self._may("pages_show_list"):
            return []
        return [self._page_row(own) for own in self._member.pages if self._shares(own)]

    def _shares(self, own: Page) -> bool:
        """Whether the person ticked it. One that is not can be seen through its Business, without its token."""
        return own.id in self._granted.pages

    def _page_row(self, own: Page) -> dict[str, Any]:
        row = own.fields()
        if self._shares(own):
            row["access_token"] = self._grants.page_token(self._token, own).value
        if not self._may("instagram_basic"):
            del row["instagram_business_account"]
        return row

    def _business_users(self, _fields: str) -> Rows:
        """One row for each Business: Meta has a user of its own for the person in each."""
        self._need_business()
        return [business.user(self._member.name, self._member.mail) for business in self._member.businesses]

    def _businesses(self, _fields: str) -> Rows:
        self._need_business()
        return [business.fields() for business in self._member.businesses]

    def _need_business(self) -> None:
        if not self._may("business_management"):
            raise GraphError("200/business")

    def _check_business_field(self, fields: str) -> None:
        if "business" in names(fields):
            self._need_business()


OF_A_PERSON: Mapping[str, Callable[[Holdings, str], Rows]] = {
    "adaccounts": Holdings._own_accounts,
    "assigned_ad_accounts": Holdings._own_accounts,
    "accounts": Holdings._pages,
    "businesses": Holdings._businesses,
    "business_users": Holdings._business_users,
}
