"""What the demo takes from its environment, and whom its page answers."""

from __future__ import annotations

import httpx2

from symphony_connect import platforms
from tests.journey.demo.conftest import SITE, Demo
from tests.platforms.chosen import ANY
from tests.platforms.contract import setting


def test_settings_count_but_for_real_apps_keys_and_data(own_demo: Demo) -> None:
    own_demo.process.env |= {setting(ANY, "APP_ID"): "424242424242", setting(ANY, "APP_SECRET"): "real"}
    own_demo.process.env.update(
        SYMPHONY_BRANDING_NAME="Harbor Coffee",
        SYMPHONY_DATABASE_URL="postgresql://u:hidden@127.0.0.1:9/x",
        SYMPHONY_MASTER_KEY_FILE="nowhere.key",
    )
    own_demo.start()
    said = own_demo.process.log_text()
    for name in (setting(ANY, "APP_ID"), "SYMPHONY_DATABASE_URL", "SYMPHONY_MASTER_KEY_FILE"):
        assert name in said
    assert "SYMPHONY_BRANDING_NAME" not in said
    assert "hidden" not in said
    service = f"http://127.0.0.1:{own_demo.port}"
    key = own_demo.printed(r"Publishable key\s+(sym_pk_\w+)")
    where = {"origin": "http://localhost:3999", "nonce": "n" * 43, "mode": "login", "key": key}
    started = httpx2.get(f"{service}/oauth/{ANY}/start", params=where, trust_env=False)
    assert started.status_code == 303, "a page on another port of this machine may use the SDK"
    assert platforms.sandbox_settings(service)[setting(ANY, "APP_ID")] in started.headers["location"]
    site = own_demo.printed(SITE)
    secret = own_demo.printed(r"Secret key\s+(sym_sk_\w+)")
    for host in ("evil.example", f"evil.example:{site.rpartition(':')[2]}", "localhost", "localhost:1"):
        for method, path in (("GET", "/"), ("GET", "/dashboard"), ("POST", "/connect-session"), ("GET", "/brand")):
            answer = httpx2.request(method, site + path, headers={"Host": host}, trust_env=False)
            assert answer.status_code == 421, (host, path)
            assert secret not in answer.text
            assert "location" not in answer.headers
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
    ):
        for method, path in (("GET", "/dashboard"), ("POST", "/connect-session")):
            answer = httpx2.request(method, site + path, headers=headers, trust_env=False)
            assert answer.status_code == 403, (headers, path)
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": site}
    assert httpx2.post(f"{site}/connect-session", headers=ours, trust_env=False).status_code == 200
    assert httpx2.get(site, trust_env=False).status_code == 200


def test_a_misspelt_setting_ends_the_demo(own_demo: Demo) -> None:
    own_demo.process.env["SYMPHONY_BRANDING_COLOUR"] = "#1f4fd8"
    own_demo.process.start()
    assert own_demo.process.wait(60) == 2
    assert "SYMPHONY_BRANDING_COLOR" in own_demo.process.log_text()
