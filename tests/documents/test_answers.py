"""Every command that the documents show is run, and what it answers is what they show."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import typer

from symphony_connect.app import create_app
from symphony_connect.base import config
from symphony_connect.cli import app
from symphony_connect.testing.pair import Pair
from tests.documents.pages import Answer, Command, differs, steps
from tests.platforms import contract
from tests.tools import preloaded
from tests.tools.owner import Owner
from tests.tools.process import CLI, clean_env
from tests.tools.repository import files
from tests.tools.wait import wait_until

API = "docs/api.md"
PAGES = [str(path) for path in files() if path.suffix == ".md" and path.parts[0] in ("README.md", "docs")]
BRAND = 12345
NAME = "Northwind Bikes"
PERSON = "ada"
DOCUMENTED = contract.all_having("DOCUMENT")
"""The platforms that the pages show: those of the integration document."""


class Reader:
    """Somebody who types the documents' commands, against a pair of their own."""

    def __init__(self, pair: Pair) -> None:
        self.sandbox = pair.sandbox
        self.service = pair.service
        path = f"{Path(CLI).parent}:{os.environ['PATH']}"
        own = {"SYM": f"{self.service.url}/api/sym/v2", "KEY": self.service.secret_key, "PATH": path}
        self.env = clean_env(**self.service.settings, **own)

    def connect(self, platform: str) -> None:
        """The way of a brand's owner, so that the scopes are those that the service asks for."""
        session = self.service.call("POST", "/connect-sessions", brandId=BRAND, name=NAME, adPlatforms=[platform])
        with Owner() as owner:
            owner.connect(session["url"], platform, PERSON)

    def token(self, platform: str) -> str:
        app = self.service.settings[f"SYMPHONY_{platform.upper()}_APP_ID"]
        token: str = self.sandbox.token(platform, PERSON, app=app)["accessToken"]
        return token

    def run(self, command: str) -> str:
        """What it prints. A command that fails fails the test, but for curl with an answer that is no success."""
        script = f'curl() {{ command curl -sS "$@"; }}\n{self.typed(command)}'
        done = subprocess.run(["bash", "-euc", script], env=self.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def typed(self, command: str) -> str:
        """With the reader's own addresses, key and token in the place of the document's."""
        for shown, own in (
            ("https://connect.example.com", self.service.url),
            ("http://127.0.0.1:8080", self.service.url),
            ("http://127.0.0.1:8081", self.sandbox.url),
            ("https://hooks.example.com", "http://127.0.0.1:9"),
            ("YOUR_API_KEY", self.service.secret_key),
            ("sym_sk_…", self.service.secret_key),
        ):
            command = command.replace(shown, own)
        if named := re.search(r'"adPlatform": "(\w+)", "accessToken": "([^"]+)"', command):
            command = command.replace(named[2], self.token(named[1]))
        if "/cs_" in command:
            made = self.service.call("POST", "/connect-sessions", brandId=BRAND)["id"]
            command = re.sub(r"cs_\w+…?", made, command)
        if "/key_" in command:
            made = self.service.call("POST", "/keys", name="to be revoked", scopes=["brands:read"])["id"]
            command = re.sub(r"key_\w+…?", made, command)
        if "/we_" in command:
            made = self.service.call("POST", "/webhooks", url="http://127.0.0.1:9/symphony")["id"]
            command = re.sub(r"we_\w+…?", made, command)
        if "/evt_" in command:
            sent = self.service.call("POST", f"/webhooks/{made}/test")["id"]
            command = re.sub(r"evt_\w+…?", sent, command)
        return command

    def check(self, command: Command, shown: Any, first: str = "") -> None:
        """Run, unless `first` was answered already, and compare.

        What is only read may take a moment to become so: a worker works beside us.
        """
        reads = " -X " not in command.text
        found: list[str] = []

        def same() -> bool:
            nonlocal found, first
            real = json.loads(first or self.run(command.text))
            found, first = differs(self.own(shown), real), ""
            return not (found and reads)

        if reads:
            try:
                wait_until(same, 20)
            except AssertionError:
                raise AssertionError(f"{command.text}\n" + "\n".join(found)) from None
        else:
            same()
        assert found == [], "\n".join([command.text, *found])

    def own(self, shown: Any) -> Any:
        words = json.dumps(shown, ensure_ascii=False)
        for address in ("https://connect.example.com", "http://127.0.0.1:8080"):
            words = words.replace(address, self.service.url)
        return json.loads(words.replace("https://hooks.example.com", "http://127.0.0.1:9"))

    def begin(self, words: str) -> None:
        """The state in which a section of the reference is read: its platforms connected, its trouble come about."""
        self.sandbox.reset()
        named = re.findall(r'connections/(\w+)|"adPlatform": "(\w+)"', words)
        for platform in dict.fromkeys(one or other for one, other in named):
            if '"accessToken": "EAA' not in words.partition("\n")[0]:
                self.connect(platform)
            if '"password_changed"' in words:
                self.sandbox.person(PERSON, "change-password", platform=platform)
                if '/token"' in words.partition("\n")[0] or "/token -H" in words.partition("\n")[0]:
                    self.service.call("POST", f"/brands/{BRAND}/connections/{platform}/verify")


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with Pair.started({}) as started:
        yield started


@pytest.fixture
def reader(pair: Pair) -> Reader:
    pair.sandbox.reset()
    return Reader(pair)


def shown_answers(page: str) -> Iterator[tuple[Command, Answer]]:
    """Each answer with the command above it."""
    command: Command | None = None
    for step in steps(page):
        if isinstance(step, Command):
            command = step
        elif command and command.section == step.section:
            yield command, step


ANSWERS = [*shown_answers(API), *shown_answers("docs/errors.md")]


@pytest.mark.parametrize(("command", "answer"), ANSWERS, ids=[command.section for command, _ in ANSWERS])
def test_the_reference_shows_what_the_service_answers(reader: Reader, command: Command, answer: Answer) -> None:
    reader.begin(f"{command.text}\n{answer.text}")
    reader.check(command, answer.shown)


def test_every_call_shows_its_answer() -> None:
    spec = create_app(config.load({})).openapi()
    calls = {
        f"{method.upper()} {path.removeprefix('/api/sym/v2')}"
        for path, methods in spec["paths"].items()
        for method in methods
    }
    shown = {command.section.strip("# `") for command, _ in shown_answers(API)}
    assert calls - shown == set()


IN_ORDER = ("README.md", "docs/sandbox.md", "docs/operating.md", "docs/going-live.md", "docs/sdk.md")


@pytest.mark.parametrize("page", IN_ORDER)
def test_a_page_s_commands_run_in_their_order(reader: Reader, page: str) -> None:
    """Commands of `symphony-connect` that serve, or end things, have tests of their own."""
    command: Command | None = None
    for step in steps(page):
        if isinstance(step, Answer):
            if command:
                reader.check(command, step.shown)
        elif step.text.startswith("curl"):
            command = step
            said = reader.run(step.text.partition("  #")[0])
            if step.said:
                assert differs(step.said, json.loads(said)) == []
            elif "/metrics" not in step.text:
                assert json.loads(said)


def test_the_quickstart_goes_as_it_says(reader: Reader) -> None:
    """Its pages and buttons are pressed in tests of the demo; here an owner without a browser goes their way."""
    for platform in DOCUMENTED:
        reader.connect(platform)
    command, said = None, ""
    seen = 0
    for step in steps("docs/quickstart.md"):
        if isinstance(step, Answer):
            assert command
            reader.check(command, step.shown, first=said)
            seen += 1
            if link := re.search(r'"reconnectUrl":"([^"]+)"', said):
                (platform,) = re.findall(r"connections/(\w+)", command.text)
                with Owner() as owner:
                    owner.connect(link[1], platform, PERSON)
                assert reader.service.call("GET", f"/brands/{BRAND}/connections/{platform}/token")["accessToken"]
        elif step.text.startswith("curl"):
            command, said = step, reader.run(step.text)
            assert json.loads(said)
    assert seen >= 6


SERVES = ("serve", "worker", "sandbox")
"""Stay up: tests of their own start them."""
REFUSED = {"workspaces create acme": "already", "workspaces remove acme": "brands: 1, sealed tokens: 2"}
"""What is refused as the pages say, with the words that say so: acme is there, and has brands."""


@pytest.mark.parametrize("page", ["docs/api.md", "docs/going-live.md", "docs/operating.md"])
def test_a_page_s_commands_of_the_service_run_in_their_order(reader: Reader, page: str, tmp_path: Path) -> None:
    """Beside the running service, on its database. What asks first is answered by its option: there is no terminal."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        yes = ["--yes"] if words[0] == "panic-revoke" or "remove" in words else []
        return preloaded.run([CLI, *words, *yes], clean_env(**reader.service.settings), tmp_path)

    key = json.loads(run("keys", "create", "--workspace", "acme", "--create-workspace", "--json").stdout)
    api = httpx2.Client(base_url=reader.service.client.base_url, headers={"x-api-key": key["key"]}, trust_env=False)
    with api:
        for platform in DOCUMENTED:
            body = {"brandId": BRAND, "adPlatform": platform, "accessToken": reader.token(platform)}
            assert api.put("/brands", json=body).status_code == 200
    ran = 0
    for step in steps(page):
        words = shlex.split(step.text, comments=True)[1:] if step.text.startswith("symphony-connect") else []
        if not words or words[0] in SERVES:
            continue
        done = run(*(key["id"] if word.startswith("key_") else word for word in words))
        refusal = REFUSED.get(" ".join(words))
        assert done.returncode == (1 if refusal else 0), f"{step.text}\n{done.stdout}{done.stderr}"
        assert not refusal or refusal in done.stderr
        ran += 1
    assert ran


TYPED = sorted(
    {
        step.text.partition("  #")[0].rstrip()
        for page in PAGES
        for step in steps(page)
        if step.text.startswith("symphony-connect")
    }
)


@pytest.mark.parametrize("typed", TYPED)
def test_every_command_takes_what_the_documents_give_it(typed: str) -> None:
    """Its words are parsed as by the command line, and nothing is run."""
    words = shlex.split(typed.replace("[", "").replace("]", ""), comments=True)[1:]
    command: Any = typer.main.get_command(app)
    while True:
        context = command.make_context(command.name, words)
        if not hasattr(command, "commands"):
            return
        _, command, words = command.resolve_command(context, [*context._protected_args, *context.args])


def test_commands_are_found_at_all() -> None:
    assert len(TYPED) >= 15
