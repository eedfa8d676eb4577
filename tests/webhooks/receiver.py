"""A receiver of webhooks over real HTTP, which verifies what it gets with the `standardwebhooks` library."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True)
class Got:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The body. Raises WebhookVerificationError."""
        event: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return event

    def verifies(self, secret: str) -> bool:
        try:
            self.verified(secret)
        except WebhookVerificationError:
            return False
        return True


@dataclass
class Receiver:
    """Answers `status`, with `headers`; while `hangs` is set it never answers.

    `before` and `after` are called around each answer.
    """

    url: str
    got: list[Got] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    before: Callable[[Got], None] = lambda _: None
    after: Callable[[Got], None] = lambda _: None
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.got]

    @classmethod
    @contextmanager
    def up(cls) -> Iterator[Receiver]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    self.close_connection = True
                    return  # The sender ended in the middle of it.
                got = Got({name.lower(): value for name, value in self.headers.items()}, body)
                receiver.got.append(got)
                receiver.before(got)
                if receiver.hangs:
                    receiver.over.wait(60)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                receiver.after(got)

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        receiver = cls(f"http://127.0.0.1:{server.server_port}/hooks")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.over.set()
            server.shutdown()
            thread.join()
            server.server_close()
