-- name: replay_claim(id, workspace_id, sealed, now, until)^
-- Nothing when an earlier request with this name still counts.
INSERT INTO replays (id, workspace_id, sealed, expires_at) VALUES (:id, :workspace_id, :sealed, :until)
ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at
 WHERE replays.expires_at <= :now
RETURNING id;

-- name: replay(id)^
SELECT sealed FROM replays WHERE id = :id;

-- name: replay_keep(id, sealed, until)!
UPDATE replays SET sealed = :sealed, expires_at = :until WHERE id = :id;

-- name: replay_drop(id)!
DELETE FROM replays WHERE id = :id;

-- name: replays_forget(now)!
DELETE FROM replays WHERE expires_at <= :now;

-- name: sealed_replays(after, after_too, prefix, most)
-- For a change of keys, as the others in vault.sql.
SELECT id, '' AS id_too, workspace_id, 0 AS brand_id, '' AS platform, 'replay' AS field, sealed
  FROM replays
 WHERE (id, '') > (:after, :after_too) AND substr(sealed, 1, 5) <> :prefix
 ORDER BY id LIMIT :most;

-- name: reseal_replays(id, id_too, before, sealed)^
UPDATE replays SET sealed = :sealed WHERE id = :id AND '' = :id_too AND sealed = :before
RETURNING id;
