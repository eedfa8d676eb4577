"""Reads that every client of the Marketing API makes next: campaigns, ads, pixels, reports. All lists are empty.

Parameters and answers as in the API's reference; what an ad account does not allow is refused as everywhere.
"""

from __future__ import annotations

from typing import Any

from symphony_connect.platforms.tiktok.sandbox.marketing import Marketing, sent
from symphony_connect.platforms.tiktok.sandbox.wire import Operation, Question

OF_ADVERTISERS = ("campaign/get", "adgroup/get", "ad/get", "identity/get", "report/integrated/get")
MOST_ROWS = 1_000
MOST_PIXELS = 20
MOST_CENTERS = 50


class Listings:
    """One page of nothing, once token, advertiser, `page` and `page_size` are in order."""

    def __init__(self, marketing: Marketing) -> None:
        self._marketing = marketing

    def operations(self) -> dict[str, Operation]:
        return {
            **{f"/{path}/": Operation(self.of_advertiser, ("GET",)) for path in OF_ADVERTISERS},
            "/pixel/list/": Operation(self.pixels, ("GET",)),
            "/bc/get/": Operation(self.business_centers, ("GET",)),
        }

    def of_advertiser(self, question: Question) -> dict[str, Any]:
        self._check_advertiser(question)
        return _page(question, MOST_ROWS)

    def pixels(self, question: Question) -> dict[str, Any]:
        self._check_advertiser(question)
        page = _page(question, MOST_PIXELS)
        return {"pixels": page["list"], "page_info": page["page_info"]}

    def business_centers(self, question: Question) -> dict[str, Any]:
        self._marketing.approval(question, sent(question))
        return _page(question, MOST_CENTERS)

    def _check_advertiser(self, question: Question) -> None:
        """Raises Refusal: without a token that works, or for an ad account that was not granted."""
        approval = self._marketing.approval(question, sent(question))
        self._marketing.granted(approval, question.text("advertiser_id"))


def _page(question: Question, most: int) -> dict[str, Any]:
    page, size = question.within("page", 1, 100_000), question.within("page_size", 10, most)
    return {"list": [], "page_info": {"page": page, "page_size": size, "total_number": 0, "total_page": 0}}
