"""Finds the ad platforms: every folder here with a `platform.py` is one."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import httpx2

from symphony_connect.base.clock import Clock
from symphony_connect.base.env import Env
from symphony_connect.platforms import app
from symphony_connect.platforms.base import Platform
from symphony_connect.platforms.http import Upstream


def names() -> list[str]:
    """The folders under `platforms/`, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)


def module(name: str, part: str) -> ModuleType:
    """`platforms/<name>/<part>.py`; `part` is `platform` or `sandbox`."""
    return importlib.import_module(f"{__name__}.{name}.{part}")


def file(name: str, part: str) -> Path:
    """`platforms/<name>/<part>`, such as `logo.svg`; a platform need not have every part."""
    return Path(__path__[0]) / name / part


def load(env: Env, client: httpx2.AsyncClient, clock: Clock, production: bool) -> dict[str, Platform]:
    """Every platform by name, configured or not, over one `client`. Raises ConfigError for a malformed setting."""
    return {
        name: _load(name, env.under(name.upper()), Upstream(client, clock=clock, name=name), clock, production)
        for name in names()
    }


def sandbox_settings(url: str) -> dict[str, str]:
    """Every platform's settings, by their full names, for a service that uses the sandbox at `url`."""
    return {
        f"SYMPHONY_{name.upper()}_{key}": value
        for name in names()
        for key, value in module(name, "sandbox").PLATFORM.sandbox_settings(url).items()
    }


def _load(name: str, env: Env, upstream: Upstream, clock: Clock, production: bool) -> Platform:
    platform: Platform = module(name, "platform").create(env, upstream, clock, production)
    platform.calls_per_second = app.calls_per_second(env, platform.calls_per_second)
    return platform
