"""Limits by key and by address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from typing import Any

import pytest
from starlette.datastructures import Headers

from symphony_connect.access import api_keys
from symphony_connect.base.clock import system_clock
from symphony_connect.base.ids import Ids
from symphony_connect.web.limits import Buckets, Policy, client_address
from tests.api.conftest import Api
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.sandbox import Sandbox

PROXIES = "127.0.0.1, 10.0.0.0/8"


def started(start: ServiceFactory, sandbox: Sandbox, **env: str) -> Api:
    return Api(start({**contract.settings(sandbox), **env}, ["--no-worker"]), sandbox)


@pytest.fixture(scope="module")
def tight(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Any:
    """Four requests of one key at once, three failures of one address a minute."""
    limits = {"SYMPHONY_RATE_LIMIT": "1", "SYMPHONY_FAILURE_LIMIT": "3", "SYMPHONY_SIGN_IN_LIMIT": "3"}
    env = {**limits, "SYMPHONY_TRUSTED_PROXIES": PROXIES}
    api = started(shared_service, shared_sandbox, **env)
    yield api
    api.http.close()


@pytest.fixture(scope="module")
def usual(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Any:
    api = started(shared_service, shared_sandbox)
    yield api
    api.http.close()


def guess(api: Api, address: str, key: str | None = "guess") -> Any:
    return api.send("GET", "/brands", key=key, headers={"x-forwarded-for": address})


def test_one_key_is_slowed_down_and_another_is_not(tight: Api) -> None:
    wild, calm = tight.new_key(), tight.new_key()
    answers = [tight.send("GET", "/brands", key=wild) for _ in range(12)]
    served = [answer for answer in answers if answer.status_code == 200]
    assert 4 <= len(served) <= 6
    assert served[0].headers["ratelimit-policy"] == '"key";q=4;w=4'
    assert served[0].headers["ratelimit"] == '"key";r=3;t=1'
    slow = answers[-1]
    assert tight.refused(slow, 429, "too_many_requests")
    assert slow.headers["retry-after"] == "1"
    assert slow.headers["ratelimit"].startswith('"key";r=0;')
    page = tight.send("GET", "/brands", key=wild, headers={"origin": "http://localhost:3000"})
    assert page.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert tight.send("GET", "/brands", key=calm).status_code == 200


def test_an_address_that_guesses_is_stopped_and_another_is_not(tight: Api) -> None:
    answers = [guess(tight, "203.0.113.7") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429, 429]
    assert int(answers[-1].headers["retry-after"]) in range(1, 21)
    assert answers[-1].headers["ratelimit-policy"] == '"address";q=3;w=60'
    tight.refused(answers[-1], 429, "too_many_requests")
    assert guess(tight, "203.0.113.8").status_code == 401


def test_no_key_and_keys_nobody_made_count_alike(tight: Api) -> None:
    made_up = "sym_sk_" + "0" * 36
    assert [guess(tight, "203.0.113.20", key).status_code for key in (None, made_up, "x", None)] == [401, 401, 401, 429]


def test_somebody_who_guesses_does_not_shut_the_holder_of_a_key_out(tight: Api) -> None:
    key = tight.new_key()
    assert guess(tight, "203.0.113.30", key).status_code == 200
    while guess(tight, "203.0.113.30").status_code == 401:
        pass
    assert guess(tight, "203.0.113.30", key).status_code == 200


def test_somebody_who_guesses_does_not_shut_out_a_key_that_this_process_has_not_seen(tight: Api) -> None:
    key, other = tight.new_key(), "sym_sk_" + "0" * 36
    while guess(tight, "203.0.113.31").status_code == 401:
        pass
    served = guess(tight, "203.0.113.31", key)
    assert served.status_code == 200
    assert served.headers["ratelimit-policy"].startswith('"key"')
    assert guess(tight, "203.0.113.31", other).status_code == 429
    made_up = api_keys.make("secret", Ids(system_clock))
    assert guess(tight, "203.0.113.31", made_up).status_code == 429


def test_somebody_who_guesses_does_not_shut_out_a_key_in_a_form(tight: Api) -> None:
    """As the platforms' SDKs send it through the proxy."""
    address, path = {"x-forwarded-for": "203.0.113.32"}, f"/brands/1/connections/{ANY}/proxy/v1/me"
    while guess(tight, address["x-forwarded-for"]).status_code == 401:
        pass
    good, made_up = tight.new_key(), api_keys.make("secret", Ids(system_clock))
    sent = [
        tight.send("POST", path, key=None, headers=address, data={"name": "x", "access_token": key})
        for key in (good, made_up, good)
    ]
    assert [answer.status_code for answer in sent] == [404, 429, 404]
    assert sent[0].headers["ratelimit-policy"].startswith('"key"')


def test_metrics_count_guesses_like_the_api(tight: Api) -> None:
    headers = {"x-forwarded-for": "203.0.113.50", "x-api-key": "guess"}
    answers = [tight.http.get("/metrics", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["retry-after"]) in range(1, 21)
    good = headers | {"x-api-key": tight.new_key()}
    assert tight.http.get("/metrics", headers=good).status_code == 200


def test_one_address_starts_so_many_sign_ins_and_another_may_go_on(tight: Api) -> None:
    def start(address: str) -> Any:
        query = {"origin": "http://localhost:3000", "nonce": "n" * 22}
        return tight.http.get(f"/oauth/{ANY}/start", params=query, headers={"x-forwarded-for": address})

    answers = [start("203.0.113.60") for _ in range(4)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True]
    assert answers[0].headers["ratelimit-policy"] == '"sign-ins";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"sign-ins";r=2;')
    assert answers[-1].headers["content-type"].startswith("text/html")
    assert int(answers[-1].headers["retry-after"]) in range(1, 21)
    assert start("203.0.113.61").status_code != 429


def test_a_forged_address_behind_the_proxy_is_not_believed(tight: Api) -> None:
    """What the proxy itself appended comes last; what stands before it anybody may have written."""
    answers = [guess(tight, f"198.51.100.{number}, 203.0.113.40") for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


def test_an_address_is_not_believed_without_trusted_proxies(usual: Api) -> None:
    left = [int(guess(usual, f"203.0.113.{n}").headers["ratelimit"].split("r=")[1].split(";")[0]) for n in range(3)]
    assert left == sorted(left, reverse=True)
    assert left[0] - left[2] == 2


def test_five_hundred_readers_of_one_key_are_all_served(usual: Api) -> None:
    path = f"/brands/{usual.connected()}/connections/{ANY}/token"
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: usual.send("GET", path).status_code, range(500)))
    assert statuses == [200] * 500


# Without a service: time is passed in.


def test_a_bucket_fills_again() -> None:
    now = [100.0]
    buckets = Buckets(Policy("key", 10, 5), lambda: now[0])
    for _ in range(10):
        buckets.take("a")
    assert (buckets.left("a"), buckets.left("b"), buckets.wait("a")) == (0, 10, 1)
    now[0] += 0.5
    assert buckets.left("a") == 1
    now[0] += 3600
    assert buckets.left("a") == 10


def test_the_longest_unused_is_forgotten_first() -> None:
    buckets = Buckets(Policy("key", 10, 5), lambda: 0.0)
    for number in range(20_001):
        buckets.take(str(number))
    assert "0" not in buckets
    assert "20000" in buckets


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.1", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.1, 10.9.9.9", "203.0.113.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "nonsense", "nonsense"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
    ],
)
def test_whose_address_it_is(peer: str, forwarded: str, address: str) -> None:
    headers = Headers({"x-forwarded-for": forwarded} if forwarded else {})
    assert client_address({"client": (peer, 1)}, headers, (ip_network("10.0.0.0/8"),)) == address
