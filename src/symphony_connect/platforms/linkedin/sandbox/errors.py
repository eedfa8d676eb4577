"""LinkedIn's error codes and their words, from `samples/errors.json`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from symphony_connect.sandbox.lookalike import DocumentedError, documented

_ROWS = documented(Path(__file__).parent.parent / "samples" / "errors.json")
CATALOGUE: Mapping[str, str] = {key: row["why"] for key, row in _ROWS.items()}


class Refusal(DocumentedError):
    rows = _ROWS

    def response(self) -> Response:
        """As `/oauth/v2/` words it, or the API. Introspection has no error: its answer says `active: false`."""
        row = self.row
        if "body" in row:
            return JSONResponse(row["body"], row["status"])
        words, code = self.message, self.key.partition("/")[0]
        if not code.isdigit():
            return JSONResponse({"error": code, "error_description": words}, row["status"])
        body: dict[str, Any] = {"message": words, "status": row["status"], "code": row["code"]}
        if int(code) != row["status"]:
            body["serviceErrorCode"] = int(code)
        return JSONResponse(body, row["status"])
