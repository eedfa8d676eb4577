"""A batch as the proxy reads it: its calls, and the one spelling in which they are sent on ("Batch Requests")."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from symphony_connect.platforms import fields
from symphony_connect.platforms.proxied import Call, Pairs

MOST = 50
KEPT = ("method", "relative_url", "body", "name", "depends_on", "omit_response_on_success", "attached_files")
"""What a call in a batch may hold; header fields and tokens of its own are left out."""
RESULT = re.compile(r"\{result=[\w-]+:\$[\w.*\[\]]*\}")
"""`{result=name:$.data.*.id}`: a value from the answer to an earlier call."""
_PATH = re.compile(r"(?:[A-Za-z0-9._:@-]|/|\{result=[\w-]+:\$[\w.*\[\]]*\})*")


def calls(value: Any) -> Iterator[Call]:
    """Each call of the parameter `batch`, as JSON or as its text. Raises ValueError for what cannot be read."""
    for item in _items(value):
        path, query = _address(item)
        yield Call(_method(item), path, query, _pairs(item.get("body", "")))


def written(value: Any, credentials: Collection[str]) -> list[dict[str, Any]]:
    """The batch without tokens. Raises ValueError."""
    found = []
    for item in _items(value):
        kept = {name: item[name] for name in KEPT if name in item}
        path, query = _address(item)
        own = _encoded(query, credentials)
        kept["method"], kept["relative_url"] = _method(item), f"{path}?{own}" if own else path
        if "body" in item:
            kept["body"] = _encoded(_pairs(item["body"]), credentials)
        found.append(kept)
    return found


def text(batch: list[dict[str, Any]]) -> str:
    return json.dumps(batch, separators=(",", ":"))


def answers(body: list[Any]) -> Iterator[tuple[int, Mapping[str, str], Any]]:
    """Status, no header fields, and JSON of each answer to a batch."""
    for answer in fields.rows(body):
        try:
            inner = json.loads(fields.text(answer.get("body")))
        except (ValueError, RecursionError):
            inner = None
        if not isinstance(inner, list):
            yield fields.whole(answer.get("code")) or 0, {}, inner


def _items(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value, object_pairs_hook=_once)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        except ValueError:
            raise ValueError("it is no JSON, or names a key twice") from None
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value) or not 1 <= len(value) <= MOST:
        raise ValueError(f"it is no list of 1 to {MOST} calls")
    return value


def _once(items: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(items)
    if len(found) != len(items):
        raise ValueError("a key comes twice")
    return found


def _method(item: Mapping[str, Any]) -> str:
    method = item.get("method", "GET")
    if not isinstance(method, str) or not re.fullmatch("[A-Za-z]{1,10}", method):
        raise ValueError("a call has no method")
    return method.upper()


def _address(item: Mapping[str, Any]) -> tuple[str, Pairs]:
    address = item.get("relative_url", "")
    if not isinstance(address, str):
        raise ValueError("a call has no relative_url")
    path, _, query = address.partition("?")
    path = path.removeprefix("/")
    parts = path.removesuffix("/").split("/")
    if (
        not _PATH.fullmatch(path)
        or ("" in parts and parts != [""])
        or any(not part.strip(".") for part in parts if part)
    ):
        raise ValueError("a relative_url is an address, or holds empty or dot segments, or what is not plain in a path")
    return path, _pairs(query)


def _pairs(value: Any) -> Pairs:
    if not isinstance(value, str):
        raise ValueError("the body of a call is no form")
    pairs = parse_qsl(value, keep_blank_values=True, max_num_fields=1_000)
    if any(name == "batch" for name, _ in pairs):
        raise ValueError("a batch stands inside of another")
    return pairs


def _encoded(pairs: Pairs, credentials: Collection[str]) -> str:
    return "&".join(f"{quote_plus(name)}={_value(value)}" for name, value in pairs if name not in credentials)


def _value(value: str) -> str:
    """Percent-encoded, but for values taken from other answers, which are found before anything is decoded."""
    parts, at = [], 0
    for found in RESULT.finditer(value):
        parts += [quote_plus(value[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*parts, quote_plus(value[at:])])
