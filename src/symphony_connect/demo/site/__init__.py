"""The demo's "customer": a page on an origin of its own, and the few lines of backend behind it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from jinja2 import Environment, StrictUndefined

from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.demo.running import Running

HERE = Path(__file__).parent
FILES = {"/demo.js": "text/javascript", "/demo.css": "text/css"}


def bound(*ports: int) -> ThreadingHTTPServer:
    """A server on the first free port of these (0 means any). It does not answer yet.

    Raises ConfigError when none is.
    """
    for port in ports:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
        except OSError:
            continue
    raise ConfigError(f"Port {ports[0]} is in use. End what listens there, or choose another with --page-port.")


@contextmanager
def serving(server: ThreadingHTTPServer, running: Running) -> Iterator[None]:
    """Answer from a thread until the block ends."""
    server.RequestHandlerClass = _handler(running)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()


def _asked(running: Running, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and answer of the service; 502 with the reason when it cannot be reached."""
    url, headers = f"{running.service}/api/sym/v2{path}", {"x-api-key": running.secret_key}
    try:
        answer = httpx2.request(method, url, headers=headers, json=body, timeout=30, trust_env=False)
    except httpx2.HTTPError as error:
        message = f"{running.service} did not answer: {error}"
        return 502, {"success": False, "error": {"code": "network", "message": message}}
    return answer.status_code, answer.json()


def dashboard_link(running: Running) -> str:
    """What `symphony-connect dashboard-link` prints. Raises SymphonyError in its words."""
    command = [sys.executable, "-m", "symphony_connect", "dashboard-link", "--json"]
    done = subprocess.run(command, env=dict(running.environment), capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode:
        raise SymphonyError(done.stderr.strip())
    url: str = json.loads(done.stdout)["url"]
    return url


def _handler(running: Running) -> type[BaseHTTPRequestHandler]:
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        (HERE / "page.html").read_text(encoding="utf-8")
    )
    port = urlsplit(running.site).port
    allowed = [f"localhost:{port}"], [f"127.0.0.1:{port}"]
    origins = [f"http://localhost:{port}", f"http://127.0.0.1:{port}"]
    shown = page.render(running=running).encode()

    class Customer(BaseHTTPRequestHandler):
        """What a customer's own server would do: it keeps the secret key and asks with it."""

        def parse_request(self) -> bool:
            """Refuses another host's name: a page elsewhere may point its own at this machine (DNS rebinding).
            And another page's request for what only this page should have made."""
            if not super().parse_request():
                return False
            if self.headers.get_all("Host") not in allowed:
                self._answer(421, b"This page answers to localhost alone.", "text/plain")
            elif self._from_elsewhere():
                self._answer(403, b"Only this page itself may ask for this.", "text/plain")
            else:
                return True
            return False

        def _from_elsewhere(self) -> bool:
            """Whether another site's page asks for a link of either kind. The browser says so."""
            if self.path not in ("/connect-session", "/dashboard"):
                return False
            site, origin = self.headers.get("Sec-Fetch-Site"), self.headers.get("Origin")
            if origin is not None and origin not in origins:
                return True
            return site not in (None, "same-origin", "none")

        def do_GET(self) -> None:
            # Owners are returned to with their outcome in the query.
            path = urlsplit(self.path).path
            if path == "/":
                self._answer(200, shown, "text/html; charset=utf-8")
            elif path in FILES:
                self._answer(200, (HERE / path[1:]).read_bytes(), FILES[path])
            elif path == "/brand":
                self._brand()
            elif path == "/dashboard":
                self._dashboard()
            else:
                self._answer(404, b"not found", "text/plain")

        def do_POST(self) -> None:
            if self.path != "/connect-session":
                self._answer(404, b"not found", "text/plain")
                return
            ask = {"brandId": running.brand_id, "name": "Demo Brand", "redirectUrl": running.site + "/"}
            self._json(*_asked(running, "POST", "/connect-sessions", ask))

        def _brand(self) -> None:
            status, body = _asked(running, "GET", f"/brands?brandId={running.brand_id}")
            if status == 404:
                # Nothing is connected yet.
                status, body = 200, {"success": True, "data": {"id": running.brand_id, "connections": []}}
            self._json(status, body)

        def _dashboard(self) -> None:
            """By a link that signs in once, made when it is asked for: it lasts five minutes."""
            try:
                url = dashboard_link(running)
            except SymphonyError as error:
                self._answer(502, str(error).encode(), "text/plain; charset=utf-8")
                return
            self.send_response(303)
            self.send_header("Location", url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _json(self, status: int, body: Any) -> None:
            self._answer(status, json.dumps(body).encode(), "application/json")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Writes nothing: the demo's terminal is for people."""

    return Customer
