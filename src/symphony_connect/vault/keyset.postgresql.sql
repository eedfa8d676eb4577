-- name: keyset_shared()^
-- The keys as they stay until this transaction ends: whoever changes them waits for all who seal.
SELECT wrapped, rows_bound FROM vault_keysets WHERE id = 1 FOR SHARE;

-- name: keyset_locked()^
-- Waits for all who seal; they wait for the end of this transaction.
SELECT wrapped, rows_bound FROM vault_keysets WHERE id = 1 FOR UPDATE;
