"""One more platform is one more folder: the sandbox finds it and asks it for everything."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.tools.process import Process, clean_env
from tests.tools.wait import free_port

FOLDER = """
from starlette.responses import JSONResponse
from starlette.routing import Route

class PLATFORM:
    name, title, app_ids = "acme", "Acme Ads", ("1",)
    actions = {"revoke": "Takes it back."}
    errors = {"7": "no luck"}
    def __init__(self, world): self.world = world
    def reset(self): self.revoked = set()
    def furnish(self, person): pass
    def routes(self): return [Route("/acme/{version}/hello", self.hello)]
    async def hello(self, request):
        request.scope["sandbox.call"].why = "said hello"
        return JSONResponse({"hello": "there"})
    def owns(self, path): return path.startswith("/acme/")
    def plain(self, path): return "/" + path.split("/", 3)[-1]
    def fault(self, code): return JSONResponse({"code": int(code)}, 409)
    def act(self, person, action, details): self.revoked.add(person.name)
    def issue(self, person, wishes): return {"accessToken": self.world.letters(9)}
    def switches(self): return {"odd": False}
    def switch(self, name, value): raise KeyError(name)
    def apps(self): return [{"id": "1", "secret": "s", "name": "Acme app"}]
    def holdings(self, person): return {"revoked": person.name in self.revoked}
"""
START = (
    "import os, sys; from symphony_connect import platforms; platforms.__path__.append(sys.argv[2]); "
    "from symphony_connect.sandbox.server import serve; serve('127.0.0.1', int(sys.argv[1]), None, os.environ)"
)


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[httpx2.Client]:
    """A sandbox whose platforms include a folder from elsewhere."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "__init__.py").touch()
    (tmp_path / "acme" / "sandbox.py").write_text(FOLDER)
    port = free_port()
    command = [sys.executable, "-c", START, str(port), str(tmp_path)]
    process = Process("sandbox", command, tmp_path / "sandbox.log", clean_env())
    process.start(f"http://127.0.0.1:{port}/_sandbox/state")
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
    process.stop()


def test_a_folder_is_all_it_takes(acme: httpx2.Client) -> None:
    assert acme.get("/acme/v1/hello").json() == {"hello": "there"}
    assert acme.post("/_sandbox/faults", json={"error": "acme:7", "path": "/acme/v1/hello"}).status_code == 200
    assert acme.get("/acme/v2/hello").json() == {"code": 7}
    calls = acme.get("/_sandbox/calls").json()["calls"]
    assert [(call["platform"], call["status"], call["why"]) for call in calls] == [
        ("acme", 200, "said hello"),
        ("acme", 409, "no luck"),
    ]
    person = acme.post("/_sandbox/people/ada", json={"action": "revoke", "platform": "acme"}).json()
    assert person["platforms"]["acme"] == {"revoked": True}
    assert acme.post("/_sandbox/tokens", json={"platform": "acme", "person": "ada"}).json()["accessToken"]


def test_the_control_room_shows_it_all_the_same(acme: httpx2.Client) -> None:
    acme.post("/_sandbox/people/ada", json={"action": "revoke"})
    acme.get("/acme/v1/hello")
    room = acme.get("/?platform=acme").text
    assert "<h3>Acme Ads</h3>" in room
    assert '<option value="revoke" data-hint="Takes it back.">Revoke</option>' in room
    assert "<dt>revoked</dt><dd>yes</dd>" in room
    assert ">7 no luck</option>" in room
    assert ">Acme Ads hello</option>" in room, "a path it was called at can be made to fail"
    assert 'id="switch-acme.odd"' in room
    assert "Acme app<br><code>1</code> <code>s</code>" in room
