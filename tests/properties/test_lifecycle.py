"""Whatever happens in whatever order: no token dies unnoticed, none comes back from the dead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from structlog.testing import capture_logs

from tests.faults.figures import FULL
from tests.properties.place import Place
from tests.properties.stories import Stories
from tests.tools.postgres import Postgres

REACHED = {
    "renewed": 100,
    "renewed once for several": 8,
    "renewal: lost_before": 10,
    "renewal: lost_after": 10,
    "answer lost, and known": 10,
    "died before the call": 4,
    "died after the call": 8,
    "died": 50,
    "stuck_": 30,
    "sibling of a lost one": 20,
    "sibling of a new one": 5,
    "disconnect cut short": 5,
    "marked: outcome_unknown": 10,
    "marked: revoked": 10,
    "disconnected: revoked": 10,
    "disconnected: shared_identity": 10,
    "reconnected": 30,
    "waiting accepted": 4,
    "waiting refused": 4,
    "denied: ": 20,
    "read served": 50,
    "read refused: needs_reconnect": 10,
}
"""How often these must have happened at least (`stuck_` and the like: all that begin so), for a test that never
comes there proves nothing."""


@pytest.mark.timeout(3000 if FULL else 500)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_any_order_of_events(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None], engine: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'symphony.db'}"
    if engine == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    place = Place(url, tmp_path)
    try:
        with capture_logs() as logs:
            explore(place)
    finally:
        place.close()
    assert [entry for entry in logs if entry["event"] == "worker.failed"] == []
    happened = {what: how_often(place.tally, what) for what in REACHED}
    record_property("figure", ("events in any order", figure(happened)))
    assert {what: n for what, n in happened.items() if n < REACHED[what]} == {}


def how_often(tally: Counter[str], what: str) -> int:
    family = what.endswith((" ", "_"))
    return sum(n for event, n in tally.items() if event == what or (family and event.startswith(what)))


def figure(happened: dict[str, int]) -> str:
    lost = happened["renewal: lost_after"] + happened["died after the call"]
    return f"0 unnoticed; {happened['renewed']:,} renewals, {lost:,} answers lost, {happened['died']:,} processes dead"


def explore(place: Place) -> None:
    class Here(Stories):
        pass

    Here.place = place
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=1000 if FULL else 50,
            stateful_step_count=40 if FULL else 25,
            deadline=None,
            # A failure is told at once; what shrinks it for minutes is the run at full strength.
            phases=(Phase.generate, Phase.shrink) if FULL else (Phase.generate,),
            derandomize=not FULL,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
