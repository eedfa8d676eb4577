"""A look-alike of the toy: sign-in page, token endpoint and API, all below `/toy`."""

from symphony_connect.platforms.toy.sandbox.lookalike import ToySandbox as PLATFORM

__all__ = ["PLATFORM"]
