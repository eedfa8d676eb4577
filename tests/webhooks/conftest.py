from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from symphony_connect.webhooks.sender import Sender
from tests.renewal.conftest import house
from tests.renewal.house import House
from tests.webhooks.receiver import Receiver

__all__ = ["house"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver.up() as receiver:
        yield receiver


@pytest.fixture
async def sender(house: House) -> AsyncIterator[Sender]:
    async with Sender.opened(house.core.settings) as sender:
        yield sender
