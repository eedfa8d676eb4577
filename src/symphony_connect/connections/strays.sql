-- name: stray_add(id, workspace_id, platform, identity_id, sealed, at, due_at)!
INSERT INTO strays (id, workspace_id, platform, identity_id, sealed, created_at, due_at)
VALUES (:id, :workspace_id, :platform, :identity_id, :sealed, :at, :due_at);

-- name: strays_left(now)^
SELECT 1 AS one FROM strays WHERE due_at <= :now LIMIT 1;

-- name: strays_claim(platform, now, until, most)
-- One process at a time tells the platform of one.
UPDATE strays SET due_at = :until
 WHERE id IN (SELECT id FROM strays WHERE platform = :platform AND due_at <= :now ORDER BY due_at LIMIT :most)
   AND due_at <= :now
RETURNING id, workspace_id, platform, identity_id, sealed, created_at;

-- name: stray_later(id, identity_id, at)!
UPDATE strays SET identity_id = :identity_id, due_at = :at WHERE id = :id;

-- name: stray_delete(id)!
DELETE FROM strays WHERE id = :id;
