"""Which documented calls of the Graph API this look-alike answers, from the tables that its handlers go by."""

from __future__ import annotations

from collections.abc import Sequence

from symphony_connect.platforms.meta.sandbox import ads, holdings, kinds, things
from symphony_connect.sandbox.platform import Endpoint

NODES = {
    "User": "me",
    "AdAccount": "act_{id}",
    "Page": "{page-id}",
    "Business": "{business-id}",
    "Campaign": "{campaign-id}",
    "AdSet": "{adset-id}",
    "Ad": "{ad-id}",
    "AdCreative": "{creative-id}",
    "CustomAudience": "{audience-id}",
    "AdImage": "{image-id}",
    "AdReportRun": "{report-run-id}",
}
OTHERS = (
    Endpoint("GET", "/dialog/oauth"),
    Endpoint("GET, POST", "/oauth/access_token"),
    Endpoint("GET", "/oauth/revoke"),
    Endpoint("GET", "/debug_token"),
    Endpoint("POST", "/", "batches of 50"),
    Endpoint("GET, DELETE", "/me/permissions"),
    Endpoint("GET", "/me/picture"),
)


def endpoints() -> Sequence[Endpoint]:
    """Paths without version: each is answered with and without."""
    found = list(OTHERS)
    for kind, node in NODES.items():
        found.append(Endpoint("GET, POST, DELETE" if kind in ads.KINDS else "GET", f"/{node}"))
        found += [Endpoint(_methods(kind, edge), f"/{node}/{edge}") for edge in sorted(ANSWERED.get(kind, ()))]
        rest = set(kinds.EDGES.get(kind, {})) - {"permissions", "picture", *ANSWERED.get(kind, ())}
        if rest:
            note = f"the {len(rest)} other edges of the reference: always an empty list"
            found.append(Endpoint("GET", f"/{node}/{{edge}}", note))
    return found


def _methods(kind: str, edge: str) -> str:
    if kind == "AdAccount" and edge == "adimages":
        return "GET, POST, DELETE"
    made = kind == "AdAccount" and edge in ads.EDGES
    return "GET, POST" if made or (edge == "insights" and kind in ads.REPORTED) else "GET"


ANSWERED = {
    "User": tuple(holdings.OF_A_PERSON),
    "AdAccount": (*things.LISTED, "activities", "insights"),
    "Page": ("instagram_accounts",),
    "Business": ("owned_pages", "owned_ad_accounts", "client_ad_accounts"),
    "Campaign": ("adsets", "ads", "insights"),
    "AdSet": ("ads", "insights"),
    "Ad": ("adcreatives", "insights"),
    "AdReportRun": ("insights",),
}
"""Edges that list what there is; of the others the fields alone are known."""
