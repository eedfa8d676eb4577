"""The graph: people, ad accounts, Pages and Businesses, and their edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symphony_connect.platforms.meta.sandbox.ads import Ads
from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.fields import Wish, wanted
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants, Token
from symphony_connect.platforms.meta.sandbox.holdings import Holdings, hidden
from symphony_connect.platforms.meta.sandbox.inspection import Inspection
from symphony_connect.platforms.meta.sandbox.kinds import EDGES, USUAL, check, inside, nonexisting
from symphony_connect.platforms.meta.sandbox.paging import page
from symphony_connect.platforms.meta.sandbox.system_users import SystemUsers
from symphony_connect.platforms.meta.sandbox.wire import Ask


class Nodes:
    """Reads on behalf of one token at a time."""

    def __init__(self, grants: Grants, inspection: Inspection, ads: Ads, switches: Mapping[str, bool]) -> None:
        self._ads = ads
        self._grants = grants
        self._inspection = inspection
        self._system_users = SystemUsers(grants)
        self._switches = switches

    def answer(self, ask: Ask) -> dict[str, Any]:
        """Raises GraphError."""
        token = ask.token(self._grants, proof_required=self._switches["require_proof"])
        node, edges = ask.path[0], ask.path[1:]
        if node in ("app", token.app.id):
            return _application(ask, token)
        granted = token.authorization
        if granted is None:
            raise GraphError("2500") if node == "me" else hidden(ask)
        if edges[:1] == ["permissions"] and node in ("me", token.page.id if token.page else granted.member.id):
            return self._permissions(ask, granted)
        if len(edges) > 1:
            raise GraphError("2500/path", id=f"/{'/'.join(edges[1:])}")
        if (issued := self._system_users.answer(ask, token, granted)) is not None:
            return issued
        holdings = Holdings(ask, self._grants, token, granted, self._ads.reports)
        if ask.verb != "GET":
            return self._ads.change(ask, holdings)
        return _Read(ask, holdings, granted, self._permissions).answer()

    def _permissions(self, ask: Ask, granted: Authorization) -> dict[str, Any]:
        """All on one page; `permission` and `status`, or a name in the path, narrow it."""
        named = ask.path[2] if len(ask.path) > 2 else None
        if ask.verb == "DELETE" and not granted.member.client_business:
            return self._inspection.take_back(granted, named)
        if ask.verb != "GET" or len(ask.path) > 3:
            raise hidden(ask)
        check("Permission", ask.params.get("fields", ""))
        narrow = {"permission": named or ask.params.get("permission"), "status": ask.params.get("status")}
        rows = self._inspection.permissions(granted)
        return {"data": [row for row in rows if all(value in (None, row[key]) for key, value in narrow.items())]}


def _application(ask: Ask, token: Token) -> dict[str, Any]:
    """The app that the token was issued for. Its edges are empty lists."""
    fields, edges = ask.params.get("fields", ""), ask.path[1:]
    if ask.verb != "GET":
        raise hidden(ask)
    if len(edges) > 1:
        raise GraphError("2500/path", id=f"/{'/'.join(edges[1:])}")
    if edges and edges[0] not in EDGES["Application"]:
        raise nonexisting("Application", edges[0])
    check(EDGES["Application"][edges[0]] if edges else "Application", fields)
    if edges:
        return {"data": []}
    row, asked = token.app.shown(), wanted(fields) or {"name": Wish("name")}
    return {shown: row[wish.name] for shown, wish in asked.items() if wish.name in row} | {"id": token.app.id}


class _Read:
    """One GET of a node or an edge, with whatever `fields` asks for below it."""

    def __init__(
        self,
        ask: Ask,
        holdings: Holdings,
        granted: Authorization,
        permissions: Callable[[Ask, Authorization], dict[str, Any]],
    ) -> None:
        """`permissions` answers that edge."""
        self._ask = ask
        self._holdings = holdings
        self._granted = granted
        self._member = granted.member
        self._permissions = permissions

    def answer(self) -> dict[str, Any]:
        """Raises GraphError."""
        node, *edges = self._ask.path
        kind = self._holdings.kind(node)
        if kind is None:
            raise hidden(self._ask)
        if edges == ["picture"] and inside(kind, "picture"):
            return self._member.picture(self._ask.base, self._ask.params)
        if edges:
            return self._listed(self._ask, kind)
        fields = self._ask.params.get("fields", "")
        return self._shown(kind, self._holdings.row(kind, node, fields), fields, USUAL.get(kind, ("name",)))

    def _listed(self, ask: Ask, kind: str) -> dict[str, Any]:
        """One page of an edge."""
        node, edge = ask.path
        if edge not in EDGES[kind]:
            raise nonexisting(kind, edge)
        if edge == "permissions":
            return self._permissions(ask, self._granted)
        below, fields = EDGES[kind][edge], ask.params.get("fields", "")
        usual = USUAL.get(edge) or USUAL.get(below, ("name",))
        check(below, fields, edge)
        rows = self._holdings.edge(kind, node, edge, fields)
        return page(ask, rows, lambda row: self._shown(below, row, fields, usual, edge), self._member.person.paging)

    def _shown(
        self, kind: str, row: Mapping[str, Any], fields: str, usual: Sequence[str] = (), edge: str = ""
    ) -> dict[str, Any]:
        """The fields asked for, `id` always; what is empty is left out, as Meta does. An edge among them is read too.

        Raises GraphError for what nodes of this type do not have.
        """
        check(kind, fields, edge)
        found: dict[str, Any] = {}
        for shown, wish in (wanted(fields) if fields else {name: Wish(name) for name in usual}).items():
            if wish.name == "picture" and inside(kind, wish.name):
                found[shown] = self._member.picture(self._ask.base, wish.modifiers, wish.inner)
            elif wish.name in EDGES.get(kind, {}) and row.get(wish.name) is None:
                found[shown] = self._listed(self._along(str(row["id"]), wish), kind)
            elif (value := row.get(wish.name)) is not None:
                found[shown] = self._inner(inside(kind, wish.name), value, wish.inner)
        return found | ({"id": row["id"]} if "id" in row else {})

    def _along(self, node: str, wish: Wish) -> Ask:
        """The request for an edge among the fields."""
        token = {key: self._ask.params[key] for key in ("access_token",) if key in self._ask.params}
        return replace(self._ask, path=[node, wish.name], params={"fields": wish.inner, **wish.modifiers, **token})

    def _inner(self, kind: str, value: Any, fields: str) -> Any:
        """`business{id}`: of a node inside a row, the fields asked for."""
        if not kind or not fields:
            return value
        row: Mapping[str, Any] = value
        if kind == "Business" and (business := self._holdings.business(value["id"])):
            row = business.fields()
        if kind in ("Campaign", "AdSet", "AdCreative"):
            row = self._holdings.thing(value["id"]) or value
        if kind == "IGUser":
            row = self._holdings.page_of(value["id"]).instagram()
        return self._shown(kind, row, fields)
