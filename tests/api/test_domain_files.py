"""Files by which platforms check that a domain is the operator's."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from symphony_connect.app import create_app, opened_core
from symphony_connect.base import config


@pytest.mark.parametrize("named", [True, False])
async def test_only_the_folder_s_own_files_are_answered(tmp_path: Path, named: bool) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "checkAbC_1-2.txt").write_text("site-verification=AbC")
    (folder / "check.html").write_text("<meta name='check'>")
    (folder / "large.txt").write_text("x" * 70_000)
    (folder / ".env.txt").write_text("hidden")
    (folder / "key.pem").write_text("hidden")
    (tmp_path / "secret.txt").write_text("hidden")
    env = {"SYMPHONY_DATA_DIR": str(tmp_path / "data")} | ({"SYMPHONY_DOMAIN_FILES": str(folder)} if named else {})
    settings = config.load(env)
    app = create_app(settings)
    async with opened_core(settings) as core:
        app.state.core = core
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1") as http:
            answer = await http.get("/checkAbC_1-2.txt")
            assert answer.status_code == (200 if named else 404)
            if named:
                assert answer.text == "site-verification=AbC"
                assert (await http.get("/check.html")).headers["content-type"].startswith("text/html")
            for name in ("large.txt", ".env.txt", "key.pem", "nothing.txt", "%2e%2e/secret.txt", "..%2fsecret.txt"):
                hidden = await http.get(f"/{name}")
                assert (hidden.status_code, "hidden" in hidden.text) == (404, False), name
            assert (await http.get("/healthz")).status_code == 200
