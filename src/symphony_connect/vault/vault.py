"""Seals and opens grants. Tokens are in plain text only between here and the caller.

The keyset (`keyset.py`) seals. It is stored in the database, encrypted by the master key, which is not.
Every sealed value is bound to the place it belongs to: copied to another row it does not open.

Keys change while servers run (docs/decisions/0024-key-rotation.md). So the vault reads the current key in
the same transaction that stores the sealed value, and reads the keyset again when a value does not open.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import msgspec
import tink
from prometheus_client import Counter
from tink import aead

from symphony_connect.base.config import Settings
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.base.model import Grant, Secret
from symphony_connect.store.db import Store, Transaction
from symphony_connect.vault import keyset, sql
from symphony_connect.vault.keyset import Keyset
from symphony_connect.vault.master_keys import KeysUnavailable, master_keys


class Unreadable(SymphonyError):
    """A sealed value does not open: it was sealed by another key, moved to another row, or changed."""


class Binding(NamedTuple):
    """Where a sealed value belongs; it opens nowhere else.

    `row` is the key of the value's row. A connection's grant also belongs to its brand; of every other value
    `brand_id` is 0.
    """

    workspace_id: str
    brand_id: int
    platform: str
    field: str
    row: str = ""

    def associated_data(self) -> bytes:
        parts = [self.workspace_id, str(self.brand_id), self.platform, self.field, *([self.row] if self.row else [])]
        return "|".join(parts).encode()

    @property
    def rowless(self) -> Binding:
        """How a grant is bound until its installation's keys were changed by this version: to brand and platform."""
        return self._replace(row="") if self.brand_id else self


class Tokens(msgspec.Struct):
    """What a token read needs of a grant; the rest of it is passed over."""

    access_token: Secret
    refresh_token: Secret | None


_TOKENS = msgspec.json.Decoder(Tokens, dec_hook=lambda kind, text: kind(text))

FAILURES = Counter("symphony_vault_failures_total", "Sealed tokens and keys that did not open", ["kind"])
"""`unreadable`: a sealed token; `keys`: the keys themselves, by this process's master key."""


class Vault:
    """Opened once at the start (`open_vault`); safe to share between tasks."""

    def __init__(self, store: Store, masters: list[aead.Aead], wrapped: bytes, keys: Keyset) -> None:
        self.masters = masters
        self._store = store
        self._wrapped = wrapped
        self._aeads: tuple[aead.Aead, ...] = (keys.primitive,)
        self._turn = asyncio.Lock()

    async def seal(self, tx: Transaction, binding: Binding, value: Any) -> bytes:
        """`value` is anything JSON can hold; `tx` is the transaction that stores the result.

        Until that transaction ends, re-keying cannot remove the key. Raises KeysUnavailable.
        """
        row = await tx.one(sql.keyset_shared)
        assert row is not None
        current = await self._taken(bytes(row["wrapped"]))
        # Processes of an older version may still have to open it.
        place = binding if row["rows_bound"] else binding.rowless
        sealed: bytes = current.encrypt(msgspec.json.encode(value), place.associated_data())
        return sealed

    async def open(self, binding: Binding, sealed: bytes) -> Any:
        """Reads the stored keyset only if the known keys do not open it. Raises Unreadable or KeysUnavailable."""
        opened = self._opened(binding, sealed)
        if opened is None:
            await self._look_again()
            opened = self._opened(binding, sealed)
        if opened is None:
            FAILURES.labels("unreadable").inc()
            of = f"brand {binding.brand_id}" if binding.brand_id else f"row {binding.row}"
            raise Unreadable(f"the sealed {binding.field} of {of} does not open")
        return msgspec.json.decode(opened)

    async def seal_grant(self, tx: Transaction, binding: Binding, grant: Grant) -> bytes:
        """As `seal`."""
        return await self.seal(tx, binding, plain(grant))

    async def open_grant(self, binding: Binding, sealed: bytes) -> Grant:
        """As `open`."""
        return grant_of(await self.open(binding, sealed))

    def open_tokens_now(self, binding: Binding, sealed: bytes) -> Tokens | None:
        """A grant's tokens, without a look at the store: None where the known keys do not open it."""
        opened = self._opened(binding, sealed)
        return None if opened is None else _TOKENS.decode(opened)

    def opens(self, binding: Binding, sealed: bytes) -> bool:
        """Whether the known keys open it, bound exactly so; the store is not read."""
        return self._opened_at(binding, sealed) is not None

    def _opened(self, binding: Binding, sealed: bytes) -> bytes | None:
        """No value bound the older way is left once the keys have been changed: the second try then opens nothing."""
        opened = self._opened_at(binding, sealed)
        return self._opened_at(binding.rowless, sealed) if opened is None and binding.brand_id else opened

    def _opened_at(self, binding: Binding, sealed: bytes) -> bytes | None:
        place = binding.associated_data()
        for one in self._aeads:
            try:
                opened: bytes = one.decrypt(bytes(sealed), place)
                return opened
            except tink.TinkError:
                continue
        return None

    async def _look_again(self) -> None:
        wrapped = await _stored(self._store)
        assert wrapped is not None
        await self._taken(wrapped)

    async def _taken(self, wrapped: bytes) -> aead.Aead:
        """The primitive of the stored keyset, decrypted only when the keyset has changed."""
        async with self._turn:
            if wrapped == self._wrapped:
                return self._aeads[0]
            try:
                keys = await asyncio.to_thread(keyset.unwrap, wrapped, self.masters)
            except (ConfigError, KeysUnavailable) as error:
                FAILURES.labels("keys").inc()
                if isinstance(error, KeysUnavailable):
                    raise
                raise KeysUnavailable(
                    f"The keyset was encrypted with another master key, which this process does not have: {error}"
                ) from error
            # A value may have been read just before re-keying removed its key.
            self._wrapped, self._aeads = wrapped, (keys.primitive, self._aeads[0])
            return keys.primitive


def plain(grant: Grant) -> dict[str, Any]:
    """A grant as plain JSON values, with its tokens. Only for sealing."""
    plain = {name: getattr(grant, name) for name in Grant.__dataclass_fields__ if name != "holder"}
    plain["access_token"] = grant.access_token.reveal()
    plain["refresh_token"] = grant.refresh_token.reveal() if grant.refresh_token else None
    return plain


def grant_of(plain: dict[str, Any]) -> Grant:
    """The grant that `plain` turned into JSON values."""
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
    """Open the installation's vault; the first time, make its keyset.

    Raises ConfigError when the master key is missing, malformed or not the one that wrapped the keyset,
    KeysUnavailable when its service cannot be asked.
    """
    masters = master_keys(settings)
    if await _stored(store) is None:
        made = await asyncio.to_thread(keyset.new().wrapped, masters[0])
        async with store.writing() as tx:
            # Another process may have been first: then its keyset is used by all.
            await tx.run(sql.keyset_add, wrapped=made, at=settings.clock())
    return await opened_vault(store, masters)


async def opened_vault(store: Store, masters: list[aead.Aead]) -> Vault:
    """A vault with the stored keyset. Raises the same errors as `open_vault`."""
    wrapped = await _stored(store)
    assert wrapped is not None
    return Vault(store, masters, wrapped, await asyncio.to_thread(keyset.unwrap, wrapped, masters))


async def _stored(store: Store) -> bytes | None:
    async with store.reading() as tx:
        row = await tx.one(sql.keyset)
    return bytes(row["wrapped"]) if row else None
