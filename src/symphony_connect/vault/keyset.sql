-- name: keyset()^
-- The wrapped data keys of this installation.
SELECT wrapped, updated_at FROM vault_keysets WHERE id = 1;

-- name: keyset_add(wrapped, at)!
INSERT INTO vault_keysets (id, wrapped, updated_at) VALUES (1, :wrapped, :at) ON CONFLICT (id) DO NOTHING;

-- name: keyset_replace(wrapped, at)!
UPDATE vault_keysets SET wrapped = :wrapped, updated_at = :at WHERE id = 1;
