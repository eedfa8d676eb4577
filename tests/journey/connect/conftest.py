"""One stage a worker; each test has its own browser context, people and brands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journey.connect.stage import Stage
from tests.tools.watch import Watched

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    built = Stage(tmp_path_factory.mktemp("stage"))
    try:
        built.start()
        yield built
    finally:
        built.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """`open_page(java_script_enabled=False)`: a page in a context with Playwright's options, watched to the end."""
    contexts = []

    def opened(**options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        watched = Watched(context)
        contexts.append((context, watched))
        return watched.page

    yield opened
    for context, watched in contexts:
        context.close()
        assert watched.complaints() == []


@pytest.fixture
def owner(open_page: OpenPage) -> Page:
    """A desktop browser."""
    return open_page()
