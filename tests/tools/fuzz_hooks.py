"""What schemathesis cannot know of the API: what cursors look like, tokens that the sandbox takes, brands that exist.

Loaded by name (`SCHEMATHESIS_HOOKS`) in its own process. `FUZZ_BODIES` holds bodies of `PUT /brands` that work.
"""

from __future__ import annotations

import base64
import json
import os
import uuid
from typing import Any

import schemathesis
from hypothesis import strategies as st

BODIES = json.loads(os.environ["FUZZ_BODIES"])
BRANDS = [body["brandId"] for body in BODIES]


def cursor(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).rstrip(b"=").decode()


schemathesis.openapi.format("cursor", st.integers(0, 2**63 - 1).map(cursor))
schemathesis.openapi.format("ad-account-id", st.from_regex(r"\A[0-9a-z_]{1,30}\Z"))
schemathesis.openapi.format("webhook-url", st.just("http://127.0.0.1:9/hooks"))
schemathesis.openapi.format("return-url", st.just("https://shop.example/back"))


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Whole numbers without a point: JSON Schema counts `1.0` as one, the service refuses it on purpose."""
    whole = _whole(body)
    method, path = context.operation.method.upper(), context.operation.path
    if method == "PUT" and path.endswith("/brands") and isinstance(whole, dict) and _sometimes(whole):
        return BODIES[len(str(whole)) % len(BODIES)]
    return whole


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    return _known_brand(path_parameters)


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    return _known_brand(query)


@schemathesis.hook
def map_headers(context: Any, headers: Any) -> Any:
    """A key for idempotency is used once: a replay answers with what may be gone by now."""
    if headers and isinstance(key := headers.get("Idempotency-Key"), str) and 0 < len(key) < 200:
        headers["Idempotency-Key"] = f"{key}{uuid.uuid4().hex}"
    return headers


def _known_brand(values: Any) -> Any:
    """Every other brand is one that exists; a malformed one stays malformed."""
    if isinstance(values, dict) and type(brand := values.get("brandId")) is int and brand > 0 and _sometimes(values):
        values["brandId"] = BRANDS[brand % len(BRANDS)]
    return values


def _sometimes(value: Any) -> bool:
    """The same for the same value: schemathesis repeats what failed."""
    return len(repr(value)) % 2 == 0


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
