"""A pytest plugin: a service and a sandbox for the tests of an integration. docs/testing.md shows it at work.

pytest loads it by itself wherever this package is installed. Nothing is started until a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from symphony_connect.testing.pair import Brand, Clock, Fault, Pair, Sandbox, Service

BRAND = 12345


@pytest.fixture(scope="session")
def symphony_settings() -> Mapping[str, str]:
    """Further settings of the service, such as `SYMPHONY_BRANDING_NAME`: override this fixture in your conftest.py."""
    return {}


@pytest.fixture(scope="session")
def symphony(symphony_settings: Mapping[str, str]) -> Iterator[Pair]:
    """Service and sandbox as processes, on free ports and temporary data; one pair for a test run."""
    from symphony_connect.testing.pair import Pair

    with Pair.started(symphony_settings) as pair:
        yield pair


@pytest.fixture
def sandbox(symphony: Pair) -> Sandbox:
    """The platforms' stand-in. It, the service and the clock start over before each test."""
    symphony.sandbox.reset()
    return symphony.sandbox


@pytest.fixture
def service(symphony: Pair, sandbox: Sandbox) -> Service:  # noqa: ARG001 - which resets it
    """The service, without a brand."""
    return symphony.service


@pytest.fixture
def brand(service: Service) -> Brand:
    """Brand 12345; `brand.connect(platform)` connects it."""
    return service.brand(BRAND)


@pytest.fixture
def clock(sandbox: Sandbox) -> Clock:
    """The time that service and sandbox share: `clock.advance("61d")`."""
    from symphony_connect.testing.pair import Clock

    return Clock(sandbox)


@pytest.fixture
def fault(sandbox: Sandbox) -> Fault:
    """Lets calls to a platform fail: `fault("http:503", platform=…, times=2)`."""
    return sandbox.fault
