"""The control room in a real browser, beside the control API that says what really happened."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from symphony_connect.platforms import names
from tests.tools.sandbox import Sandbox
from tests.tools.watch import Watched

expect.set_options(timeout=15_000)  # the room looks every two seconds, and a busy machine is slow to draw what it saw


class Room:
    """The page at `/` and the sandbox it belongs to."""

    def __init__(self, sandbox: Sandbox, page: Page) -> None:
        self.sandbox = sandbox
        self.page = page

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.sandbox.url + path)
        expect(self.page.locator("#pulse")).to_have_text("Live")
        return self.page

    def section(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    def press(self, button: Locator, says: str) -> None:
        """Press, and wait until the room says what happened and can be used again."""
        button.click()
        expect(self.page.get_by_role("status")).to_contain_text(says)
        expect(self.page.locator("body")).to_have_attribute("aria-busy", "false")

    def person(self, name: str, platform: str) -> Locator:
        """The form of what can happen to a person at a platform; their details are opened."""
        self.page.locator(f"#person-{name}").evaluate("person => { person.open = true }")
        return self.page.locator(f"form:has(#do-{name}-{platform})")

    def copied(self, button: Locator) -> str:
        """What a "Copy as curl" leaves in the clipboard."""
        button.click()
        expect(self.page.get_by_role("status")).to_contain_text("Copied: curl")
        command: str = self.page.evaluate("navigator.clipboard.readText()")
        return command

    def run(self, command: str) -> Any:
        """The answer to a copied command: by curl itself where there is one, else by a request of the same words."""
        words = shlex.split(command)
        assert words[0] == "curl"
        if shutil.which("curl"):
            done = subprocess.run([*words, "-sS", "--noproxy", "*"], capture_output=True, text=True, check=True)
            return json.loads(done.stdout)
        options = dict(zip(words[1::2], words[2::2], strict=False))
        path = urlsplit(next(word for word in words if word.startswith("http"))).path
        headers = {"Content-Type": "application/json"} if "-d" in words else {}
        body = words[words.index("-d") + 1] if "-d" in words else None
        return self.sandbox.client.request(options["-X"], path, content=body, headers=headers).json()

    def call(self, platform: str = "") -> None:
        """One call to a platform, refused for want of everything: enough for the ledger."""
        self.sandbox.client.get(self.sandbox.dialog(platform or names()[0]) + "?")


@pytest.fixture
def room(sandbox: Sandbox, watched_page: Watched) -> Room:
    watched_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=sandbox.url)
    watched_page.page.set_viewport_size({"width": 1440, "height": 900})
    return Room(sandbox, watched_page.page)
