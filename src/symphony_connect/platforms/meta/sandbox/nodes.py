"""The graph: people, ad accounts, Pages and Businesses, and what hangs from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants, Token
from symphony_connect.platforms.meta.sandbox.inspection import Inspection
from symphony_connect.platforms.meta.sandbox.members import AdAccount, Business
from symphony_connect.platforms.meta.sandbox.paging import cut, page, wanted
from symphony_connect.platforms.meta.sandbox.wire import Ask

ADS = ("ads_read", "ads_management")
Rows = Sequence[Mapping[str, Any]]
USUAL: Mapping[str, Sequence[str]] = {
    "adaccounts": ("account_id",),
    "accounts": ("access_token", "category", "category_list", "name", "tasks"),
    "permissions": ("permission", "status"),
    "instagram_accounts": ("username",),
}
"""Fields of an edge's rows when none are asked for, besides `id`; `name` elsewhere."""
ADS_EDGES = ("campaigns", "adsets", "ads", "adcreatives", "insights", "customaudiences", "adspixels")
"""Of an ad account, each empty."""


class Nodes:
    """Reads on behalf of one token at a time."""

    def __init__(self, grants: Grants, inspection: Inspection, switches: Mapping[str, bool]) -> None:
        self._grants = grants
        self._inspection = inspection
        self._switches = switches

    def answer(self, ask: Ask) -> dict[str, Any]:
        """Raises GraphError."""
        token = ask.token(self._grants, proof_required=self._switches["require_proof"])
        node, edges = ask.path[0], ask.path[1:]
        if node in ("app", token.app.id) and not edges:
            return cut({"id": token.app.id, "name": token.app.name}, ask.params.get("fields", ""), ("name",))
        granted = token.authorization
        if granted is None:
            raise GraphError("2500") if node == "me" else self._hidden(ask)
        own = (token.page.id if token.page else granted.member.id, "me")
        if edges[:1] == ["permissions"] and node in own:
            return self._permissions(ask, granted)
        if ask.verb != "GET" or len(edges) > 1:
            raise self._hidden(ask)
        if edges:
            return page(ask, self._edge(ask, token, granted, node, edges[0]), USUAL.get(edges[0], ("name",)))
        return self._node(ask, token, granted, node)

    def _permissions(self, ask: Ask, granted: Authorization) -> dict[str, Any]:
        if ask.verb == "DELETE":
            return self._inspection.take_back(granted, ask.path[2] if len(ask.path) > 2 else None)
        if ask.verb != "GET" or len(ask.path) > 2:
            raise self._hidden(ask)
        return {"data": self._inspection.permissions(granted)}

    def _node(self, ask: Ask, token: Token, granted: Authorization, node: str) -> dict[str, Any]:
        fields = ask.params.get("fields", "")
        if token.page and node in ("me", token.page.id):
            return cut(token.page.fields(), fields, ("name",))
        if node in ("me", granted.member.id):
            return self._person(ask, token, granted, fields)
        if node.startswith("act_"):
            account = self._account(ask, token, granted, node)
            self._check_business_field(fields, token)
            return cut(account.fields(), fields, ("account_id",))
        if business := self._business(granted, node):
            self._need_business(token)
            return cut(business.fields(), fields, ("name",))
        for own in granted.member.pages if self._grants.may(token, "pages_show_list") else ():
            if node == own.id:
                return cut(self._page_row(token, granted, own.id), fields, ("name",))
            if node == own.instagram_id and self._grants.may(token, "instagram_basic"):
                return cut(own.instagram(), fields, ("username",))
        raise self._hidden(ask)

    def _person(self, ask: Ask, token: Token, granted: Authorization, fields: str) -> dict[str, Any]:
        """A person; an edge among the fields is read along, as `me?fields=id,permissions` does."""
        row = granted.member.fields()
        if granted.permissions.get("email") != "granted":
            row.pop("email", None)
        for name, inner in wanted(fields).items():
            if name == "permissions":
                row[name] = {"data": self._inspection.permissions(granted)}
            elif name in _EDGES:
                along = Ask(ask.verb, [*ask.path, name], {"fields": inner}, ask.version, ask.base)
                row[name] = page(along, self._edge(ask, token, granted, "me", name), USUAL.get(name, ("name",)))
        # Inner fields of an edge are cut above.
        return cut(row, ",".join(wanted(fields)), ("name",))

    def _edge(self, ask: Ask, token: Token, granted: Authorization, node: str, edge: str) -> Rows:
        if token.page is None and node in ("me", granted.member.id) and edge in _EDGES:
            return _EDGES[edge](self, ask, token, granted)
        if node.startswith("act_") and edge in ADS_EDGES:
            self._account(ask, token, granted, node)
            return []
        business = self._business(granted, node)
        if business and edge in ("owned_ad_accounts", "client_ad_accounts"):
            self._need_business(token)
            return self._accounts(ask, token, granted, business.owned if edge[0] == "o" else business.client)
        if business and edge == "owned_pages":
            self._need_business(token)
            return [self._page_row(token, granted, own.id) for own in granted.member.pages]
        for own in granted.member.pages:
            if node in (own.id, "me") and edge == "instagram_accounts" and self._grants.may(token, "instagram_basic"):
                return [own.instagram()]
        raise self._hidden(ask)

    def _own_accounts(self, ask: Ask, token: Token, granted: Authorization) -> Rows:
        return self._accounts(ask, token, granted, granted.member.accounts)

    def _accounts(self, ask: Ask, token: Token, granted: Authorization, known: Sequence[AdAccount]) -> Rows:
        ask.ads = True
        if not self._grants.may(token, *ADS):
            raise GraphError("200")
        self._check_business_field(ask.params.get("fields", ""), token)
        return [account.fields() for account in known if account.number in granted.accounts]

    def _pages(self, _ask: Ask, token: Token, granted: Authorization) -> Rows:
        if not self._grants.may(token, "pages_show_list"):
            return []
        return [self._page_row(token, granted, own.id) for own in granted.member.pages]

    def _page_row(self, token: Token, granted: Authorization, page_id: str) -> dict[str, Any]:
        own = next(each for each in granted.member.pages if each.id == page_id)
        row = {**own.fields(), "access_token": self._grants.page_token(token, own).value}
        if not self._grants.may(token, "instagram_basic"):
            del row["instagram_business_account"]
        return row

    def _businesses(self, _ask: Ask, token: Token, granted: Authorization) -> Rows:
        self._need_business(token)
        return [business.fields() for business in granted.member.businesses]

    def _account(self, ask: Ask, token: Token, granted: Authorization, node: str) -> AdAccount:
        """Raises GraphError: nobody else's, and a disabled one reads like one without permission."""
        ask.ads = True
        account = next((each for each in granted.member.every_account() if f"act_{each.number}" == node), None)
        if account is None:
            raise self._hidden(ask)
        allowed = self._grants.may(token, *ADS) and account.number in granted.accounts
        if not allowed or account.status in (2, 101):
            raise GraphError("200")
        return account

    def _business(self, granted: Authorization, node: str) -> Business | None:
        member = granted.member
        known = [*member.businesses, *([member.client_business] if member.client_business else [])]
        return next((business for business in known if business.id == node), None)

    def _need_business(self, token: Token) -> None:
        if not self._grants.may(token, "business_management"):
            raise GraphError("200/business")

    def _check_business_field(self, fields: str, token: Token) -> None:
        if "business" in wanted(fields):
            self._need_business(token)

    def _hidden(self, ask: Ask) -> GraphError:
        return GraphError("100/33", id=ask.path[0], verb=ask.verb.lower())


_EDGES: Mapping[str, Callable[[Nodes, Ask, Token, Authorization], Rows]] = {
    "adaccounts": Nodes._own_accounts,
    "assigned_ad_accounts": Nodes._own_accounts,
    "accounts": Nodes._pages,
    "businesses": Nodes._businesses,
}
"""What hangs from a person."""
