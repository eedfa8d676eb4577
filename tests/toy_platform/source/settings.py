"""The toy's settings, checked once at the start."""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.base.env import Env
from symphony_connect.base.model import Secret
from symphony_connect.platforms import app

SANDBOX_APP_IDS = ("sandbox-1.apps.toy.example", "sandbox-2.apps.toy.example")
FORM = app.IdForm(r"[a-z0-9-]+\.apps\.toy\.example", "a client id such as shop-1.apps.toy.example")


@dataclass(frozen=True)
class Settings:
    """`url` is the address of sign-in page, token endpoint and API, without a trailing slash."""

    app: app.App
    scopes: tuple[str, ...]
    developer: Secret
    url: str


def load(env: Env, production: bool) -> Settings:
    """Raises ConfigError with a sentence that names the setting."""
    return Settings(
        app=app.load(env, SANDBOX_APP_IDS, production, FORM),
        scopes=app.words(env, "SCOPES", "ads.read ads.write", r"[a-z.]+", "ads.read"),
        developer=Secret(env.get("DEVELOPER", "nobody")),
        url=env.url("URL", "https://ads.toy.example", https=production),
    )
