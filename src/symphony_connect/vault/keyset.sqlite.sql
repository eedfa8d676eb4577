-- name: keyset_shared()^
-- The keys as they stay until this transaction ends: SQLite has one writer at a time.
SELECT wrapped, rows_bound FROM vault_keysets WHERE id = 1;

-- name: keyset_locked()^
SELECT wrapped, rows_bound FROM vault_keysets WHERE id = 1;
