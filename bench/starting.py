"""From a command to what it answers: most of a start is imports. And how much a browser loads."""

from __future__ import annotations

import gzip
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from bench import place
from bench.report import Row
from bench.sizes import Sizes
from symphony_connect import web
from tests.tools.process import CLI

IMPORT = (sys.executable, "-c", "import fastapi")
COLD = 3.0
COMMANDS = {"--help": 0.25, "version": 0.25, "keys --help": None, "serve --help": None, "doctor --help": None}
"""Seconds, on a machine with nothing else to do."""
SDK = Path(web.__file__).parent / "static" / "symphony-connect.min.js"
SDK_MOST = 5.0


async def main(sizes: Sizes) -> list[Row]:
    with place.folder() as folder, place.sandbox(folder) as sandbox:
        service = place.service_of(sandbox, folder, f"sqlite:///{folder / 'symphony.db'}")
        assert service.secret_key  # the database is there, as at every start but the first
        rounds = [(_run(IMPORT), _ready(service)) for _ in range(sizes.rounds)]
    least, took = (statistics.median(one[side] for one in rounds) for side in (0, 1))
    rows = [
        Row(
            "cold start to /readyz",
            "python -c 'import fastapi'",
            tuple(ours / bare for bare, ours in rounds),
            f"{took:.2f} s, import {least:.2f} s",
            at_most=COLD,
        )
    ]
    for command, most in COMMANDS.items():
        found = tuple(_run((CLI, *command.split())) for _ in range(sizes.rounds))
        rows.append(Row(f"symphony-connect {command}", "", found, at_most=most, unit=" s"))
    size = len(gzip.compress(SDK.read_bytes(), 9)) / 1000
    return [*rows, Row("symphony-connect.min.js, gzipped", "", (size,), at_most=SDK_MOST, unit=" kB")]


def _run(command: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _ready(service: place.Service) -> float:
    service.process.command = [CLI, "serve", "--port", str(service.port)]
    began = time.perf_counter()
    service.process.start()
    try:
        with httpx2.Client(trust_env=False) as client:
            while not _answers(client, f"{service.url}/readyz"):
                time.sleep(0.01)  # the look itself must not take the core that the start needs
        return time.perf_counter() - began
    finally:
        service.process.stop()


def _answers(client: httpx2.Client, url: str) -> bool:
    try:
        return client.get(url).is_success
    except httpx2.HTTPError:
        return False
