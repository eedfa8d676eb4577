"""The calls inside a batch: shared parameters, values taken from earlier answers, and faults for one call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from symphony_connect.platforms.meta.sandbox import wire
from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.versions import plain, version_of
from symphony_connect.platforms.meta.sandbox.wire import Ask
from symphony_connect.sandbox.faults import Fault
from symphony_connect.sandbox.world import World

_RESULT = re.compile(r"\{result=([\w-]+):\$((?:\.{1,2}\w+|\.{1,2}\*|\[\d+\]|\[\*\])+)\}")
"""`{result=name:$.data.*.id}`: values out of the answer to the call of this name."""


class Batch:
    """One batch. Its calls run in order; they share the token unless they name one."""

    def __init__(
        self, world: World, outer: Ask, calls: Sequence[dict[str, Any]], answer: Callable[[Ask], dict[str, Any]]
    ) -> None:
        self._world = world
        self._outer = outer
        self._answer = answer
        self._with_headers = outer.params.get("include_headers") != "false"
        self._bodies: dict[str, Any] = {}
        self._used = {name for call in calls for name in _needs(call)}

    def one(self, part: int, call: dict[str, Any]) -> dict[str, Any] | None:
        """The answer of one call; None as Meta sends it: not finished in time, or left out because another used it."""
        inner: Ask | None = None
        try:
            self._check_needs(call)
            inner = self._inner(call)
            if fault := self._world.faults.take("meta", "/".join(inner.path), inner.params.items(), part):
                return self._met(fault, inner)
            status, body = 200, self._answer(inner)
            self._outer.member = inner.member or self._outer.member
        except GraphError as error:
            return self._reply(int(error.row["status"]), error.envelope(self._world.letters(11)), inner)
        name = call.get("name")
        if isinstance(name, str):
            self._bodies[name] = body
            if name in self._used and call.get("omit_response_on_success") is not False:
                return None
        return self._reply(status, body, inner)

    def _met(self, fault: Fault, inner: Ask) -> dict[str, Any] | None:
        if fault.answer:
            return {
                "code": fault.answer.status,
                "body": fault.answer.text,
                "headers": [{"name": name, "value": value} for name, value in fault.answer.sent_headers.items()],
            }
        kind, _, detail = (fault.error or "").partition(":")
        if kind == "meta":
            raise GraphError(detail)
        return self._reply(int(detail), {}, inner) if kind == "http" else None

    def _reply(self, status: int, body: Any, inner: Ask | None) -> dict[str, Any]:
        answer: dict[str, Any] = {"code": status, "body": json.dumps(body)}
        if self._with_headers:
            sent = {**wire.headers(self._world, inner), "Content-Type": "application/json; charset=UTF-8"}
            answer["headers"] = [{"name": name, "value": value} for name, value in sent.items()]
        return answer

    def _inner(self, call: dict[str, Any]) -> Ask:
        """Raises GraphError when a call is malformed, or takes from a call that did not succeed before it."""
        outer = self._outer
        method, address, form = call.get("method", "GET"), call.get("relative_url"), call.get("body", "")
        if not isinstance(method, str) or not isinstance(address, str) or not isinstance(form, str):
            raise GraphError("100/batch-call")
        parts = urlsplit(f"/{self._filled(address).lstrip('/')}")
        shared = {key: outer.params[key] for key in ("access_token", "appsecret_proof") if key in outer.params}
        sent = parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(self._filled(form), keep_blank_values=True)
        own = dict(sent)
        if "access_token" in own:
            shared.pop("appsecret_proof", None)
        now = self._world.clock() // 1000
        version = version_of(parts.path, now) if parts.path != plain(parts.path) else outer.version
        path = [part for part in plain(parts.path).split("/") if part]
        return Ask(method.upper(), path, shared | own, version, outer.base, outer.header_token)

    def _check_needs(self, call: dict[str, Any]) -> None:
        """Raises GraphError when a call that this one needs did not succeed before it."""
        for name in _needs(call):
            if name not in self._bodies:
                raise GraphError("100/depends", id=name)

    def _filled(self, text: str) -> str:
        """With every `{result=…}` replaced by the values it names, comma separated."""

        def values(found: re.Match[str]) -> str:
            return ",".join(map(str, _at(self._bodies[found[1]], re.findall(r"\.\.|\w+|\*", found[2]))))

        return _RESULT.sub(values, text)


def _needs(call: dict[str, Any]) -> list[str]:
    """The names of the calls that this one depends on: by `depends_on`, or by taking values from their answers."""
    taken = [name for key in ("relative_url", "body") for name, _ in _RESULT.findall(str(call.get(key, "")))]
    named = call.get("depends_on")
    return [*taken, named] if isinstance(named, str) and named else taken


def _at(value: Any, steps: list[str]) -> list[Any]:
    """The values at a JSONPath of names, numbers, `*` and `..`."""
    if not steps:
        return [value]
    step, rest = steps[0], steps[1:]
    if step == "..":
        deeper = [found for each in _children(value) for found in _at(each, steps)]
        return _at(value, rest) + deeper
    below: list[Any] = []
    if step == "*":
        below = _children(value)
    elif isinstance(value, dict) and step in value:
        below = [value[step]]
    elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        below = [value[int(step)]]
    return [found for each in below for found in _at(each, rest)]


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
