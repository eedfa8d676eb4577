"""The tools of the tests themselves: they must notice what they are there to notice."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import httpx2
import psutil
import pytest

from tests.tools import chromium
from tests.tools.postgres import Postgres
from tests.tools.process import Process, running
from tests.tools.site import StaticSite
from tests.tools.wait import free_port, wait_until
from tests.tools.watch import Watched

STUBBORN = (
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
)
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).pid, flush=True); input"


def python(tmp_path: Path, code: str) -> Process:
    return Process("probe", [sys.executable, "-c", code], tmp_path / "log")


def test_a_polite_process_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    server = Process("server", [sys.executable, "-m", "http.server", str(port)], tmp_path / "log")
    server.start(f"http://127.0.0.1:{port}/")
    assert server.alive
    assert server in running
    server.stop()
    assert not server.alive
    assert server not in running


def test_a_process_that_ignores_sigterm_fails_the_test_and_is_gone(tmp_path: Path) -> None:
    deaf = python(tmp_path, STUBBORN)
    deaf.deadline = 0.2
    deaf.start(lambda: "deaf" in deaf.log_text())
    with pytest.raises(AssertionError, match="SIGTERM"):
        deaf.stop()
    assert not psutil.pid_exists(deaf.pid)


def test_children_left_behind_fail_the_test_and_are_gone(tmp_path: Path) -> None:
    parent = python(tmp_path, f"{PARENT}; import signal; signal.pause()")
    parent.start(lambda: "deaf" in parent.log_text())
    parent.children_deadline = 0.2
    child = int(next(line for line in parent.log_text().splitlines() if line.isdigit()))
    with pytest.raises(AssertionError, match="children"):
        parent.stop()
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_a_process_that_dies_at_the_start_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no such setting"):
        python(tmp_path, "raise SystemExit('no such setting')").start(lambda: False)


async def test_databases_are_fresh_and_apart(postgres: Postgres) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    connection = await asyncpg.connect(first)
    await connection.execute("CREATE TABLE here (id int)")
    await connection.close()
    connection = await asyncpg.connect(second)
    assert await connection.fetchval("SELECT to_regclass('here')") is None
    await connection.close()


async def test_a_killed_database_comes_back_with_what_it_held(own_postgres: Postgres) -> None:
    url = own_postgres.new_database()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE here AS SELECT 7 AS id")
    own_postgres.kill()
    connection.terminate()
    own_postgres.up()
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT id FROM here") == 7
    await connection.close()


def test_a_site_serves_its_pages_and_nothing_else(static_site: Callable[..., StaticSite]) -> None:
    site = static_site({"": "<p>front</p>"}, {"Cross-Origin-Opener-Policy": "same-origin"})
    answer = httpx2.get(f"{site.url}/", trust_env=False)
    assert answer.text == "<p>front</p>"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert httpx2.get(f"{site.url}/else", trust_env=False).status_code == 404


@pytest.mark.browser
def test_a_click_opens_a_popup_and_a_script_alone_does_not(static_site: Callable[..., StaticSite]) -> None:
    alone = "<script>document.title = window.open('/alone') === null ? 'blocked' : 'opened'</script>"
    button = "<button onclick=\"window.open('/clicked')\">Open</button>"
    with chromium.running(block_popups=True) as browser:
        page = browser.new_page()
        page.goto(static_site({"": alone + button, "clicked": "<p>opened</p>"}).url)
        assert page.title() == "blocked"
        with page.expect_popup() as popup:
            page.get_by_role("button").click()
        assert popup.value.url.endswith("/clicked")


@pytest.mark.browser
def test_a_watched_page_tells_of_violations_errors_and_strangers(
    watched_page: Watched, static_site: Callable[..., StaticSite]
) -> None:
    policy = {"Content-Security-Policy": "script-src 'self'"}
    page = '<script>inline()</script><img src="http://stranger.invalid/a.png"><script src="/bad.js"></script>'
    watched_page.page.goto(static_site({"": page, "bad.js": "throw new Error('oops')"}, policy).url)
    said = watched_page.complaints()
    assert any("Content Security Policy" in line for line in said)
    assert any("oops" in line for line in said)
    assert "http://stranger.invalid/a.png" in said
    for kept in (watched_page.console, watched_page.page_errors, watched_page.foreign):
        kept.clear()
