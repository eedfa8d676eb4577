"""Google's error codes and their words, from `samples/errors.json`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from symphony_connect.sandbox.lookalike import DocumentedError, documented

_ROWS = documented(Path(__file__).parent.parent / "samples" / "errors.json")
CATALOGUE: Mapping[str, str] = {key: row["why"] for key, row in _ROWS.items()}
FAILURE = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"


class Refusal(DocumentedError):
    rows = _ROWS
    streamed = False
    """Whether it answers a call whose answers are lists, because they come as a stream."""

    def response(self) -> Response:
        """As the token endpoint words it, or the API."""
        row, words = self.row, self.message
        if "google" not in row:
            return JSONResponse({"error": self.key.partition("/")[0], "error_description": words}, row["status"])
        error: dict[str, Any] = {"code": row["status"], "message": words, "status": row["google"]}
        if "field" in row:
            one: dict[str, Any] = {"errorCode": {row["field"]: self.key}, "message": words}
            if "delay" in row:
                one["details"] = {
                    "quotaErrorDetails": {"rateScope": row.get("scope", "DEVELOPER"), "retryDelay": row["delay"]}
                }
            error["message"] = "Request contains an invalid argument." if row["status"] == 400 else words
            error["details"] = [{"@type": FAILURE, "errors": [one], "requestId": "sandbox"}]
        body = {"error": error}
        return JSONResponse([body] if self.streamed else body, row["status"])
