"""Meta's settings, `SYMPHONY_META_…`, checked once at the start."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symphony_connect.base.config import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.platforms import app

SANDBOX_APP_IDS = ("100000000000001", "100000000000002")
SCOPES = "ads_management,ads_read,business_management,pages_read_engagement,pages_show_list"
"""`ads_management` depends on the two of Pages (Meta, Permissions Reference); a Business's accounts need the third."""


@dataclass(frozen=True)
class Settings:
    """`dialog_url` and `graph_url` have no trailing slash and no version."""

    app: app.App
    config_id: str
    """A configuration of Facebook Login for Business; it then stands in the place of scopes."""
    scopes: tuple[str, ...]
    version: str
    dialog_url: str
    graph_url: str


def load(env: Env, production: bool) -> Settings:
    """Raises ConfigError with a sentence that names the setting."""
    version, config_id = env.get("API_VERSION", "v26.0"), env.get("CONFIG_ID")
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", version):
        raise ConfigError(f"{env.name('API_VERSION')} must look like v26.0, not {version!r}.")
    if not re.fullmatch(r"[0-9]*", config_id):
        raise ConfigError(f"{env.name('CONFIG_ID')} must be the configuration's number, not {config_id!r}.")
    return Settings(
        app=app.load(env, SANDBOX_APP_IDS, production, app.NUMBER),
        config_id=config_id,
        scopes=app.words(env, "SCOPES", SCOPES, r"[a-z][a-z0-9_]*", "ads_read"),
        version=version,
        dialog_url=env.url("DIALOG_URL", "https://www.facebook.com", https=production),
        graph_url=env.url("GRAPH_URL", "https://graph.facebook.com", https=production),
    )
