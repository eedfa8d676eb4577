"""Objects of a JSON file one after another, however large the file, and the form in which Nango exports them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TextIO

PIECE = 65_536
LARGEST = 1_048_576
"""Letters of one object."""
_OPENING = re.compile(r"\s*(?:\{\s*\"(?:connections|brands)\"\s*:\s*)?\[")
"""A list, or an object whose first field is one."""
_BETWEEN = re.compile(r"[\s,]*")


class Damaged(Exception):
    """The file is not JSON, or cut off. The message does not show what stands there."""


def objects(stream: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each with its number, from 1: of a list, of `{"connections": […]}`, or one after another (JSON lines)."""
    text = stream.read(PIECE)
    opening = _OPENING.match(text)
    at, number = opening.end() if opening else 0, 0
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing at all, too
        if opening and text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            more = stream.read(PIECE) if isinstance(error, json.JSONDecodeError) and len(text) - at < LARGEST else ""
            if more:
                text, at = text[at:] + more, 0
                continue
            if at == len(text) and not opening:
                return
            raise Damaged(f"row {number + 1}: the file is cut off, or this is not JSON") from None
        number += 1
        if not isinstance(value, dict):
            raise Damaged(f"row {number}: this is no object")
        yield number, value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Damaged("an object has one name twice")
    return found


def from_nango(
    connection: Mapping[str, Any], brands: Mapping[str, int], fault: Callable[[str, str], Exception]
) -> dict[str, Any]:
    """Our columns, from a connection as Nango's API answers it (https://nango.dev/docs/reference/api, 2026).

    The brand is what `brands` says of `connection_id`; else that id, or the end user's, where it is a number.
    """
    credentials = connection.get("credentials")
    if not isinstance(credentials, dict):
        raise fault("credentials", "is missing: Nango's list has none; get each from GET /connections/{connectionId}")
    if credentials.get("type") != "OAUTH2":
        raise fault("credentials.type", "is not OAUTH2")
    return {
        "brandId": _brand(connection, brands, fault),
        "platform": connection.get("provider_config_key") or connection.get("provider"),
        "accessToken": credentials.get("access_token"),
        "refreshToken": credentials.get("refresh_token"),
        "expiresAt": credentials.get("expires_at"),
    }


def _brand(connection: Mapping[str, Any], brands: Mapping[str, int], fault: Callable[[str, str], Exception]) -> Any:
    id, user = connection["connection_id"], connection.get("end_user")
    if isinstance(id, str) and id in brands:
        return brands[id]
    for word in (id, user.get("id") if isinstance(user, dict) else None):
        if isinstance(word, str) and re.fullmatch(r"[1-9][0-9]{0,15}", word):
            return word
    raise fault("connection_id", "is not a number and not in the file that --map names")
