-- name: stray_add(id, workspace_id, platform, identity_id, flow_id, brand_id, sealed, created_at, due_at)!
INSERT INTO strays (id, workspace_id, platform, identity_id, flow_id, brand_id, sealed, created_at, due_at)
VALUES (:id, :workspace_id, :platform, :identity_id, :flow_id, :brand_id, :sealed, :created_at, :due_at);

-- name: stray_of_flow(flow_id)^
SELECT id, workspace_id, platform, identity_id, flow_id, sealed, created_at FROM strays WHERE flow_id = :flow_id;

-- name: stray_known(id, identity_id, sealed)!
UPDATE strays SET identity_id = :identity_id, sealed = :sealed WHERE id = :id;

-- name: stray_used(flow_id)!
-- Its grant is a connection's now, or a page's.
DELETE FROM strays WHERE flow_id = :flow_id;

-- name: strays_of_brand(workspace_id, brand_id)
SELECT id, workspace_id, platform, identity_id, flow_id, sealed, created_at FROM strays
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id;

-- name: strays_hasten(workspace_id, platform, now)!
-- No workspace, no platform: all of them.
UPDATE strays SET due_at = :now
 WHERE due_at > :now
   AND (CAST(:workspace_id AS TEXT) IS NULL OR workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR platform = :platform);

-- name: strays_left(now)^
SELECT 1 AS one FROM strays WHERE due_at <= :now LIMIT 1;

-- name: untold(platform, now, most)^
-- How many grants the platform is to be told of now, of ended connections too; counted up to `most`.
SELECT COUNT(*) AS count
  FROM (SELECT 1 FROM strays WHERE platform = :platform AND due_at <= :now
        UNION ALL
        SELECT 1 FROM grants g JOIN connections c ON c.id = g.connection_id
         WHERE g.slot = 'revoking' AND g.sealed_at <= :now AND c.platform = :platform
         LIMIT :most) AS due;

-- name: strays_claim(platform, now, until, most)
-- One process at a time tells the platform of one.
UPDATE strays SET due_at = :until
 WHERE id IN (SELECT id FROM strays WHERE platform = :platform AND due_at <= :now ORDER BY due_at LIMIT :most)
   AND due_at <= :now
RETURNING id, workspace_id, platform, identity_id, flow_id, sealed, created_at;

-- name: stray_person_busy(id, platform, identity_id, since, now)^
-- Whether this person may be about to have a good grant: a sign-in under way, a token that a page may register, a
-- renewal whose answer another process may still bring, or a grant that waits for its platform and may be anybody's.
SELECT 1 AS one FROM strays
 WHERE platform = :platform AND identity_id = :identity_id AND id <> :id AND flow_id IS NOT NULL AND created_at > :since
UNION ALL
SELECT 1 FROM handed_over WHERE platform = :platform AND identity_id = :identity_id AND expires_at > :now
UNION ALL
SELECT 1 FROM connections
 WHERE platform = :platform AND identity_id = :identity_id
   AND status = 'needs_reconnect' AND reason = 'outcome_unknown' AND status_at > :since
UNION ALL
SELECT 1 FROM grants g JOIN connections c ON c.id = g.connection_id
 WHERE g.slot = 'pending' AND c.platform = :platform
 LIMIT 1;

-- name: stray_later(id, identity_id, at)!
UPDATE strays SET identity_id = :identity_id, due_at = :at WHERE id = :id;

-- name: stray_delete(id)!
DELETE FROM strays WHERE id = :id;
