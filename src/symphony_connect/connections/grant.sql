-- name: grant_sealed(connection_id, slot)^
SELECT sealed, sealed_at, replaces FROM grants WHERE connection_id = :connection_id AND slot = :slot;

-- name: grant_put(connection_id, slot, sealed, at, replaces)!
INSERT INTO grants (connection_id, slot, sealed, sealed_at, replaces)
VALUES (:connection_id, :slot, :sealed, :at, :replaces)
ON CONFLICT (connection_id, slot)
DO UPDATE SET sealed = excluded.sealed, sealed_at = excluded.sealed_at, replaces = excluded.replaces;

-- name: grant_delete(connection_id, slot)!
DELETE FROM grants WHERE connection_id = :connection_id AND slot = :slot;

-- name: grants_delete(connection_id)!
DELETE FROM grants WHERE connection_id = :connection_id;
