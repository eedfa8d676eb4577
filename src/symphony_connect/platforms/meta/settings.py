"""Meta's settings, `SYMPHONY_META_…`, checked once at the start."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.platforms import app

SANDBOX_APP_IDS = ("100000000000001", "100000000000002")
SCOPES = "ads_management,ads_read,business_management,pages_read_engagement,pages_show_list"
"""`ads_management` depends on the two of Pages (Meta, Permissions Reference); a Business's accounts need the third."""
KNOWN_SCOPES = frozenset(
    re.findall(
        r"\w+",
        """
        ads_management ads_read attribution_read business_management catalog_management
        commerce_account_manage_orders commerce_account_read_orders commerce_account_read_reports
        commerce_account_read_settings commerce_manage_accounts email facebook_branded_content_ads_brand
        facebook_creator_marketplace_discovery instagram_basic instagram_branded_content_ads_brand
        instagram_branded_content_brand instagram_branded_content_creator instagram_content_publish
        instagram_creator_marketplace_discovery instagram_manage_comments instagram_manage_contents
        instagram_manage_events instagram_manage_insights instagram_manage_messages instagram_manage_upcoming_events
        instagram_shopping_tag_products leads_retrieval manage_app_solution manage_fundraisers openid page_events
        pages_manage_ads pages_manage_cta pages_manage_engagement pages_manage_instant_articles
        pages_manage_metadata pages_manage_posts pages_messaging pages_read_engagement pages_read_user_content
        pages_show_list pages_user_gender pages_user_locale pages_user_timezone pages_utility_messaging
        paid_marketing_messages private_computation_access public_profile publish_video read_insights user_age_range
        user_birthday user_friends user_gender user_hometown user_likes user_link user_location
        user_messenger_contact user_photos user_posts user_videos whatsapp_business_manage_events
        whatsapp_business_management whatsapp_business_messaging
        """,
    )
)
"""Meta, Permissions Reference: a name that is not there ends the sign-in with "Invalid Scopes"."""


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
        scopes=app.words(env, "SCOPES", SCOPES, r"[a-z][a-z0-9_]*", "ads_read", KNOWN_SCOPES),
        version=version,
        dialog_url=env.url("DIALOG_URL", "https://www.facebook.com", https=production),
        graph_url=env.url("GRAPH_URL", "https://graph.facebook.com", https=production),
    )
