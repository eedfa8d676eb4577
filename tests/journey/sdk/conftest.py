"""One service and sandbox a module; each test has its own browser context, page and brand."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.conftest import ServiceFactory
from tests.journey.sdk.customer import Customer, customer_page
from tests.tools.service import Service
from tests.tools.site import StaticSite
from tests.tools.watch import Watched

OpenPage = Callable[..., Customer]

brands = itertools.count(1_000)

ROOMY = {"SYMPHONY_FAILURE_LIMIT": "1000", "SYMPHONY_SIGN_IN_LIMIT": "1000"}
"""A module's failures, all from one address, are more than anybody's in a minute."""


@pytest.fixture(scope="module")
def desk(shared_service: ServiceFactory) -> Service:
    """The module's service, as it is set up in development."""
    return shared_service(ROOMY)


@pytest.fixture
def brand() -> int:
    """One that nobody else uses."""
    return next(brands)


@pytest.fixture
def customer(watched_page: Watched, static_site: Callable[..., StaticSite], desk: Service) -> OpenPage:
    """`customer(key, service=…, site=…, doubt=500)` opens the page, with single waiting times of its own."""

    def open_page(
        key: str = "", at_once: str = "", *, service: Service = desk, site: StaticSite | None = None, **timing: int
    ) -> Customer:
        at = site or static_site({})
        at.pages[""] = customer_page(service, key, at_once, **timing)
        watched_page.page.goto(at.url)
        return Customer(watched_page.page, service)

    return open_page
