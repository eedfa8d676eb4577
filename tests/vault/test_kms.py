"""A master key that stays inside AWS KMS: real client, real HTTP, a look-alike for the service."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools import preloaded
from tests.tools.installation import environment, master_key
from tests.tools.kms import Kms
from tests.tools.process import CLI, clean_env


@pytest.fixture(scope="module")
def kms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    running = Kms(tmp_path_factory.mktemp("kms"))
    running.start()
    yield running
    running.close()


def installation(tmp_path: Path, master: str, kms: Kms) -> dict[str, str]:
    return environment(f"sqlite:///{tmp_path}/symphony.db", tmp_path, master, **kms.env)


def cli(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return preloaded.run([CLI, *arguments], clean_env(**env))


def rotated(env: dict[str, str]) -> dict[str, object]:
    done = cli(env, "vault", "rotate", "--json")
    assert done.returncode == 0, done.stderr
    output: dict[str, object] = json.loads(done.stdout)
    assert output["removed"] is True
    return output


def test_a_kms_key_wraps_and_rotates(kms: Kms, tmp_path: Path) -> None:
    env = installation(tmp_path, kms.new_key(), kms)
    assert cli(env, "doctor", "--offline").returncode == 0
    assert rotated(env)["proven"] == 0
    assert cli(env, "doctor", "--offline").returncode == 0


def test_from_a_key_of_ones_own_to_kms_and_back(kms: Kms, tmp_path: Path) -> None:
    own, uri = master_key(), kms.new_key()
    for before, after in ((own, uri), (uri, master_key())):
        assert cli(installation(tmp_path, before, kms), "migrate").returncode == 0
        assert cli(installation(tmp_path, before, kms), "doctor", "--offline").returncode == 0
        rotated(installation(tmp_path, f"{after},{before}", kms))
        assert cli(installation(tmp_path, after, kms), "doctor", "--offline").returncode == 0
        refused = cli(installation(tmp_path, before, kms), "doctor", "--offline")
        assert refused.returncode == 1
        assert "SYMPHONY_MASTER_KEY does not open this database's keys" in refused.stdout


def test_from_one_kms_key_to_another(kms: Kms, tmp_path: Path) -> None:
    old, new = kms.new_key(), kms.new_key()
    assert cli(installation(tmp_path, old, kms), "doctor", "--offline").returncode == 0
    rotated(installation(tmp_path, f"{new},{old}", kms))
    assert cli(installation(tmp_path, new, kms), "doctor", "--offline").returncode == 0


def one_sentence(done: subprocess.CompletedProcess[str], code: int, words: str) -> None:
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def found_bad(done: subprocess.CompletedProcess[str], words: str) -> None:
    """`doctor` names it in a line of its own, and makes nothing."""
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("✗") and words in line], done.stdout
    assert done.stderr == ""


def test_a_kms_out_of_reach_is_said_in_a_sentence(kms: Kms, tmp_path: Path) -> None:
    env = installation(tmp_path, kms.new_key(), kms)
    rotated(env)
    assert cli(env, "doctor", "--offline").returncode == 0
    away = {**env, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    one_sentence(cli(away, "serve"), 1, "AWS KMS cannot unwrap the keys: Could not connect")
    found_bad(cli(away, "doctor"), "Vault  AWS KMS cannot unwrap the keys: Could not connect")
    assert cli(env, "doctor", "--offline").returncode == 0


def test_a_key_that_is_not_there_is_said_in_a_sentence(kms: Kms, tmp_path: Path) -> None:
    uri = kms.new_key()
    gone = uri[:-4] + ("0000" if not uri.endswith("0000") else "1111")
    found_bad(cli(installation(tmp_path, gone, kms), "doctor"), "AWS KMS cannot wrap the keys")


@pytest.mark.parametrize("uri", ["aws-kms://", "aws-kms://key", "aws-kms://arn:aws:s3:::bucket", "aws-kms://alias/x"])
def test_a_malformed_uri_is_said_in_a_sentence(kms: Kms, tmp_path: Path, uri: str) -> None:
    found_bad(cli(installation(tmp_path, uri, kms), "doctor"), "SYMPHONY_MASTER_KEY holds a malformed KMS URI")
