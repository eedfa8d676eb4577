"""A look-alike of TikTok for Business: consent pages and the `open_api` calls that sign-in needs.

Written from TikTok's documentation and from what public clients show, never from `platform.py`.
"""

from symphony_connect.platforms.tiktok.sandbox.lookalike import TikTokSandbox as PLATFORM

__all__ = ["PLATFORM"]
