from __future__ import annotations

from tests.renewal.conftest import figure, house

__all__ = ["figure", "house"]
