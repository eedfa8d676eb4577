"""The graph: people, ad accounts, Pages and Businesses, and what hangs from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.fields import Wish, has, nonexisting, wanted
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants, Token
from symphony_connect.platforms.meta.sandbox.inspection import Inspection
from symphony_connect.platforms.meta.sandbox.members import AdAccount, Business
from symphony_connect.platforms.meta.sandbox.paging import page
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
EDGES: Mapping[str, Mapping[str, str]] = {
    "User": {
        "adaccounts": "AdAccount",
        "assigned_ad_accounts": "AdAccount",
        "accounts": "Page",
        "businesses": "Business",
        "business_users": "BusinessUser",
        "permissions": "Permission",
    },
    "AdAccount": dict.fromkeys(ADS_EDGES, ""),
    "Business": {"owned_ad_accounts": "AdAccount", "client_ad_accounts": "AdAccount", "owned_pages": "Page"},
    "Page": {"instagram_accounts": "IGUser"},
}
"""By node type: its edges, and the type of what they list."""


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
            names = wanted(ask.params.get("fields", "")) or {"name": Wish()}
            return {name: value for name, value in token.app.shown().items() if name in (*names, "id")}
        granted = token.authorization
        if granted is None:
            raise GraphError("2500") if node == "me" else self._hidden(ask)
        own = (token.page.id if token.page else granted.member.id, "me")
        if edges[:1] == ["permissions"] and node in own:
            return self._permissions(ask, granted)
        if len(edges) > 1:
            raise GraphError("2500/path", id=f"/{'/'.join(edges[1:])}")
        if ask.verb != "GET":
            raise self._hidden(ask)
        if edges == ["picture"] and self._kind(token, granted, node) in ("User", "Page"):
            return {"data": granted.member.picture(ask.base)}
        return self._listed(ask, token, granted) if edges else self._node(ask, token, granted, node)

    def _permissions(self, ask: Ask, granted: Authorization) -> dict[str, Any]:
        if ask.verb == "DELETE":
            return self._inspection.take_back(granted, ask.path[2] if len(ask.path) > 2 else None)
        if ask.verb != "GET" or len(ask.path) > 2:
            raise self._hidden(ask)
        return {"data": self._inspection.permissions(granted)}

    def _node(self, ask: Ask, token: Token, granted: Authorization, node: str) -> dict[str, Any]:
        fields = ask.params.get("fields", "")
        kind = self._kind(token, granted, node)
        if kind == "Page" and token.page and node in ("me", token.page.id):
            return self._shown(ask, token, granted, kind, token.page.fields(), fields)
        if kind == "User":
            return self._shown(ask, token, granted, kind, self._person(granted), fields)
        if kind == "AdAccount":
            account = self._account(ask, token, granted, node)
            self._check_business_field(fields, token)
            return self._shown(ask, token, granted, kind, account.fields(), fields, ("account_id",))
        if business := self._business(granted, node):
            self._need_business(token)
            return self._shown(ask, token, granted, "Business", business.fields(), fields)
        for own in granted.member.pages if self._grants.may(token, "pages_show_list") else ():
            if node == own.id:
                return self._shown(ask, token, granted, "Page", self._page_row(token, granted, own.id), fields)
            if node == own.instagram_id and self._grants.may(token, "instagram_basic"):
                return self._shown(ask, token, granted, "IGUser", own.instagram(), fields, ("username",))
        raise self._hidden(ask)

    def _kind(self, token: Token, granted: Authorization, node: str) -> str | None:
        """The type of a node that the token's member has something to do with; None for any other."""
        member = granted.member
        if node in ("me", token.page.id if token.page else member.id):
            return "Page" if token.page else "User"
        if any(node == f"act_{account.number}" for account in member.every_account()):
            return "AdAccount"
        if self._business(granted, node):
            return "Business"
        return "Page" if any(node == page.id for page in member.pages) else None

    def _person(self, granted: Authorization) -> dict[str, Any]:
        row = granted.member.fields()
        if granted.permissions.get("email") != "granted":
            row.pop("email", None)
        return row

    def _shown(
        self,
        ask: Ask,
        token: Token,
        granted: Authorization,
        kind: str,
        row: Mapping[str, Any],
        fields: str,
        usual: Sequence[str] = ("name",),
    ) -> dict[str, Any]:
        """The fields asked for, `id` always; what is empty is left out, as Meta does. An edge among them is read too.

        Raises GraphError for what nodes of this type do not have.
        """
        _check(kind, fields)
        found: dict[str, Any] = {}
        for name, wish in (wanted(fields) if fields else dict.fromkeys(usual, Wish())).items():
            if name in EDGES.get(kind, {}) and row.get(name) is None:
                params = {"fields": wish.inner, **wish.modifiers, **_token_of(ask)}
                along = Ask("GET", [str(row["id"]), name], params, ask.version, ask.base, ask.header_token)
                found[name] = self._listed(along, token, granted)
            elif (value := row.get(name)) is not None:
                found[name] = _within(value, wish.inner)
        if "id" in row:
            found["id"] = row["id"]
        return found

    def _listed(self, ask: Ask, token: Token, granted: Authorization) -> dict[str, Any]:
        """One page of an edge. Raises GraphError."""
        node, edge = ask.path
        kind = self._kind(token, granted, node)
        if kind is None:
            raise self._hidden(ask)
        if edge not in EDGES[kind]:
            raise nonexisting(kind, edge)
        if edge == "permissions":
            return self._permissions(ask, granted)
        below, fields = EDGES[kind][edge], ask.params.get("fields", "")
        usual = USUAL.get(edge, ("name",))
        _check(below, fields)
        rows = self._edge(ask, token, granted, node, edge)
        return page(
            ask,
            rows,
            lambda row: self._shown(ask, token, granted, below, row, fields, usual),
            granted.member.person.paging,
        )

    def _edge(self, ask: Ask, token: Token, granted: Authorization, node: str, edge: str) -> Rows:
        if edge in _OF_A_PERSON:
            return _OF_A_PERSON[edge](self, ask, token, granted)
        if edge in ADS_EDGES:
            self._account(ask, token, granted, node)
            return []
        if edge == "instagram_accounts":
            own = next(
                each for each in granted.member.pages if node == each.id or (node == "me" and token.page is each)
            )
            return [own.instagram()] if self._grants.may(token, "instagram_basic") else []
        self._need_business(token)
        business = self._business(granted, node)
        if business is None or edge == "owned_pages":
            return [self._page_row(token, granted, own.id) for own in granted.member.pages]
        return self._accounts(ask, token, granted, business.owned if edge == "owned_ad_accounts" else business.client)

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

    def _business_users(self, _ask: Ask, token: Token, granted: Authorization) -> Rows:
        """The person once more for each of their Businesses, as Meta keeps them there."""
        self._need_business(token)
        member = granted.member
        return [business.user(member.name, member.mail) for business in member.businesses]

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


def _check(kind: str, fields: str) -> None:
    """Raises GraphError for a name that is no field and no edge of such nodes."""
    for name in wanted(fields):
        if name not in EDGES.get(kind, {}) and not has(kind, name):
            raise nonexisting(kind, name)


def _token_of(ask: Ask) -> dict[str, str]:
    return {"access_token": ask.params["access_token"]} if "access_token" in ask.params else {}


def _within(value: Any, inner: str) -> Any:
    """`business{id}`: of an object inside a row, the fields asked for."""
    if not inner or not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if name in (*wanted(inner), "id")}


_OF_A_PERSON: Mapping[str, Callable[[Nodes, Ask, Token, Authorization], Rows]] = {
    "adaccounts": Nodes._own_accounts,
    "assigned_ad_accounts": Nodes._own_accounts,
    "accounts": Nodes._pages,
    "businesses": Nodes._businesses,
    "business_users": Nodes._business_users,
}
