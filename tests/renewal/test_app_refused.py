"""The platform refuses our whole app: no owner can help, so nobody is lost, and all is well again afterwards."""

from __future__ import annotations

import html
import re

import pytest

from symphony_connect.access import dashboard_access
from symphony_connect.base.clock import MINUTE
from symphony_connect.base.model import Reason, Status
from symphony_connect.connections import app_trouble
from symphony_connect.operate import doctor
from symphony_connect.platforms.base import Misconfigured
from symphony_connect.web.dashboard import home
from tests.faults.figures import FULL, Figure
from tests.platforms import contract
from tests.renewal.house import WORKSPACE, House

BRANDS = 200 if FULL else 12
WORDED = contract.all_having("APP_WORDINGS")
LOSABLE = contract.all_having("APP_WORDINGS", "UNREADABLE", "carriers")
"""Platforms at which a refused token is lost."""
ANY = LOSABLE[0]
SERVED = (Status.CONNECTED, Status.EXPIRING)


def refuse_tokens(house: House, platform: str) -> None:
    """From now on the platform accepts the app, and no token of a person."""
    for path in contract.rules(platform).carriers("revoked"):
        house.sandbox.fault(platform, contract.rules(platform).UNREADABLE, path=path, times=100_000)


@pytest.mark.timeout(1_800 if FULL else 180)
@pytest.mark.parametrize("platform", WORDED)
async def test_a_refusal_of_the_whole_app_costs_nobody_their_connection(
    house: House, platform: str, figure: Figure
) -> None:
    ids = [await house.connect(platform) for _ in range(BRANDS)]
    lost = 0
    for wording in contract.rules(platform).APP_WORDINGS:
        house.sandbox.fault(platform, wording, times=100_000)
        await house.pass_time(f"{contract.facts(platform).verify_every // MINUTE}m")
        rows = [await house.row(id) for id in ids]
        lost += sum(row.status not in SERVED for row in rows)
        assert all([await house.sealed(id) for id in ids])
        trouble = (await app_trouble.troubles(house.core))[platform]
        assert trouble["refused_at"] is not None
        seen = [fact for fact in await doctor.examine(house.core) if "refuses this app" in fact.words]
        assert len(seen) == 1
        house.sandbox.calm()
        await house.pass_time("2m")
        await house.pass_time("58m")
        rows = [await house.row(id) for id in ids]
        assert {(row.status, row.reason, row.attempts) for row in rows} == {(Status.CONNECTED, None, 0)}, wording
        assert platform not in await app_trouble.troubles(house.core)
    figure(f"false needs_reconnect while {platform} refuses the app", lost)
    assert lost == 0


@pytest.mark.parametrize("platform", LOSABLE)
async def test_what_was_lost_before_the_app_was_found_refused_comes_back(house: House, platform: str) -> None:
    rules = contract.rules(platform)
    id = await house.connect(platform)
    refuse_tokens(house, platform)
    await house.tend_one(id)
    assert (await house.row(id)).status is Status.NEEDS_RECONNECT
    house.sandbox.calm()
    other = await house.connect(platform)
    house.sandbox.fault(platform, rules.APP_WORDINGS[0], times=100_000)
    await house.tend_one(other)
    house.sandbox.calm()
    await house.pass_time("2m")
    assert (await house.row(id)).status is Status.CONNECTED


@pytest.mark.parametrize("platform", WORDED)
async def test_the_dashboard_says_it_in_one_sentence_that_stays(house: House, platform: str) -> None:
    """The app is asked once a minute, in another call than the one that was refused first."""
    id = await house.connect(platform)
    house.sandbox.fault(platform, contract.rules(platform).APP_WORDINGS[0], times=1)
    house.sandbox.fault(platform, contract.rules(platform).APP_WORDINGS[-1], times=100_000)
    house.sandbox.advance("1d")
    await house.tend_one(id)
    session = await dashboard_access.begin(house.core, WORKSPACE, None)
    said = []
    for _ in range(3):
        who = await dashboard_access.visitor_of(house.core, session)
        assert who is not None
        page = bytes((await home.home(house.core, who)).body).decode()
        said += re.findall(r"[^>]*refuses this server's app since[^<]*", html.unescape(page))
        assert len([fact for fact in await doctor.examine(house.core) if "refuses this app" in fact.words]) == 1
        house.sandbox.advance("2m")
        await app_trouble.look(house.core, platform)
        await app_trouble.note(house.core, house.core.platform(platform), Misconfigured("in other words"))
    assert len(said) == 3
    assert len(set(said)) == 1
    house.sandbox.calm()
    await house.pass_time("2m")
    page = bytes((await home.home(house.core, who)).body).decode()
    assert "refuses this server" not in page


async def test_many_refused_at_once_are_held_and_come_back(house: House) -> None:
    """The app's own token is accepted, and yet every person's is refused: that is a sign of something else."""
    ids = [await house.connect(ANY) for _ in range(app_trouble.MANY + 5)]
    refuse_tokens(house, ANY)
    for id in ids:
        await house.tend_one(id)
    rows = [await house.row(id) for id in ids]
    assert [row.status for row in rows].count(Status.NEEDS_RECONNECT) == app_trouble.MANY
    assert any("many people" in fact.words for fact in await doctor.examine(house.core))
    house.sandbox.calm()
    await house.pass_time("31m")
    await house.pass_time("31m")
    assert {(await house.row(id)).status for id in ids} == {Status.CONNECTED}


async def test_one_person_behind_many_brands_is_no_such_sign(house: House) -> None:
    person = house.sandbox.newcomer()
    ids = [await house.connect(ANY, person=person) for _ in range(app_trouble.MANY + 2)]
    house.sandbox.person(person, "revoke", platform=ANY)
    for id in ids:
        await house.tend_one(id)
    assert {(await house.row(id)).status for id in ids} == {Status.NEEDS_RECONNECT}
    assert {(await house.row(id)).reason for id in ids} <= {Reason.APP_REMOVED, Reason.REVOKED}


@pytest.mark.parametrize("platform", WORDED)
async def test_a_token_that_arrives_meanwhile_is_not_called_bad(house: House, platform: str) -> None:
    house.sandbox.fault(platform, contract.rules(platform).APP_WORDINGS[-1], times=100_000)
    problem = await house.refused_registration(platform)
    assert problem.code == "platform_misconfigured"
