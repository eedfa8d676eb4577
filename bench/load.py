"""A load generator: `wrk` where it is installed, else a client of our own, which is slower than what it asks."""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """`rate` in requests a second; `median` and `p99` in milliseconds."""

    rate: float
    median: float
    p99: float


def generator() -> str:
    return "wrk" if shutil.which("wrk") else "its own client (install wrk for the machine's real figures)"


async def ask(url: str, at_once: int, seconds: float, headers: Mapping[str, str]) -> Load:
    """GET one address from so many connections for so long. Raises RuntimeError for any answer but 200."""
    if shutil.which("wrk"):
        return await asyncio.to_thread(_wrk, url, at_once, seconds, headers)
    return await ask_by_httpx2(url, at_once, seconds, headers)


def _wrk(url: str, at_once: int, seconds: float, headers: Mapping[str, str]) -> Load:
    fields = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "--latency", "-t1", f"-c{at_once}", f"-d{max(round(seconds), 1)}s", *fields, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    parts = {place: re.search(rf"^\s+{place}%\s+([\d.]+)(us|ms|s)", said, re.MULTILINE) for place in (50, 99)}
    assert rate is not None
    median, p99 = (float(part[1]) * UNITS[part[2]] if part else 0.0 for part in parts.values())
    return Load(float(rate[1]), median, p99)


async def ask_by_httpx2(url: str, at_once: int, seconds: float, headers: Mapping[str, str]) -> Load:
    """The same by our own client, whatever is installed. Raises RuntimeError."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def keep_asking(client: httpx2.AsyncClient) -> None:
        while (began := time.perf_counter()) < end:
            answer = await client.get(url, headers=headers)
            if answer.status_code != 200:
                raise RuntimeError(f"HTTP {answer.status_code}: {answer.text}")
            took.append((time.perf_counter() - began) * 1000)

    async with httpx2.AsyncClient(timeout=30, trust_env=False) as client:
        await asyncio.gather(*(keep_asking(client) for _ in range(at_once)))
    return Load(len(took) / seconds, statistics.median(took), statistics.quantiles(took, n=100)[98])
