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
