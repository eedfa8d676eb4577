"""Google's error codes and their words, from `samples/errors.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

_SAMPLE = Path(__file__).parent.parent / "samples" / "errors.json"
_ROWS: Mapping[str, Mapping[str, Any]] = {
    row["key"]: row for row in json.loads(_SAMPLE.read_text(encoding="utf-8"))["errors"]
}
CATALOGUE: Mapping[str, str] = {key: row["why"] for key, row in _ROWS.items()}
FAILURE = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"


class Refusal(Exception):
    """An error by its key; `id` fills the place that its words leave open."""

    def __init__(self, key: str, id: str = "") -> None:
        super().__init__(key)
        self.key = key
        self.id = id

    def response(self, streamed: bool = False) -> Response:
        """As the token endpoint words it, or the API; an answer that streams is a list."""
        row = _ROWS[self.key]
        words = row["message"].replace("{id}", self.id)
        if "google" not in row:
            subtype = {"error_subtype": row["subtype"]} if "subtype" in row else {}
            oauth = {"error": self.key.partition("/")[0], "error_description": words, **subtype}
            return JSONResponse(oauth, row["status"])
        error: dict[str, Any] = {"code": row["status"], "message": words, "status": row["google"]}
        if "field" in row:
            one: dict[str, Any] = {"errorCode": {row["field"]: self.key.partition("/")[0]}, "message": words}
            if "delay" in row:
                one["details"] = {"quotaErrorDetails": {"rateScope": row["scope"], "retryDelay": row["delay"]}}
            error["message"] = "Request contains an invalid argument." if row["status"] == 400 else words
            error["details"] = [{"@type": FAILURE, "errors": [one], "requestId": "sandbox"}]
        body = {"error": error}
        return JSONResponse([body] if streamed else body, row["status"])
