"""What platforms answer when they do not renew, and what becomes of the connection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symphony_connect import platforms
from symphony_connect.base.model import Status
from symphony_connect.connections import connect, sql
from symphony_connect.operate.restored import restored
from tests.renewal.house import House

RUBBISH = ["http:500", "http:503", "reset", "truncate", "html", "html:404"]
ALIVE = (Status.CONNECTED, Status.EXPIRING)

META: dict[str, str | None] = {
    "100/app": "token_refused",
    "102": "revoked",
    "190": "revoked",
    "190/458": "app_removed",
    "190/password-words": "password_changed",
    **dict.fromkeys(("190/expired-words", "452/expired-words"), "expired"),
    **dict.fromkeys(("200/app-deactivated", "190/app-deleted", "10/app-disabled"), None),
    "190/459": "checkpoint",
    "190/460": "password_changed",
    "190/463": "expired",
    "190/464": "checkpoint",
    "190/467": "logged_out",
    "190/490": "checkpoint",
    "190/492": "revoked",
    "190/493": "expired",
    "3": "permissions_missing",
    "10": "permissions_missing",
    "200": "permissions_missing",
    "294": "permissions_missing",
}
TIKTOK: dict[str, str | None] = {
    **dict.fromkeys(("40000/app-suspended", "40105/app-deleted"), None),
    "40000/app": "token_refused",
    **dict.fromkeys(("40102", "40103"), "expired"),
    **dict.fromkeys(("40104", "40105", "40106", "40107"), "revoked"),
    **dict.fromkeys(("40001", "40125", "40130"), "permissions_missing"),
}
REASONS = {"meta": META, "tiktok": TIKTOK}


def corpus(platform: str) -> list[str]:
    path = Path(platforms.__file__).parent / platform / "samples" / "errors.json"
    return [row["key"] for row in json.loads(path.read_text(encoding="utf-8"))["errors"]]


def expected(platform: str, key: str) -> str | None:
    """The reason a connection is lost for; None when it lives on."""
    code, _, word = key.partition("/")
    if key in REASONS[platform]:
        return REASONS[platform][key]
    return None if word.isdigit() else REASONS[platform].get(code)


def _paths(platform: str, key: str) -> tuple[str, ...]:
    """The calls that carry the owner's token; all calls where the app may be meant."""
    if platform == "meta":
        return ("me",)
    return ("",) if expected(platform, key) is None else ("advertiser/get", "oauth2/refresh_token")


@pytest.mark.parametrize("platform", ["meta", "tiktok"])
async def test_every_documented_error_of_a_verification_has_its_reason(house: House, platform: str) -> None:
    """The error meets the first call that carries the owner's token, and the refresh that TikTok is asked for then."""
    wrong, lost = {}, 0
    for key in corpus(platform):
        id = await house.connect(platform)
        before = await house.sealed(id)
        for path in _paths(platform, key):
            house.sandbox.fault(platform, f"{platform}:{key}", path=path, times=100)
        house.sandbox.advance("7h")
        await house.tend_one(id)
        house.sandbox.calm()
        await house.calm()
        row, reason = await house.row(id), expected(platform, key)
        shown = row.reason.value if row.reason and row.status is Status.NEEDS_RECONNECT else None
        lost += shown is not None
        if shown != reason or (reason is None and await house.sealed(id) != before):
            wrong[key] = (row.status.value, row.reason, reason)
    assert wrong == {}
    assert lost >= 10


@pytest.mark.parametrize("platform", ["meta", "tiktok"])
@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_rubbish_leaves_the_grant_as_it_was(house: House, platform: str, rubbish: str) -> None:
    id = await house.connect(platform)
    grant = await house.grant(id)
    house.sandbox.fault(platform, rubbish, times=1000)
    await house.pass_time("17h" if platform == "tiktok" else "45d")
    row = await house.row(id)
    assert row.status in ALIVE
    assert (row.attempts, await house.grant(id)) == (1, grant)
    assert row.due_at is not None
    house.sandbox.calm()
    await house.pass_time("10m")
    row = await house.row(id)
    assert (row.status in ALIVE, row.attempts) == (True, 0)


async def test_back_off_grows_to_an_hour_and_one_event_tells_of_it(house: House) -> None:
    id = await house.connect("tiktok")
    house.sandbox.fault("tiktok", "http:503", times=1000)
    house.sandbox.advance("17h")
    waits = []
    for _ in range(7):
        await house.tend()
        row = await house.row(id)
        assert row.due_at is not None
        waits.append((row.due_at - house.core.clock()) // 60_000)
        house.sandbox.advance(f"{max((row.due_at - house.core.clock()) // 1000 + 2, 1)}s")
    assert [wait <= most for wait, most in zip(waits, [0, 2, 12, 37, 75, 75, 75], strict=True)] == [True] * 7
    assert waits[-1] >= 59
    assert len(await house.events(id, "connection.put_off")) == 1


async def test_a_wrong_secret_of_ours_costs_nobody_their_connection(house: House) -> None:
    id = await house.connect("tiktok")
    house.sandbox.fault("tiktok", "tiktok:40101", times=1000)
    await house.pass_time("17h")
    assert (await house.row(id)).status is Status.CONNECTED
    await house.pass_time("7h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.EXPIRING, "platform_misconfigured")
    house.sandbox.calm()
    await house.pass_time("2h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.CONNECTED, None)


async def test_a_refused_refresh_leaves_what_still_works_in_service(house: House) -> None:
    id = await house.connect("tiktok")
    house.sandbox.fault("tiktok", "tiktok:40107", path="oauth2/refresh_token", times=1)
    await house.pass_time("17h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.EXPIRING, "token_ends_soon")
    assert await house.read(id)
    await house.pass_time("8h")
    row = await house.row(id)
    assert (row.status, row.reason, row.due_at) == (Status.NEEDS_RECONNECT, "expired", None)


async def test_a_refused_access_token_is_exchanged_while_its_refresh_token_lives(house: House) -> None:
    id = await house.connect("tiktok")
    house.sandbox.fault("tiktok", "tiktok:40105", path="advertiser/get", times=1)
    await house.pass_time("7h")
    assert (await house.row(id)).status is Status.CONNECTED
    assert house.calls("tiktok", "refresh_token") == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [("190/490", "checkpoint"), ("200", "permissions_missing"), ("100/app", "token_refused")],
)
async def test_what_can_be_cured_without_a_sign_in_is_asked_after(house: House, error: str, reason: str) -> None:
    id = await house.connect("meta")
    house.sandbox.fault("meta", f"meta:{error}", path="me", times=1)
    await house.pass_time("1d")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, reason)
    await house.pass_time("25h")
    assert (await house.row(id)).status is Status.CONNECTED


async def test_one_broken_row_holds_up_nobody(house: House) -> None:
    broken, sound = await house.connect("meta"), await house.connect("meta")
    async with house.core.store.writing() as tx:
        await tx.run(sql.grant_put, connection_id=broken, slot="live", sealed=b"dust", at=1, replaces=0)
    await house.pass_time("1d")
    assert (await house.row(sound)).verified_at > (await house.row(broken)).verified_at
    row = await house.row(broken)
    assert row.due_at is not None
    assert row.due_at > house.core.clock()


async def test_a_refused_newcomer_leaves_the_restored_grant_to_be_asked_after(house: House) -> None:
    """It waited beside a grant that a backup brought back, which may be as good as ever."""
    person = house.sandbox.newcomer()
    id = await house.connect("meta", person=person, brand=4711)
    await restored(house.core, lambda done, total: None)
    newcomer = house.bring("meta", person=person, brand=4711)
    house.sandbox.fault("meta", "reset", times=100)
    await connect.register(house.core, house.caller, newcomer)
    assert (await house.row(id)).status is Status.UNVERIFIED
    house.sandbox.calm()
    house.sandbox.fault("meta", "meta:190", path="debug_token", times=1)
    await house.pass_time("2m")
    assert [event["type"] for event in await house.events(id, "connection.token_refused")]
    assert (await house.row(id)).status is Status.CONNECTED


async def test_a_verification_that_is_put_off_leaves_the_journal_open(house: House) -> None:
    """A backup's refresh token may be spent: still known when its platform could not be asked at first."""
    id = await house.connect("tiktok")
    await restored(house.core, lambda done, total: None)
    house.sandbox.fault("tiktok", "reset", times=100)
    await house.tend_one(id)
    house.sandbox.calm()
    assert (await house.row(id)).attempts == 1
    await house.pass_time("10m")
    assert (await house.row(id)).status is Status.CONNECTED
    house.sandbox.fault("tiktok", "tiktok:40107", path="oauth2/refresh_token", times=1)
    await house.pass_time("25h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, "outcome_unknown")


@pytest.mark.parametrize("error", ["tiktok:50000", "http:503", "tiktok:40100"])
async def test_an_answer_that_says_nothing_does_not_mean_that_nothing_was_spent(house: House, error: str) -> None:
    """The refresh took effect and its answer says that TikTok is busy: the refresh token is spent."""
    id = await house.connect("tiktok")
    lost = {"platform": "tiktok", "error": error, "path": "oauth2/refresh_token", "times": 1, "when": "after"}
    house.sandbox.control("faults", lost)
    await house.pass_time("17h")
    await house.pass_time("1h")
    row = await house.row(id)
    assert (row.status in ALIVE, row.reason) == (True, "outcome_unknown")
    await house.pass_time("8h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, "outcome_unknown")
