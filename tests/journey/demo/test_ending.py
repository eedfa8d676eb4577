"""How the demo ends: whole, whatever ends it, and with an exit code that means something."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from symphony_connect import platforms
from symphony_connect.base.errors import ConfigError
from symphony_connect.demo import site
from tests.journey.demo.conftest import Demo
from tests.platforms.chosen import ANY
from tests.tools.process import CLI, clean_env
from tests.tools.wait import free_port

STEPS = 5 * len(platforms.names()) + 1
"""Connect, verify, read, renew, disconnect at each platform, and one look at the brand."""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything(own_demo: Demo, how: signal.Signals) -> None:
    """`stop` fails by itself when that takes more than ten seconds or leaves a child."""
    own_demo.start()
    own_demo.process.stop_signal = how
    assert len(psutil.Process(own_demo.process.pid).children(recursive=True)) >= 2
    assert own_demo.process.stop() == 0
    assert own_demo.left_behind() == []
    assert "Traceback" not in own_demo.process.log_text()


def test_a_signal_while_it_starts_ends_everything(own_demo: Demo) -> None:
    own_demo.process.start(lambda: bool(psutil.Process(own_demo.process.pid).children()))
    assert own_demo.process.stop() != 0
    assert own_demo.left_behind() == []
    assert "Traceback" not in own_demo.process.log_text()


STARTING = """
import os, signal
from symphony_connect.demo import running
for end in running.ENDS:
    signal.signal(end, running.interrupt)
try:
    with running._undisturbed():
        os.kill(os.getpid(), signal.SIGTERM)
        print("started")
    print("went on")
except KeyboardInterrupt:
    print("ended")
"""


def test_a_signal_waits_until_what_is_being_started_is_known() -> None:
    """In the middle of starting a process it would leave that behind."""
    done = subprocess.run([sys.executable, "-c", STARTING], capture_output=True, text=True, timeout=60)
    assert (done.stdout.split("\n"), done.stderr) == (["started", "ended", ""], "")


@pytest.mark.parametrize("option", ["--port", "--sandbox-port", "--page-port"])
def test_a_port_in_use(tmp_path: Path, option: str) -> None:
    taken = free_port()
    demo = Demo(tmp_path, option, str(taken))
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        demo.process.start()
        assert demo.process.wait(60) == 2
    (sentence,) = demo.process.log_text().splitlines()
    assert (
        sentence
        == f"symphony-connect: Port {taken} is in use. End what listens there, or choose another with {option}."
    )
    assert demo.left_behind() == []


def test_the_page_moves_aside_where_nobody_said_which_port() -> None:
    """And keeps what it found: another demo that starts at the same time gets another."""
    with site.bound(free_port(), 0) as first, site.bound(first.server_port, 0) as second:
        assert second.server_port != first.server_port
        with pytest.raises(ConfigError, match=f"Port {first.server_port} is in use"):
            site.bound(first.server_port)


def test_a_check_that_holds(tmp_path: Path) -> None:
    env = clean_env(TMPDIR=str(tmp_path))
    done = subprocess.run([CLI, "demo", "--check"], env=env, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == STEPS
    assert "Everything held." in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_does_not_hold(tmp_path: Path) -> None:
    """The sandbox is killed as soon as the service is being started."""
    demo = Demo(tmp_path, "--check")
    demo.process.start(lambda: _child(demo, "serve") is not None, 90)
    sandbox = _child(demo, "sandbox")
    assert sandbox
    sandbox.kill()
    assert demo.process.wait(120) == 1
    assert f"✗  connect {ANY}" in demo.process.log_text()
    assert "Not everything held." in demo.process.log_text()
    assert "Traceback" not in demo.process.log_text()
    assert demo.left_behind() == []


def _child(demo: Demo, command: str) -> psutil.Process | None:
    children = psutil.Process(demo.process.pid).children()
    return next((child for child in children if command in child.cmdline()), None)
