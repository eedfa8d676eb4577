from tests.renewal.conftest import house

__all__ = ["house"]
