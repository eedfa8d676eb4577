"""A platform of ours over real HTTP against the sandbox, and a person who signs in there."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

from symphony_connect import platforms
from symphony_connect.base.clock import FileClock
from symphony_connect.base.env import Env
from symphony_connect.base.model import Grant
from symphony_connect.platforms import http
from symphony_connect.platforms.base import Platform, SignIn
from tests.platforms import contract
from tests.tools.sandbox import CALLBACK, Sandbox


def _named(name: str, settings: Mapping[str, str]) -> dict[str, str]:
    return {f"SYMPHONY_{name.upper()}_{key}": value for key, value in settings.items()}


@asynccontextmanager
async def platform(
    name: str, sandbox: Sandbox, *, app: tuple[str, str] | None = None, **more: str
) -> AsyncIterator[Platform]:
    """The platform `name` as an operator would set it up for the sandbox; `more` are further settings of its own."""
    settings = contract.usual_settings(sandbox) | _named(name, more)
    if app:
        settings |= _named(name, {"APP_ID": app[0], "APP_SECRET": app[1]})
    env = Env(settings)
    async with http.client() as client:
        yield platforms.load(env, client, FileClock(sandbox.clock_file), production=False)[name]


def came_back(
    ours: Platform, sandbox: Sandbox, person: str, verifier: str = "", answer: str = "approve"
) -> dict[str, str]:
    """The query of the callback, after `person` has answered at the platform's own page."""
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    address = ours.authorization_url(SignIn("state-1", CALLBACK, ours.scopes, challenge))
    reply = sandbox.client.get(f"{address}&_sandbox={answer}&_sandbox_person={person}")
    assert reply.is_redirect, reply.text[:500]
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


async def signed_in(ours: Platform, sandbox: Sandbox, person: str = "ada") -> Grant:
    """The grant of somebody who has just consented, through authorization URL, callback and exchange."""
    verifier = secrets.token_urlsafe(48)
    back = came_back(ours, sandbox, person, verifier)
    assert back["state"] == "state-1"
    return await ours.exchange(ours.code_from_callback(back), CALLBACK, verifier)
