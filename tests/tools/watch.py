"""What a browser context says while a test drives it: console, page errors, requests to elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

OURS = ("127.0.0.1", "localhost", "")  # the empty host is that of data:, blob: and about:
REPORTS = ("error", "warning")


class Watched:
    """A page whose whole context, popups included, is listened to."""

    def __init__(self, context: BrowserContext) -> None:
        self.console: list[str] = []
        """Errors and warnings, as `error: text`."""
        self.page_errors: list[str] = []
        """Exceptions that no script caught."""
        self.foreign: list[str] = []
        """URLs outside this machine that something asked for."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        self.page: Page = context.new_page()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in REPORTS:
            self.console.append(f"{message.type}: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.page_errors.append(str(error.error))

    def _on_request(self, request: Request) -> None:
        if (urlsplit(request.url).hostname or "") not in OURS:
            self.foreign.append(request.url)

    def complaints(self) -> list[str]:
        """What a clean page has none of: policy violations, uncaught exceptions, requests to elsewhere."""
        violations = [line for line in self.console if "Content Security Policy" in line]
        return [*violations, *self.page_errors, *self.foreign]
