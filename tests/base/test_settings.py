"""Settings keep what is secret, and refuse what was not meant."""

from __future__ import annotations

import base64

from symphony_connect.base import config

KEY = base64.b64encode(b"a master key of thirty-two bytes").decode()


def test_settings_do_not_show_what_is_secret() -> None:
    settings = config.load(
        {"SYMPHONY_MASTER_KEY": KEY, "SYMPHONY_DATABASE_URL": "postgresql://symphony:hidden@db.example/symphony"}
    )
    shown = repr(settings) + str(settings) + repr(vars(settings)) + repr(settings.env)
    assert KEY not in shown
    assert "hidden" not in shown
    assert "127.0.0.1:8080" in shown
    assert settings.master_key.reveal() == KEY
