"""The master keys. They encrypt the keyset, and are never stored in the same place.

Each is 32 bytes from the environment or a file, or a key that stays inside a key management service.
AWS KMS is tested against a server that imitates its API. Google Cloud KMS is not tested.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

import tink
from tink import aead, proto_keyset_format, secret_key_access
from tink.proto import aes_gcm_pb2, tink_pb2

from symphony_connect.base.config import Settings
from symphony_connect.base.errors import ConfigError
from symphony_connect.store.db import StoreUnavailable

aead.register()

EXAMPLE_KEYS = frozenset({bytes(32), b"0" * 32, b"x" * 32, bytes(range(32)), b"changeme" * 4})
KMS_SCHEMES = ("aws-kms://", "gcp-kms://")
AWS_TIMEOUTS = {"connect_timeout": 3, "read_timeout": 5, "retries": {"total_max_attempts": 3}}
"""Seconds. Short, so that a start without its keys fails soon."""
NOT_THIS_KEY = ("InvalidCiphertextException", "IncorrectKeyException")
"""AWS KMS error codes that mean "sealed by another key". Every other error is a problem of the service itself."""


class KeysUnavailable(StoreUnavailable):
    """The master key cannot be used now: its service cannot be reached, or refuses."""


def master_keys(settings: Settings) -> list[aead.Aead]:
    """The configured master keys. The first one encrypts the keyset; each may decrypt it. Raises ConfigError."""
    parts = [part.strip() for part in settings.master_key.reveal().split(",") if part.strip()]
    if parts:
        return [_configured(part, settings.production) for part in parts]
    if settings.production:
        raise ConfigError(
            "SYMPHONY_MASTER_KEY is missing. Make one with: "
            "python3 -c 'import base64,os; print(base64.b64encode(os.urandom(32)).decode())' "
            "and keep it outside the database's backups."
        )
    return [_raw(_own_key(settings.data_dir / "master.key"))]


def _configured(text: str, production: bool) -> aead.Aead:
    return _kms(text) if text.startswith(KMS_SCHEMES) else _raw(_decoded(text, production))


def _decoded(text: str, production: bool) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise ConfigError(
            "SYMPHONY_MASTER_KEY must be base64 of exactly 32 bytes, a KMS URI (aws-kms://arn:aws:kms:…), "
            "or a comma list of such."
        )
    if production and (raw in EXAMPLE_KEYS or len(set(raw)) < 8):
        raise ConfigError("SYMPHONY_MASTER_KEY is an example key; make a random one.")
    return raw


def _own_key(path: Path) -> bytes:
    """Development only: makes a key in a file that only its owner can read."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = path.with_name(f"{path.name}.{os.getpid()}")
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)))
            try:
                os.link(beside, path)  # fails when another process was first, whose key then counts
            except FileExistsError:
                pass
            finally:
                beside.unlink()
        return _decoded(path.read_text(encoding="ascii"), production=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The master key file {path} cannot be read or made: {error}") from error


def _raw(key_value: bytes) -> aead.Aead:
    """A raw 32-byte key as a Tink primitive (AES-256-GCM without prefix)."""
    key = aes_gcm_pb2.AesGcmKey(version=0, key_value=key_value)
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesGcmKey",
        value=key.SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    entry = tink_pb2.Keyset.Key(key_data=data, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW)
    keyset = tink_pb2.Keyset(primary_key_id=1, key=[entry]).SerializeToString()
    return proto_keyset_format.parse(keyset, secret_key_access.TOKEN).primitive(aead.Aead)


def _kms(uri: str) -> aead.Aead:
    """A key that never leaves a key management service. Credentials and endpoint are the environment's own."""
    try:
        return _Aws(uri) if uri.startswith("aws-kms://") else _gcp(uri)
    except ImportError as error:
        extra = uri.split("-", 1)[0]
        raise ConfigError(
            f"SYMPHONY_MASTER_KEY names a KMS, whose client is not installed: pip install 'symphony-connect[{extra}]'"
        ) from error
    except tink.TinkError as error:
        raise ConfigError(f"SYMPHONY_MASTER_KEY holds a malformed KMS URI, {uri!r}: {error}") from error


def _gcp(uri: str) -> aead.Aead:
    from tink.integration import gcpkms

    return gcpkms.GcpKmsClient(uri, None).get_aead(uri)


class _Aws(aead.Aead):  # type: ignore[misc]  # Tink brings no types
    """AWS KMS through Tink. It tells "sealed by another key" from "cannot be reached now"."""

    def __init__(self, uri: str) -> None:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
        from tink.integration import awskms

        region = uri.split(":")[4] if uri.count(":") >= 6 else None
        client = boto3.client("kms", region_name=region or "us-east-1", config=Config(**AWS_TIMEOUTS))
        self._aead = awskms.new_client(boto3_client=client, key_uri=uri).get_aead(uri)
        self._out_of_reach = BotoCoreError

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        try:
            sealed: bytes = self._aead.encrypt(plaintext, associated_data)
            return sealed
        except (tink.TinkError, self._out_of_reach) as error:
            raise KeysUnavailable(f"AWS KMS cannot wrap the keys: {error}") from error

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        try:
            opened: bytes = self._aead.decrypt(ciphertext, associated_data)
            return opened
        except (tink.TinkError, self._out_of_reach) as error:
            if any(code in str(error) for code in NOT_THIS_KEY):
                raise tink.TinkError("another key sealed this") from error
            raise KeysUnavailable(f"AWS KMS cannot unwrap the keys: {error}") from error
