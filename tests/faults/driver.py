"""Renews connections in processes that can be killed: reads `renew <id>` from stdin, forks, prints `<id> <pid>`.

Everything is imported once and forked for each renewal, so that a thousand of them can die in a minute.
A child prints `<id> done <status>` when it comes to its end.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace

from symphony_connect.app import opened_core
from symphony_connect.base import config, logs
from symphony_connect.connections import lease
from symphony_connect.connections.renew import renew


async def renewed(id: str) -> str:
    async with opened_core(config.load(os.environ)) as core:
        # More of them die in a minute than a platform's pace lets ask.
        mine = replace(await lease.hold_or_wait(core, id), admitted=True)
        outcome = await renew(core, mine, "driver")
        return outcome.connection.status.value


def child(id: str) -> None:
    try:
        say = asyncio.run(renewed(id))
    except BaseException as error:
        say = f"{type(error).__name__}: {error}".splitlines()[0]
    os.write(1, f"{id} done {say}\n".encode())
    os._exit(0)


def main() -> None:
    logs.configure("console", "error")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        id = line.removeprefix("renew ").strip()
        pid = os.fork()
        if pid == 0:
            child(id)
        os.write(1, f"{id} {pid}\n".encode())


main()
