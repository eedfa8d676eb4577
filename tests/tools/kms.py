"""AWS KMS as a look-alike server (moto), so that the real client speaks to it over real HTTP."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from tests.tools.process import Process, clean_env
from tests.tools.wait import free_port

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


class Kms:
    """`env` is what a service needs to reach it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = Process("kms", command, folder / "kms.log", clean_env(**CREDENTIALS), folder)
        self.env = {**CREDENTIALS, "AWS_ENDPOINT_URL": self.url}

    def start(self) -> None:
        self.process.start(f"{self.url}/moto-api/")

    def close(self) -> None:
        self.process.kill()

    def new_key(self) -> str:
        """The URI of a fresh key, as SYMPHONY_MASTER_KEY takes it."""
        request = Request(
            self.url,
            b"{}",
            {
                "X-Amz-Target": "TrentService.CreateKey",
                "Content-Type": "application/x-amz-json-1.1",
                "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/eu-central-1/kms/aws4_request",
            },
        )
        with urlopen(request, timeout=10) as answer:
            arn: str = json.load(answer)["KeyMetadata"]["Arn"]
        return f"aws-kms://{arn}"
