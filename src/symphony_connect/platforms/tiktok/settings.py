"""TikTok's settings, `SYMPHONY_TIKTOK_…`, checked once at the start."""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.base.env import Env
from symphony_connect.platforms import app

SANDBOX_APP_IDS = ("7000000000000000001", "7000000000000000002", "7000000000000000003")


@dataclass(frozen=True)
class Settings:
    """`auth_url` is the whole address of the consent page, `api_url` that of the API with its version."""

    app: app.App
    scopes: tuple[str, ...]
    """Permission ids, such as 2 (Ads); none asks for all that the app was approved for."""
    auth_url: str
    api_url: str


def load(env: Env, production: bool) -> Settings:
    """Raises ConfigError with a sentence that names the setting."""
    return Settings(
        app=app.load(env, SANDBOX_APP_IDS, production, app.NUMBER),
        scopes=app.words(env, "SCOPES", "", r"[0-9]{1,20}", "2"),
        auth_url=env.url("AUTH_URL", "https://business-api.tiktok.com/portal/auth", https=production),
        api_url=env.url("API_URL", "https://business-api.tiktok.com/open_api/v1.3", https=production),
    )
