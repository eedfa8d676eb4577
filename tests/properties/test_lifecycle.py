"""Whatever happens in whatever order: no token dies unnoticed, none comes back from the dead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from structlog.testing import capture_logs

from tests.faults.figures import FULL
from tests.properties.machine import Lifecycle
from tests.properties.place import Place
from tests.tools.postgres import Postgres


@pytest.mark.timeout(3000 if FULL else 600)
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
        with capture_logs():
            explore(place)
    finally:
        place.close()
    for what, count in sorted(place.tally.items()):
        record_property("line", f"{count:>6,} × {what}")


def explore(place: Place) -> None:
    class Here(Lifecycle):
        pass

    Here.place = place
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=1000 if FULL else 60,
            stateful_step_count=40 if FULL else 25,
            deadline=None,
            # A failure is told at once; what shrinks it for minutes is the run at full strength.
            phases=(Phase.generate, Phase.shrink) if FULL else (Phase.generate,),
            derandomize=not FULL,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
