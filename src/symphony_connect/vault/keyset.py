"""The keys that seal (Tink, XAES-256-GCM): made, added to, reduced, and wrapped by a master key.

Tink begins every sealed value with the id of the key that sealed it, so that values can be counted by
key without opening them.
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
    """One or more keys; the primary seals, all open."""

    handle: tink.KeysetHandle

    @cached_property
    def primitive(self) -> aead.Aead:
        return self.handle.primitive(aead.Aead)

    @property
    def primary(self) -> bytes:
        """How values begin that the primary key sealed."""
        return _prefix(self.handle.keyset_info().primary_key_id)

    @property
    def retired(self) -> set[bytes]:
        """How values begin that the other keys sealed."""
        return {_prefix(key.key_id) for key in self.handle.keyset_info().key_info} - {self.primary}

    def with_new_primary(self) -> Keyset:
        """A fresh key that seals from now on, beside those that were there."""
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
    """Raises ConfigError when none of the masters wrapped it, KeysUnavailable when one of them could not be asked."""
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
