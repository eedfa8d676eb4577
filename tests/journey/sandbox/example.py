"""A sandbox in which something of everything has happened, and the addresses of its consent pages."""

from __future__ import annotations

from symphony_connect.platforms import names
from tests.tools.sandbox import Sandbox


def consent(sandbox: Sandbox, platform: str) -> str:
    """A consent page that asks for what the platform asks for where a request does not say."""
    app = sandbox.state()["platforms"][platform]["apps"][0]["id"]
    query = f"client_id={app}&app_id={app}&state=s&redirect_uri={sandbox.url}/callback"
    return f"{sandbox.dialog(platform)}?{query}"


def fill(sandbox: Sandbox) -> None:
    """Grants alive and ended, calls that went well, were refused or broke, armed faults, a switch, a newcomer."""
    for platform in names():
        errors = list(sandbox.state()["platforms"][platform]["errors"])
        sandbox.token("ada", platform)
        sandbox.token("business", platform)
        for error in (f"{platform}:{errors[len(errors) // 2]}", "http:503"):
            sandbox.fault(platform, error)
            sandbox.client.get(sandbox.dialog(platform))
        sandbox.fault(platform, "http:503", path="nowhere", times=12)
    sandbox.control("settings", {"coop": True})
    sandbox.control("people", {"name": "a-name-as-long-as-names-may-be-123456789", "adAccounts": 40})
    sandbox.person("business", "change-password")
