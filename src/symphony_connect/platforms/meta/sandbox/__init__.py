"""A look-alike of Facebook's login dialog and of the Graph API calls that ad-account access needs.

Written from Meta's documentation and from what public clients show, never from `platform.py`.
"""

from symphony_connect.platforms.meta.sandbox.lookalike import MetaSandbox as PLATFORM

__all__ = ["PLATFORM"]
