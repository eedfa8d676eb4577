"""TikTok's return codes and their words, from `samples/errors.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_SAMPLE = Path(__file__).parent.parent / "samples" / "errors.json"

CATALOGUE: Mapping[str, str] = {
    row["key"]: row["message"] for row in json.loads(_SAMPLE.read_text(encoding="utf-8"))["errors"]
}
"""Message by key. A key is a code, with a word after a slash where only the message tells two cases apart."""


class Refusal(Exception):
    """An answer other than OK: HTTP 200 all the same, as TikTok sends it."""

    def __init__(self, key: str, message: str = "") -> None:
        self.key = key
        self.code = int(key.split("/")[0])
        self.message = message or CATALOGUE[key]
        super().__init__(f"{self.code}: {self.message}")


def missing(field: str) -> Refusal:
    """40002 in the words of the documentation's example."""
    return Refusal("40002", f"Missing required field(s): {field}.")
