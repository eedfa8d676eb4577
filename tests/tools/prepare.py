"""Run by `make test`: sees to it that a Chromium starts, and a PostgreSQL, before any test does.

Quick when both do. Otherwise Chromium is looked for at Playwright, then at apt; what stays missing
is named together with the command that installs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from tests.tools.chromium import SHELL, launch
from tests.tools.postgres import Postgres

Command = list[str]


def chromium_refusal() -> str:
    """Why no Chromium starts; empty when one does."""
    with sync_playwright() as playwright:
        try:
            launch(playwright).close()
        except RuntimeError as refusal:
            return str(refusal)
    return ""


def as_root() -> Command | None:
    """What to put before a command that needs root; None when root cannot be had without a password."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def ways() -> Iterator[tuple[str, list[Command]]]:
    """How a missing Chromium may be had, in this order: a name, and the commands that must all succeed."""
    playwright = [sys.executable, "-m", "playwright"]
    root = as_root()
    browser = [*playwright, "install", "chromium"]
    yield "Playwright's Chromium", [browser]
    if root is None:
        return
    yield "Playwright's Chromium with its libraries", [browser, [*root, *playwright, "install-deps", "chromium"]]
    if shutil.which("apt-get"):
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        yield "apt's Chromium", [[*apt, "update"], [*apt, "install", "-y", "chromium"]]


def ensure_shell() -> None:
    """Chromium without windows, where apt has it: the tests' pages cost a third of the processor time in it."""
    root = as_root()
    if shutil.which(SHELL) or root is None or not shutil.which("apt-get"):
        return
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    failure = run([[*apt, "update"], [*apt, "install", "-y", SHELL]])
    if failure:
        say(f"The tests use the whole Chromium, which is slower: {failure}")


def run(commands: list[Command]) -> str:
    """Run until one fails; returns the line that says why, or nothing."""
    for command in commands:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            lines = done.stdout.strip().splitlines() or [f"{command[0]} ended with {done.returncode}"]
            return next((line for line in lines if line.startswith(("Error: ", "E: "))), lines[-1])
    return ""


def ensure_chromium() -> None:
    refusal = chromium_refusal()
    for name, commands in ways() if refusal else ():
        say(f"No Chromium starts yet; installing {name} …")
        failure = run(commands)
        if failure:
            say(f"  not possible: {failure}")
        else:
            refusal = chromium_refusal()
        if not refusal:
            return
    if refusal:
        say(refusal)
        sys.exit(
            "The tests need Chromium. Debian: apt-get install chromium; Ubuntu, macOS: "
            f"{sys.executable} -m playwright install --with-deps chromium"
        )


def ensure_postgres() -> None:
    try:
        server = Postgres()
        try:
            server.up()
        finally:
            server.remove()
    except (RuntimeError, AssertionError, OSError) as failure:
        sys.exit(
            f"{failure}\nThe tests need PostgreSQL, which did not start: "
            f"{sys.executable} -m pip install --force-reinstall --require-hashes -r requirements/test.lock"
        )


def ensure_proxies() -> None:
    """The proxies of `deploy/`, where apt has them; their tests are skipped without."""
    missing = [name for name in ("nginx", "caddy") if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    root = as_root()
    if not missing or root is None or not shutil.which("apt-get"):
        return
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    # Not started: some listen on port 80 as soon as they are installed, and a test starts its own.
    quiet = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-qq"]
    for name in missing:
        failure = run([[*apt, "update"], [*quiet, "install", "-y", "--no-install-recommends", name]])
        if failure:
            say(f"The tests of deploy/ go without {name}: {failure}")


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    ensure_shell()
    ensure_chromium()
    ensure_postgres()
    ensure_proxies()
