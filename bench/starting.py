"""What a command costs before it does anything: most of a start is imports."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("symphony-connect"))
ASKED = (("--help",), ("version",), ("keys", "--help"), ("serve", "--help"), ("doctor", "--help"))
TIMES = 9
GOAL = 0.25
"""Seconds for `--help` and `version`, on a machine with nothing else to do."""


async def main() -> None:
    print(f"Start of a command: median and best of {TIMES} runs, in seconds; the goal for the first two is {GOAL}.")
    for asked in ASKED:
        took = [_seconds(asked) for _ in range(TIMES)]
        print(f"  {' '.join(asked):<16}{statistics.median(took):8.3f}{min(took):8.3f}")


def _seconds(asked: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run([COMMAND, *asked], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
