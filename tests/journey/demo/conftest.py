"""`symphony-connect demo` as a process, and what it printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.tools.process import CLI, Process, clean_env
from tests.tools.wait import free_port

READY = "Ctrl-C ends it."
SITE = r"Open this page\s+(http://localhost:\d+)"
"""Where its page is, in what it prints."""


class Demo:
    """A demo with a folder of its own for temporary files: whatever is left there was forgotten."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.port, self.sandbox_port = free_port(), free_port()
        ports = ["--port", str(self.port), "--sandbox-port", str(self.sandbox_port)]
        command = [CLI, "demo", "--no-browser", *ports, *arguments]
        self.process = Process("demo", command, folder / "demo.log", clean_env(TMPDIR=str(self.temporary)), folder)

    def start(self) -> None:
        self.process.start(lambda: READY in self.process.log_text(), 90)

    def printed(self, pattern: str) -> str:
        """The first group of the pattern in what was printed."""
        found = re.search(pattern, self.process.log_text())
        assert found, f"{pattern} was not printed:\n{self.process.log_text()}"
        return found.group(1)

    def left_behind(self) -> list[str]:
        return [path.name for path in self.temporary.iterdir()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The module's, up and running."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    try:
        running.start()
        yield running
    finally:
        running.process.stop()


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[Demo]:
    """One for a single test, not started yet."""
    made = Demo(tmp_path)
    yield made
    made.process.stop()


def connect(page: Page, name: str) -> None:
    """On the demo's page, by its recommended way: consent, and say that it is the right account."""
    with page.expect_popup() as window:
        page.get_by_role("button", name=f"Connect {name}", exact=True).click()
    window.value.click("a[href*='/oauth/']")
    window.value.click("button[value=approve]")
    window.value.click("button[name=answer][value=yes]")
    said = f"Brand 12345 is connected on {name} as Ada Lark"
    expect(page.locator("#outcome")).to_contain_text(said, timeout=30_000)
