"""The sandbox as one ASGI application: every platform found, the control API and the control room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from symphony_connect import platforms
from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.sandbox.calls import Calls
from symphony_connect.sandbox.control import Control, Reset
from symphony_connect.sandbox.platform import SandboxPlatform, fallback_of
from symphony_connect.sandbox.room import Room
from symphony_connect.sandbox.wire import Guard
from symphony_connect.sandbox.world import World


def discover(world: World) -> dict[str, SandboxPlatform]:
    """One of each platform that has a sandbox, furnished."""
    found: dict[str, SandboxPlatform] = {}
    for name in platforms.names():
        platform: SandboxPlatform = platforms.module(name, "sandbox").PLATFORM(world)
        platform.reset()
        found[name] = platform
    return found


def create_app(world: World, guard: Guard, also_reset: Reset | None = None) -> Starlette:
    """The application of one world. Its state is in memory: serve it from a single process."""
    found = discover(world)
    static = Mount("/_sandbox/static", StaticFiles(directory=Path(__file__).with_name("static")))
    control = Control(world, found, guard, also_reset)
    routes: list[BaseRoute] = [static, *Room(world, found, guard).routes(), *control.routes()]
    for platform in found.values():
        routes.extend(platform.routes())
    if host := fallback_of(found.values()):
        routes.append(_Unowned("/{path:path}", host.fallback, list(found.values())))
    app = Starlette(routes=routes, middleware=[Middleware(Calls, world=world, platforms=list(found.values()))])
    app.router.redirect_slashes = False
    app.state.platforms = found
    return app


class _Unowned(Route):
    """The paths that are neither a platform's nor the control API's."""

    def __init__(self, path: str, endpoint: Any, platforms: Sequence[SandboxPlatform]) -> None:
        super().__init__(path, endpoint, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        self._platforms = platforms

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        if path.startswith("/_sandbox") or any(platform.owns(path) for platform in self._platforms):
            return Match.NONE, {}
        return super().matches(scope)


def refuse_live_apps(environ: Mapping[str, str]) -> None:
    """Raises ConfigError when the environment holds an app id that is not the sandbox's own.

    Whoever has those at hand might otherwise send real people, or a real app's secret, here.
    """
    for name in platforms.names():
        env = Env(environ).under(name.upper())
        app_id = env.get("APP_ID")
        own = platforms.module(name, "sandbox").PLATFORM.app_ids
        if app_id and app_id not in own:
            raise ConfigError(
                f"{env.name('APP_ID')} is {app_id}, which is none of the sandbox's apps ({', '.join(own)}). "
                "The sandbox does not run beside live credentials: unset it, or set one of these."
            )
