-- name: keyset()^
-- The wrapped data keys of this installation.
SELECT wrapped, updated_at, rows_bound FROM vault_keysets WHERE id = 1;

-- name: keyset_add(wrapped, at)!
INSERT INTO vault_keysets (id, wrapped, updated_at, rows_bound) VALUES (1, :wrapped, :at, 1) ON CONFLICT (id) DO NOTHING;

-- name: keyset_replace(wrapped, at)!
-- Who changes the keys seals everything again, each value bound to its row.
UPDATE vault_keysets SET wrapped = :wrapped, updated_at = :at, rows_bound = 1 WHERE id = 1;
