"""What a person's advertisers hold beside campaigns: made from who they are, the same in every sandbox.

Fields as in the API's reference, v1.3, of `/adgroup/get/`, `/ad/get/`, `/pixel/list/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from symphony_connect.platforms.tiktok.sandbox.members import Advertiser

Row = dict[str, Any]
PIXELS = 3
AD_GROUPS = 2
"""Of each campaign."""
STATUSES = {"ENABLE": "DELIVERY_OK", "DISABLE": "CAMPAIGN_DISABLE", "DELETE": "CAMPAIGN_DELETE"}


def ad_groups(campaigns: Iterable[Mapping[str, Any]]) -> list[Row]:
    """They follow their campaign: its name, its advertiser, and whether it runs."""
    return [_ad_group(campaign, number) for campaign in campaigns for number in range(1, AD_GROUPS + 1)]


def ads(groups: Iterable[Mapping[str, Any]]) -> list[Row]:
    shared = ("advertiser_id", "campaign_id", "campaign_name", "adgroup_id", "adgroup_name", "operation_status")
    return [
        {
            **{name: group[name] for name in shared},
            "ad_id": f"{group['adgroup_id']}1",
            "ad_name": f"{group['adgroup_name']}, ad",
            "ad_format": "SINGLE_VIDEO",
            "ad_text": "See more",
            "secondary_status": f"AD_STATUS_{STATUSES[group['operation_status']]}",
        }
        for group in groups
    ]


def pixels(advertiser: Advertiser, born: int) -> list[Row]:
    """`born`: when the advertiser was made, in seconds since the epoch."""
    made = datetime.fromtimestamp(born, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return [
        {
            "pixel_id": f"75{advertiser.id[-10:]}{number:07d}",
            "pixel_code": f"C{advertiser.id[-10:]}{number:09d}",
            "pixel_name": f"{advertiser.name}, pixel {number}",
            "advertiser_id": advertiser.id,
            "activity_status": "ACTIVE",
            "pixel_setup_mode": "STANDARD",
            "create_time": made,
            "events": [],
        }
        for number in range(1, PIXELS + 1)
    ]


def _ad_group(campaign: Mapping[str, Any], number: int) -> Row:
    return {
        "advertiser_id": campaign["advertiser_id"],
        "campaign_id": campaign["campaign_id"],
        "campaign_name": campaign["campaign_name"],
        "adgroup_id": f"{campaign['campaign_id']}{number}",
        "adgroup_name": f"{campaign['campaign_name']}, group {number}",
        "operation_status": campaign["operation_status"],
        "secondary_status": f"ADGROUP_STATUS_{STATUSES[campaign['operation_status']]}",
        "placement_type": "PLACEMENT_TYPE_AUTOMATIC",
        "budget_mode": "BUDGET_MODE_DAY",
        "budget": 50.0,
    }
