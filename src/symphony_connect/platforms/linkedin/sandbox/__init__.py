"""A look-alike of LinkedIn below `/linkedin`: sign-in page, token endpoint, introspection and the ad account calls.

Written from LinkedIn's documentation and from what public clients show, never from `platform.py`.
"""

from symphony_connect.platforms.linkedin.sandbox.lookalike import LinkedInSandbox as PLATFORM

__all__ = ["PLATFORM"]
