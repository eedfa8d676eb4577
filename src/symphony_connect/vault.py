"""Seals and opens grants. The only place that sees a plaintext token at rest's edge.

A data keyset (Tink, XAES-256-GCM) seals; it rests in the database, itself wrapped by the master key,
which does not. Every sealed value is bound to workspace, brand, platform and field: copied to
another row it does not open.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import tink
from tink import aead, proto_keyset_format, secret_key_access
from tink.proto import aes_gcm_pb2, tink_pb2

from symphony_connect.config import Settings
from symphony_connect.errors import ConfigError, SymphonyError
from symphony_connect.model import Grant, Secret
from symphony_connect.store.db import Store

aead.register()

KEYSET_BINDING = b"symphony-connect keyset"
EXAMPLE_KEYS = frozenset({bytes(32), b"0" * 32, b"x" * 32, bytes(range(32)), b"changeme" * 4})
KMS_SCHEMES = ("aws-kms://", "gcp-kms://")


class Unreadable(SymphonyError):
    """A sealed value does not open: another key sealed it, or it was moved or altered."""


@dataclass(frozen=True)
class Binding:
    """Where a sealed value belongs; it opens nowhere else."""

    workspace_id: str
    brand_id: int
    platform: str
    field: str

    def associated_data(self) -> bytes:
        return f"{self.workspace_id}|{self.brand_id}|{self.platform}|{self.field}".encode()


class Vault:
    """Opened once at the start; safe to share between tasks."""

    def __init__(self, keyset: tink.KeysetHandle) -> None:
        self._aead = keyset.primitive(aead.Aead)

    def seal(self, binding: Binding, value: Any) -> bytes:
        """`value` is anything JSON can hold."""
        sealed: bytes = self._aead.encrypt(msgspec.json.encode(value), binding.associated_data())
        return sealed

    def open(self, binding: Binding, sealed: bytes) -> Any:
        """Raises Unreadable."""
        try:
            return msgspec.json.decode(self._aead.decrypt(bytes(sealed), binding.associated_data()))
        except tink.TinkError as error:
            raise Unreadable(f"the sealed {binding.field} of brand {binding.brand_id} does not open") from error

    def seal_grant(self, binding: Binding, grant: Grant) -> bytes:
        return self.seal(binding, plain(grant))

    def open_grant(self, binding: Binding, sealed: bytes) -> Grant:
        """Raises Unreadable."""
        return grant_of(self.open(binding, sealed))


def plain(grant: Grant) -> dict[str, Any]:
    """A grant as JSON can hold it: for sealing, and for nothing else."""
    plain = {name: getattr(grant, name) for name in Grant.__dataclass_fields__}
    plain["access_token"] = grant.access_token.reveal()
    plain["refresh_token"] = grant.refresh_token.reveal() if grant.refresh_token else None
    return plain


def grant_of(plain: dict[str, Any]) -> Grant:
    """The grant that `plain` took apart."""
    refresh_token, scopes = plain["refresh_token"], plain["scopes"]
    return Grant(
        **{
            **plain,
            "access_token": Secret(plain["access_token"]),
            "refresh_token": Secret(refresh_token) if refresh_token else None,
            "scopes": None if scopes is None else tuple(scopes),
        }
    )


async def open_vault(store: Store, settings: Settings) -> Vault:
    """Unwrap the installation's keyset, making it first where there is none.

    Raises ConfigError when the master key is missing, malformed or not the one that wrapped the keyset.
    """
    masters = master_keys(settings)
    row = await _keyset(store)
    if row is None:
        wrapped = _wrap(tink.new_keyset_handle(aead.aead_key_templates.XAES_256_GCM_192_BIT_NONCE), masters[0])
        async with store.writing() as session:
            await session.run("keyset_add", wrapped=wrapped, at=settings.clock())
        # Another process may have been first: what the store holds now is everybody's.
        row = await _keyset(store)
    assert row is not None
    return Vault(_unwrap(bytes(row["wrapped"]), masters))


async def _keyset(store: Store) -> Any:
    async with store.reading() as session:
        return await session.one("keyset")


def _wrap(keyset: tink.KeysetHandle, master: aead.Aead) -> bytes:
    wrapped: bytes = proto_keyset_format.serialize_encrypted(keyset, master, KEYSET_BINDING)
    return wrapped


def _unwrap(wrapped: bytes, masters: list[aead.Aead]) -> tink.KeysetHandle:
    for master in masters:
        try:
            return proto_keyset_format.parse_encrypted(wrapped, master, KEYSET_BINDING)
        except tink.TinkError:
            continue
    raise ConfigError(
        "SYMPHONY_MASTER_KEY does not open this database's keys. "
        "Set the master key that was in use when the database was made."
    )


def master_keys(settings: Settings) -> list[aead.Aead]:
    """The configured master keys; the first seals, all open. Raises ConfigError."""
    text = settings.master_key
    if text.startswith(KMS_SCHEMES):
        return [_kms(text)]
    if text:
        return [_master(raw) for raw in _decoded(text, settings.production)]
    if settings.production:
        raise ConfigError(
            "SYMPHONY_MASTER_KEY is missing. Make one with: "
            "python3 -c 'import base64,os; print(base64.b64encode(os.urandom(32)).decode())' "
            "and keep it outside the database's backups."
        )
    return [_master(_own_key(settings.data_dir / "master.key"))]


def _decoded(text: str, production: bool) -> list[bytes]:
    keys = []
    for part in text.split(","):
        try:
            raw = base64.b64decode(part.strip(), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32:
            raise ConfigError("SYMPHONY_MASTER_KEY must be base64 of exactly 32 bytes (or a comma list of such).")
        if production and (raw in EXAMPLE_KEYS or len(set(raw)) < 8):
            raise ConfigError("SYMPHONY_MASTER_KEY is an example key; make a random one.")
        keys.append(raw)
    return keys


def _own_key(path: Path) -> bytes:
    """Development only: a key of its own, readable by its owner alone."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
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
        return _decoded(path.read_text(encoding="ascii"), production=False)[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The master key file {path} cannot be read or made: {error}") from error


def _master(raw: bytes) -> aead.Aead:
    """A raw 32-byte key as a Tink primitive (AES-256-GCM without prefix)."""
    key = aes_gcm_pb2.AesGcmKey(version=0, key_value=raw)
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesGcmKey",
        value=key.SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    entry = tink_pb2.Keyset.Key(key_data=data, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW)
    keyset = tink_pb2.Keyset(primary_key_id=1, key=[entry]).SerializeToString()
    return proto_keyset_format.parse(keyset, secret_key_access.TOKEN).primitive(aead.Aead)


def _kms(uri: str) -> aead.Aead:
    """A key that never leaves a key management service. Credentials are the environment's own."""
    try:
        if uri.startswith("aws-kms://"):
            from tink.integration import awskms

            client = awskms.new_client(key_uri=uri)
        else:
            from tink.integration import gcpkms

            client = gcpkms.GcpKmsClient(uri, None)
    except ImportError as error:
        extra = "aws" if uri.startswith("aws") else "gcp"
        raise ConfigError(
            f"SYMPHONY_MASTER_KEY names a KMS, whose client is not installed: pip install 'symphony-connect[{extra}]'"
        ) from error
    return client.get_aead(uri)
