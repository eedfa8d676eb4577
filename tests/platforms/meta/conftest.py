from __future__ import annotations

import pytest

from tests.platforms.meta.client import Client
from tests.tools.sandbox import Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(sandbox)
