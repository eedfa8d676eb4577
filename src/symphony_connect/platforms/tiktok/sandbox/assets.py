"""What people have beside advertisers: identities (the TikTok accounts that ads appear under) and Business Centers.

Parameters and answers as in the API's reference, v1.3, and as public clients have met them. What TikTok answers for an
identity that may not be used any more is documented nowhere: the word here is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symphony_connect.platforms.tiktok.sandbox.campaigns import page_of
from symphony_connect.platforms.tiktok.sandbox.errors import Refusal
from symphony_connect.platforms.tiktok.sandbox.marketing import Marketing, sent
from symphony_connect.platforms.tiktok.sandbox.members import Member
from symphony_connect.platforms.tiktok.sandbox.wire import Operation, Question

MOST_IDENTITIES = 100
MOST_CENTERS = 50
ADS, ACCOUNTS = 2, 18000000
"""Permissions, of which one is needed for identities."""
ASSET_TYPES = ("ADVERTISER", "PIXEL", "TT_ACCOUNT", "CATALOG")


class Assets:
    """`marketing` knows who may do what."""

    def __init__(self, marketing: Marketing) -> None:
        self._marketing = marketing

    def operations(self) -> dict[str, Operation]:
        get = ("GET",)
        return {
            "/identity/get/": Operation(self.identities, get),
            "/bc/get/": Operation(self.centers, get),
            "/bc/asset/get/": Operation(self.center_assets, get, note="advertisers; an empty list of other types"),
        }

    def identities(self, question: Question) -> dict[str, Any]:
        approval = self._marketing.approval(question, sent(question))
        self._marketing.granted(approval, question.text("advertiser_id"))
        if not {ADS, ACCOUNTS} & set(approval.scope):
            raise Refusal("40001", "No permission: TikTok Accounts was not granted.")
        wanted = question.fields.get("identity_type")
        rows = [row for row in _identities(approval.member) if wanted in (None, row["identity_type"])]
        page = page_of(question, rows, MOST_IDENTITIES)
        return {"identity_list": page["list"], "page_info": page["page_info"]}

    def centers(self, question: Question) -> dict[str, Any]:
        approval = self._marketing.approval(question, sent(question))
        return page_of(question, _centers(approval.member), MOST_CENTERS)

    def center_assets(self, question: Question) -> dict[str, Any]:
        """For those who manage the Business Center; membership alone is refused."""
        approval = self._marketing.approval(question, sent(question))
        center, kind = question.text("bc_id"), question.text("asset_type")
        roles = {row["bc_info"]["bc_id"]: row["user_role"] for row in _centers(approval.member)}
        if kind not in ASSET_TYPES:
            raise Refusal("40002", "asset_type: Invalid.")
        if roles.get(center) != "ADMIN":
            raise Refusal("40001", f"No permission to operate business center {center}.")
        owned = [each for each in approval.member.advertisers.values() if each.owner_bc_id == center]
        rows = [{"asset_id": each.id, "asset_name": each.name, "asset_type": kind} for each in owned]
        return page_of(question, rows if kind == "ADVERTISER" else [], MOST_CENTERS)


def _centers(member: Member) -> Sequence[dict[str, Any]]:
    """Of several, the person does not manage the last ones that they leave unshared."""
    person = member.person
    count = person.businesses or int(person.business_only)
    managed = count if count < 2 else max(count - person.unshared, 1)
    return [
        {
            "bc_info": {"bc_id": center_id(member, at), "name": f"{person.title} Business Center {at + 1}"},
            "user_role": "ADMIN" if at < managed else "STANDARD",
        }
        for at in range(count)
    ]


def center_id(member: Member, at: int) -> str:
    return str(7_200_000_000_000_000_000 + at * 10_000 + member.person.number)


def _identities(member: Member) -> Sequence[dict[str, Any]]:
    person, rows = member.person, []
    for at in range(person.pages):
        row = {
            "identity_id": str(7_400_000_000_000_000_000 + at * 10_000 + person.number),
            "identity_type": "TT_USER",
            "display_name": f"{person.title}{f' {at + 1}' if at else ''}",
            "available_status": "AVAILABLE" if at < person.pages - person.unshared else "UNAVAILABLE",
            "can_push_video": True,
        }
        if person.businesses or person.business_only:
            row |= {"identity_type": "BC_AUTH_TT", "identity_authorized_bc_id": center_id(member, 0)}
        rows.append(row)
    return rows
