"""How often each key read a token: counted beside the reads, and told on the dashboard."""

from __future__ import annotations

from tests.api.conftest import Api
from tests.journey.dashboard import visit
from tests.platforms.chosen import ANY, OTHER
from tests.tools.rows import rows
from tests.tools.wait import wait_until


def id_of(api: Api, brand: int) -> str:
    found = [row for row in api.stored()["connections"] if brand in row]
    id: str = found[0][0]
    return id


def test_a_read_is_counted_for_its_key_and_told(api: Api) -> None:
    brand, other = api.connected(), api.new_key("tokens:read")
    for key in ("", "", other):
        assert api.send("GET", f"/brands/{brand}/connections/{ANY}/token", key=key).status_code == 200
    assert api.send("GET", f"/brands/{brand}/connections/{OTHER}/token").status_code == 404
    id = id_of(api, brand)

    def lines() -> list[str]:
        with visit.door_of(api.service) as door:
            door.enter()
            page = door.get(f"/dashboard/connections/{id}").text
        return [line for line in page.splitlines() if "Token read" in line]

    wait_until(lambda: len(lines()) == 2, 10, "the reads to be written down")
    wait_until(lambda: "2 times" in "".join(lines()) and "once" in "".join(lines()), 10, "all of them")


def test_what_was_read_last_is_written_before_the_process_ends(api: Api) -> None:
    brand = api.connected()
    assert api.send("GET", f"/brands/{brand}/connections/{ANY}/token").status_code == 200
    api.service.restart(["--no-worker"])
    id = id_of(api, brand)
    written = rows(api.service.env["SYMPHONY_DATABASE_URL"], "token_reads")["token_reads"]
    assert [row[3] for row in written if row[0] == id] == [1]
