"""What time and people do to tokens."""

from __future__ import annotations

import json

import pytest

from tests.platforms.meta.client import APP_ID, OTHER_APP, Client, refused


def test_a_token_expires_with_the_clock_and_says_when(client: Client) -> None:
    token = client.issue(kind="long")
    client.sandbox.advance("59d")
    assert client.get("me", token).status_code == 200
    client.sandbox.advance("2d")
    answer = client.get("me", token)
    assert refused(answer) == (400, 190, 463)
    message = answer.json()["error"]["message"]
    assert message.startswith("Error validating access token: Session has expired on ")
    assert message.endswith("PST.")
    data = client.debug(token)
    assert (data["is_valid"], data["error"]["subcode"]) == (False, 463)


def test_data_access_ends_after_ninety_days_though_the_token_lives(client: Client) -> None:
    token = client.issue("business", expiresIn=0)
    client.sandbox.advance("91d")
    assert client.debug(token)["is_valid"] is True
    assert client.get("me", token).json()["name"] == "Bea Ness"
    assert refused(client.get("me/adaccounts", token)) == (403, 200, None)
    statuses = {row["permission"]: row["status"] for row in client.get("me/permissions", token).json()["data"]}
    assert (statuses["public_profile"], statuses["ads_read"]) == ("granted", "expired")
    client.approve("business")
    assert client.get("me/adaccounts", token).status_code == 200, "a new login is what moves data access"


def test_extending_a_token_does_not_move_data_access(client: Client) -> None:
    token = client.issue()
    before = client.debug(token)["data_access_expires_at"]
    client.sandbox.advance("1h")
    extended = client.extend(token).json()["access_token"]
    assert client.debug(extended)["data_access_expires_at"] == before


@pytest.mark.parametrize(
    ("action", "subcode"),
    [
        ("revoke", 458),
        ("remove-app", 458),
        ("change-password", 460),
        ("log-out", 467),
        ("checkpoint", 490),
        ("must-log-in", 459),
        ("expire-token", 463),
    ],
)
def test_what_people_do_ends_their_tokens_and_nobody_elses(client: Client, action: str, subcode: int) -> None:
    token, page, other = client.issue(), client.issue(kind="page"), client.issue("business")
    client.sandbox.person("ada", action, platform="meta")
    for dead in (token, page):
        assert refused(client.get("me", dead)) == (400, 190, subcode)
        data = client.debug(dead)
        assert (data["is_valid"], data["error"]["code"], data["error"]["subcode"]) == (False, 190, subcode)
    assert client.get("me", other).status_code == 200


def test_a_dead_token_stays_dead_after_a_new_login(client: Client) -> None:
    old = client.issue()
    client.sandbox.person("ada", "change-password", platform="meta")
    new = client.signed_in()
    assert refused(client.get("me", old)) == (400, 190, 460)
    assert client.get("me", new).status_code == 200


def test_a_checkpoint_can_be_lifted(client: Client) -> None:
    token = client.issue()
    client.sandbox.person("ada", "checkpoint", platform="meta")
    assert refused(client.get("me", token)) == (400, 190, 490)
    client.sandbox.person("ada", "clear-checkpoint", platform="meta")
    assert client.get("me", token).status_code == 200


def test_one_app_can_be_removed_and_the_other_kept(client: Client) -> None:
    ours, theirs = client.issue(), client.issue(app=OTHER_APP[0])
    client.sandbox.person("ada", "remove-app", platform="meta", appId=APP_ID)
    assert refused(client.get("me", ours)) == (400, 190, 458)
    assert client.get("me", theirs).status_code == 200


def test_an_account_can_be_taken_out_of_a_grant(client: Client) -> None:
    token = client.issue()
    first, second = (row["id"] for row in client.get("me/adaccounts", token).json()["data"])
    client.sandbox.person("ada", "ungrant-account", platform="meta", accountId=first)
    assert [row["id"] for row in client.get("me/adaccounts", token).json()["data"]] == [second]
    assert refused(client.get(first, token)) == (403, 200, None)


def test_data_access_can_be_ended_at_once(client: Client) -> None:
    token = client.issue()
    client.sandbox.person("ada", "expire-data-access", platform="meta")
    assert refused(client.get("me/adaccounts", token)) == (403, 200, None)
    assert client.get("me", token).status_code == 200


@pytest.mark.parametrize(
    ("error", "header", "key"),
    [
        ("meta:4", "x-app-usage", "call_count"),
        ("meta:17/2446079", "x-ad-account-usage", "reset_time_duration"),
        ("meta:80004/2446079", "x-business-use-case-usage", "estimated_time_to_regain_access"),
    ],
)
def test_who_calls_too_often_is_told_when_to_come_back(client: Client, error: str, header: str, key: str) -> None:
    client.sandbox.fault("meta", error)
    answer = client.get("me", client.issue())
    assert answer.status_code in (400, 403)
    assert answer.json()["error"]["is_transient"] is True
    usage = json.loads(answer.headers[header])
    if header == "x-business-use-case-usage":
        usage = next(iter(usage.values()))[0]
    assert usage[key] > 0


def test_a_fault_for_an_edge_is_met_by_id_as_well_as_by_me(client: Client) -> None:
    token = client.issue()
    client.sandbox.fault("meta", "meta:190/460", path="/v26.0/me/adaccounts", times=2)
    assert client.get("me", token).status_code == 200
    assert refused(client.get("me/adaccounts", token)) == (400, 190, 460)
    assert refused(client.get("10200000000000001/adaccounts/", token)) == (400, 190, 460)
    assert client.get("me/adaccounts", token).status_code == 200, "a fault is of the answer; the token never died"
