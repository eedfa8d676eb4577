"""One copy with the toy in it, for the tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toy_platform import dropping

collect_ignore = ["source", "tests"]
"""They run in the copy, where they are `platforms/toy` and `tests/platforms/toy`."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = dropping.copy_of_the_repository(tmp_path_factory.mktemp("copy"))
    dropping.drop(made)
    return made
