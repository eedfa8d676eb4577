"""The keyset: the keys that seal tokens (Tink, XAES-256-GCM), encrypted by a master key.

Tink writes the id of the key at the start of every sealed value, so values can be counted by key
without opening them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import tink
from tink import aead, proto_keyset_format, secret_key_access
from tink.proto import tink_pb2

from symphony_connect.base.errors import ConfigError
from symphony_connect.vault.master_keys import KeysUnavailable

WRAPPING = b"symphony-connect keyset"


@dataclass(frozen=True)
class Keyset:
    """One or more keys. The primary key seals; every key can open."""

    handle: tink.KeysetHandle

    @cached_property
    def primitive(self) -> aead.Aead:
        return self.handle.primitive(aead.Aead)

    @property
    def primary(self) -> bytes:
        """The first bytes of every value that the primary key sealed."""
        return _prefix(self.handle.keyset_info().primary_key_id)

    @property
    def retired(self) -> set[bytes]:
        """The first bytes of values that the other keys sealed."""
        return {_prefix(key.key_id) for key in self.handle.keyset_info().key_info} - {self.primary}

    def with_new_primary(self) -> Keyset:
        """Adds a new key, which seals from now on; the older keys can still open."""
        keys, fresh = self._proto(), new()._proto()
        while fresh.primary_key_id in [key.key_id for key in keys.key]:
            fresh = new()._proto()
        keys.key.extend(fresh.key)
        keys.primary_key_id = fresh.primary_key_id
        return _of(keys)

    def only_primary(self) -> Keyset:
        keys = self._proto()
        kept = [key for key in keys.key if key.key_id == keys.primary_key_id]
        return _of(tink_pb2.Keyset(primary_key_id=keys.primary_key_id, key=kept))

    def wrapped(self, master: aead.Aead) -> bytes:
        """Raises KeysUnavailable."""
        wrapped: bytes = proto_keyset_format.serialize_encrypted(self.handle, master, WRAPPING)
        return wrapped

    def _proto(self) -> tink_pb2.Keyset:
        return tink_pb2.Keyset.FromString(proto_keyset_format.serialize(self.handle, secret_key_access.TOKEN))


def new() -> Keyset:
    return Keyset(tink.new_keyset_handle(aead.aead_key_templates.XAES_256_GCM_192_BIT_NONCE))


def unwrap(wrapped: bytes, masters: list[aead.Aead]) -> Keyset:
    """Raises ConfigError when no master key opens it, KeysUnavailable when a key service could not be reached."""
    unasked = None
    for master in masters:
        try:
            return Keyset(proto_keyset_format.parse_encrypted(wrapped, master, WRAPPING))
        except KeysUnavailable as error:
            unasked = error
        except tink.TinkError:
            continue
    raise unasked or ConfigError(
        "SYMPHONY_MASTER_KEY does not open this database's keys. "
        "Set the master key that was in use when the database was made."
    )


def _of(keys: tink_pb2.Keyset) -> Keyset:
    return Keyset(proto_keyset_format.parse(keys.SerializeToString(), secret_key_access.TOKEN))


def _prefix(key_id: int) -> bytes:
    return b"\x01" + key_id.to_bytes(4, "big")
