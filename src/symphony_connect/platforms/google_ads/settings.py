"""Google Ads's settings, `SYMPHONY_GOOGLE_ADS_…`, checked once at the start."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Secret
from symphony_connect.platforms import app

SANDBOX_APP_IDS = ("100000000001-sandbox.apps.googleusercontent.com", "100000000002-other.apps.googleusercontent.com")
FORM = app.IdForm(
    r"[0-9]{6,20}-[0-9a-z]{1,60}\.apps\.googleusercontent\.com",
    "the OAuth client's id, such as 1234567890-abc123.apps.googleusercontent.com",
)
ADS = "https://www.googleapis.com/auth/adwords"


@dataclass(frozen=True)
class Settings:
    """`developer_token` is the manager account's, one for the whole app. Addresses have no trailing slash."""

    app: app.App
    developer_token: Secret
    scopes: tuple[str, ...]
    api_version: str
    auth_url: str
    """The consent page."""
    oauth_url: str
    """Above `/token` and `/revoke`."""
    info_url: str
    """Above `/tokeninfo`."""
    api_url: str


def load(env: Env, production: bool) -> Settings:
    """Raises ConfigError with a sentence that names the setting."""
    registered = app.load(env, SANDBOX_APP_IDS, production, FORM)
    developer = env.get("DEVELOPER_TOKEN")
    if not re.fullmatch(r"[\w-]*", developer, re.ASCII):
        raise ConfigError(
            f"{env.name('DEVELOPER_TOKEN')} holds a character that no developer token has; copy it again."
        )
    if not developer:
        registered = replace(registered, missing=(*registered.missing, env.name("DEVELOPER_TOKEN")))
    version = env.get("API_VERSION", "v26")
    if not re.fullmatch(r"v[0-9]{2}", version):
        raise ConfigError(f"{env.name('API_VERSION')} is a version such as v26, not {version!r}.")
    return Settings(
        app=registered,
        developer_token=Secret(developer),
        scopes=app.scopes(env, f"{ADS} openid email profile", r"[!-~]{1,200}", (ADS, "openid")),
        api_version=version,
        auth_url=env.url("AUTH_URL", "https://accounts.google.com/o/oauth2/v2/auth", https=production),
        oauth_url=env.url("OAUTH_URL", "https://oauth2.googleapis.com", https=production),
        info_url=env.url("INFO_URL", "https://www.googleapis.com/oauth2/v3", https=production),
        api_url=env.url("API_URL", "https://googleads.googleapis.com", https=production),
    )
