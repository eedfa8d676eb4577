"""A look-alike of Google below `/google_ads`: consent page, token endpoint, and the Google Ads API over REST.

Written from Google's documentation and from what public clients show, never from `platform.py`.
"""

from symphony_connect.platforms.google_ads.sandbox.lookalike import GoogleAdsSandbox as PLATFORM

__all__ = ["PLATFORM"]
