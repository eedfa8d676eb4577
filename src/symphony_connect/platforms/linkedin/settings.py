"""LinkedIn's settings, `SYMPHONY_LINKEDIN_…`, checked once at the start."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.platforms import app

SANDBOX_APP_IDS = ("78sandboxpartn", "78sandboxusual", "78sandboxother")
FORM = app.IdForm(r"[0-9a-z]{10,20}", "the app's client id, such as 78a1b2c3d4e5f6")
SCOPES = "r_ads,rw_ads,r_ads_reporting,openid,profile,email"


@dataclass(frozen=True)
class Settings:
    """`oauth_url` is the address above sign-in page and token endpoint, `api_url` that of the API."""

    app: app.App
    scopes: tuple[str, ...]
    api_version: str
    """`YYYYMM`, the header `LinkedIn-Version`."""
    oauth_url: str
    api_url: str


def load(env: Env, production: bool) -> Settings:
    """Raises ConfigError with a sentence that names the setting."""
    version = env.get("API_VERSION", "202607")
    if not re.fullmatch(r"20[0-9]{2}(0[1-9]|1[0-2])", version):
        raise ConfigError(f"{env.name('API_VERSION')} is a year and a month, such as 202607, not {version!r}.")
    return Settings(
        app=app.load(env, SANDBOX_APP_IDS, production, FORM),
        scopes=app.scopes(env, SCOPES, r"[a-z_]{1,50}", ("openid", "profile")),
        api_version=version,
        oauth_url=env.url("OAUTH_URL", "https://www.linkedin.com/oauth/v2", https=production),
        api_url=env.url("API_URL", "https://api.linkedin.com", https=production),
    )
