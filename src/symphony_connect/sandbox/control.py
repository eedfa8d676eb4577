"""The control API: JSON under `/_sandbox`, for tests, scripts and the control room."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from symphony_connect.base.clock import DAY, HOUR, MINUTE, SECOND, rfc3339
from symphony_connect.base.errors import SymphonyError
from symphony_connect.sandbox import describe, orders
from symphony_connect.sandbox.faults import WIRE_ERRORS, Answer
from symphony_connect.sandbox.platform import SandboxPlatform
from symphony_connect.sandbox.wire import Endpoint, Guard, Refused, guarded, read
from symphony_connect.sandbox.world import Person, World

Reset = Callable[[], Awaitable[None]]
LAST = 221_845_392_000_000
"""The year 9000, in milliseconds since the epoch: what ends later than the clock must still be a date."""
_FAR = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?")


class Control:
    """The routes of the control API, over one world and its platforms."""

    def __init__(
        self, world: World, platforms: Mapping[str, SandboxPlatform], guard: Guard, also_reset: Reset | None
    ) -> None:
        """`also_reset` is called by a reset: it starts over what runs against this sandbox."""
        self._world = world
        self._platforms = platforms
        self._guard = guard
        self._also_reset = also_reset

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/state", self.state),
            ("GET", "/calls", self.calls),
            ("GET", "/counts", self.counts),
            ("GET", "/clock", self.time),
            ("POST", "/clock", self.advance),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.arm),
            ("DELETE", "/faults", self.disarm),
            ("DELETE", "/faults/{number:int}", self.disarm_one),
            ("POST", "/people", self.add_person),
            ("POST", "/people/{name}", self.act),
            ("POST", "/settings", self.switch),
            ("POST", "/tokens", self.issue),
            ("POST", "/reset", self.reset),
        ]
        known = ", ".join(f"{method} /_sandbox{path}" for method, path, _ in table)
        routes = [
            Route(f"/_sandbox{path}", guarded(endpoint, self._guard), methods=[method])
            for method, path, endpoint in table
        ]

        async def nothing(request: Request) -> Response:
            there = any(route.matches(request.scope)[0] is Match.PARTIAL for route in routes)
            words = f"There is no {request.method} {request.url.path}. The control API has: {known}."
            raise Refused(words, 405 if there else 404)

        verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        rest = ("", "/{rest:path}")
        return [*routes, *(Route(f"/_sandbox{each}", guarded(nothing, self._guard), methods=verbs) for each in rest)]

    async def state(self, _request: Request) -> Response:
        return JSONResponse(describe.state(self._world, self._platforms))

    async def calls(self, request: Request) -> Response:
        query = request.query_params
        after = query.get("after", "0")
        if not re.fullmatch(r"\d{1,15}", after):
            raise Refused("`after` is the number of a call, such as 12.")
        narrow = {"platform": query.get("platform", ""), "path": query.get("path", "")}
        rows = describe.calls(self._world, after=int(after), **narrow)
        return JSONResponse({"calls": rows, "total": self._world.ledger.total})

    async def counts(self, _request: Request) -> Response:
        return JSONResponse({"counts": self._world.ledger.counts(), "total": self._world.ledger.total})

    async def time(self, _request: Request) -> Response:
        return JSONResponse(describe.now(self._world))

    async def advance(self, request: Request) -> Response:
        order = await read(request, orders.Advance)
        parts = _FAR.fullmatch(order.advance)
        if not parts or not order.advance:
            raise Refused("`advance` is how far to move the clock on, such as 61d, 12h, 1d12h, 30m or 90s.")
        units = zip(parts.groups("0"), (DAY, HOUR, MINUTE, SECOND), strict=True)
        by = sum(int(count) * unit for count, unit in units)
        if self._world.clock() + by > LAST:
            raise Refused(f"The clock moves on to {rfc3339(LAST)} at most; POST /_sandbox/reset sets it back.")
        self._world.clock.advance(by)
        return JSONResponse(describe.now(self._world))

    async def faults(self, _request: Request) -> Response:
        return JSONResponse({"faults": describe.faults(self._world)})

    async def arm(self, request: Request) -> Response:
        order = await read(request, orders.Arm)
        platform = self._named(order.platform or (order.error or "").partition(":")[0])
        self._check_error(order, platform)
        path = platform.plain(order.path) if order.path.startswith("/") else order.path
        self._world.faults.arm(
            platform.name,
            order.error,
            path=path.strip("/"),
            times=order.times,
            delay_ms=order.delay_ms,
            when=order.when,
            answer=Answer(**msgspec.structs.asdict(order.answer)) if order.answer else None,
            query=order.query,
            part=order.part,
        )
        return await self.faults(request)

    def _check_error(self, order: orders.Arm, platform: SandboxPlatform) -> None:
        if order.error is None and not order.answer and not order.delay_ms:
            raise Refused("Give `error`, `answer`, or `delayMs` for a call that is only slow.")
        if order.error is not None and order.answer:
            raise Refused("Give `error` or `answer`, not both.")
        if order.part and (order.delay_ms or order.when == "after" or (order.error or "").startswith(WIRE_ERRORS)):
            raise Refused("A `part` of a batch takes an `answer`, or an `error` other than reset, truncate and html.")
        known = [f"{platform.name}:{code}" for code in platform.errors]
        if order.error is not None and not orders.plain_error(order.error) and order.error not in known:
            raise Refused(f"`error` is one of {orders.PLAIN_WORDS}, {', '.join(known)}; not {order.error!r}.")

    async def disarm(self, _request: Request) -> Response:
        self._world.faults.clear()
        return JSONResponse({"faults": []})

    async def disarm_one(self, request: Request) -> Response:
        number = request.path_params["number"]
        if not self._world.faults.disarm(number):
            raise Refused(f"No fault {number} is armed: it was met often enough, or disarmed.", 404)
        return await self.faults(request)

    async def add_person(self, request: Request) -> Response:
        order = await read(request, orders.NewPerson)
        traits = {key: value for key, value in msgspec.structs.asdict(order).items() if key != "title"}
        try:
            person = self._world.add_person(Person(title=order.title or order.name.title(), number=0, **traits))
        except ValueError as error:
            raise Refused(str(error)) from error
        for platform in self._platforms.values():
            platform.furnish(person)
        return JSONResponse(self._describe(person), 201)

    async def act(self, request: Request) -> Response:
        person = self._person(request.path_params["name"])
        order = await read(request, dict[str, orders.Plain])
        action = order.pop("action", None)
        chosen = order.pop("platform", None)
        able = [platform for platform in self._platforms.values() if action in platform.actions]
        if chosen is not None:
            able = [platform for platform in able if platform is self._named(chosen)]
        if not able:
            known = sorted({word for platform in self._platforms.values() for word in platform.actions})
            raise Refused(f"`action` is one of {', '.join(known)}, of a platform that has it; not {action!r}.")
        for platform in able:
            try:
                platform.act(person, str(action), order)
            except ValueError as error:
                raise Refused(str(error)) from error
        return JSONResponse(self._describe(person))

    async def switch(self, request: Request) -> Response:
        order = await read(request, dict[str, bool])
        for key, value in order.items():
            name, _, switch = key.partition(".")
            if key == "coop":
                self._world.coop = value
                continue
            try:
                self._named(name).switch(switch, value)
            except KeyError as error:
                raise Refused(f"There is no switch {key!r}; GET /_sandbox/state lists them.") from error
        return JSONResponse(describe.switches(self._world, self._platforms))

    async def issue(self, request: Request) -> Response:
        order = await read(request, dict[str, orders.Plain | list[orders.Plain]])
        platform = self._named(order.pop("platform", None))
        person = self._person(order.pop("person", None))
        try:
            return JSONResponse(platform.issue(person, order), 201)
        except ValueError as error:
            raise Refused(str(error)) from error

    async def reset(self, request: Request) -> Response:
        order = await read(request, orders.Reset)
        if self._also_reset:
            try:
                await self._also_reset()
            except SymphonyError as error:
                raise Refused(f"Nothing was reset, because the service could not be: {error}", 503) from error
        self._world.reset()
        if order.clock:
            self._world.clock.advance(-self._world.clock.offset())
        for platform in self._platforms.values():
            platform.reset()
        return JSONResponse(describe.now(self._world))

    def _describe(self, person: Person) -> dict[str, Any]:
        return describe.person_with(person, self._platforms)

    def _named(self, name: object) -> SandboxPlatform:
        if not isinstance(name, str) or name not in self._platforms:
            raise Refused(f"`platform` is one of {', '.join(self._platforms)}; not {name!r}.")
        return self._platforms[name]

    def _person(self, name: object) -> Person:
        if not isinstance(name, str) or name not in self._world.people:
            raise Refused(f"There is no person {name!r}, only {', '.join(self._world.people)}.", 404)
        return self._world.people[name]
