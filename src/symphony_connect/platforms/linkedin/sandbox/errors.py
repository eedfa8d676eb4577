"""LinkedIn's error codes and their words, from `samples/errors.json`."""

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


class Refusal(Exception):
    """An error by its key; `id` fills the place that its words leave open."""

    def __init__(self, key: str, id: str = "") -> None:
        super().__init__(key)
        self.key = key
        self.id = id

    def response(self) -> Response:
        """As `/oauth/v2/` words it, or the API. Introspection has no error: its answer says `active: false`."""
        row = _ROWS[self.key]
        if "body" in row:
            return JSONResponse(row["body"], row["status"])
        words = row["message"].replace("{id}", self.id)
        code = self.key.partition("/")[0]
        if not code.isdigit():
            return JSONResponse({"error": code, "error_description": words}, row["status"])
        body: dict[str, Any] = {"message": words, "status": row["status"], "code": row["code"]}
        if int(code) != row["status"]:
            body["serviceErrorCode"] = int(code)
        return JSONResponse(body, row["status"])
