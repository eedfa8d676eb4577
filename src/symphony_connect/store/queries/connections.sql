-- name: connection(workspace_id, brand_id, platform)^
SELECT * FROM connections
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id AND platform = :platform
   AND status <> 'disconnected';

-- name: connection_by_id(id)^
SELECT * FROM connections WHERE id = :id;

-- name: token_read(hash, now, brand_id, platform)^
-- Everything a token read needs, in one statement, so that a revoked key, a disconnected brand or a
-- renewed grant counts at once on every replica.
SELECT k.id AS key_id, k.workspace_id AS key_workspace_id, k.kind AS key_kind,
       k.scopes AS key_scopes, k.origins AS key_origins,
       b.brand_id AS known_brand_id, c.*, g.sealed
  FROM api_keys k
  LEFT JOIN brands b ON b.workspace_id = k.workspace_id AND b.brand_id = :brand_id
  LEFT JOIN connections c
         ON c.workspace_id = k.workspace_id AND c.brand_id = :brand_id AND c.platform = :platform
        AND c.status <> 'disconnected'
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'live'
 WHERE k.hash = :hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now);

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

-- name: grant_to_revoke(connection_id)!
-- From here on nobody is served this grant; it waits only for the platform to be told.
UPDATE grants SET slot = 'revoking' WHERE connection_id = :connection_id AND slot = 'live';

-- name: connection_add(id, workspace_id, brand_id, platform, status, at)!
INSERT INTO connections (id, workspace_id, brand_id, platform, status, status_at, created_at)
VALUES (:id, :workspace_id, :brand_id, :platform, :status, :at, :at);

-- name: connection_status(id, status, reason, at, due_at)!
UPDATE connections SET status = :status, reason = :reason, status_at = :at, due_at = :due_at WHERE id = :id;

-- name: connection_granted(id, identity_id, identity_name, scopes, missing_scopes, issued_at, expires_at, refresh_expires_at, data_access_expires_at, verified_at, renewed_at)!
-- What the platform says of the grant that is live now.
UPDATE connections
   SET identity_id = :identity_id, identity_name = :identity_name,
       scopes = :scopes, missing_scopes = :missing_scopes,
       issued_at = :issued_at, expires_at = :expires_at, refresh_expires_at = :refresh_expires_at,
       data_access_expires_at = :data_access_expires_at,
       verified_at = :verified_at, renewed_at = :renewed_at
 WHERE id = :id;

-- name: connection_ad_accounts(id, ad_accounts, at)!
UPDATE connections SET ad_accounts = :ad_accounts, ad_accounts_at = :at WHERE id = :id;

-- name: connection_selected(id, selected)!
UPDATE connections SET selected = :selected WHERE id = :id;

-- name: connection_announced(id, days)!
UPDATE connections SET announced_days = :days WHERE id = :id;

-- name: connection_due(id, due_at, attempts)!
UPDATE connections SET due_at = :due_at, attempts = :attempts WHERE id = :id;

-- name: lease_take(id, now, until)^
-- One holder at a time; every taking raises the fence, so that a holder that slept past its lease
-- finds its number stale when it comes to write.
UPDATE connections SET lease_until = :until, fence = fence + 1
 WHERE id = :id AND status <> 'disconnected' AND (lease_until IS NULL OR lease_until <= :now)
RETURNING fence;

-- name: lease_held(id, fence)^
-- The first statement of every write after an upstream call: nothing when somebody else took over.
UPDATE connections SET lease_until = NULL
 WHERE id = :id AND fence = :fence AND status <> 'disconnected'
RETURNING id;

-- name: lease_break(id)^
-- For a tombstone: whoever holds the lease will find its fence stale.
UPDATE connections SET lease_until = NULL, fence = fence + 1
 WHERE id = :id AND status <> 'disconnected'
RETURNING id;

-- name: siblings(platform, identity_id, id)
-- Other living connections behind the same person, in every workspace: the platform has one app.
SELECT * FROM connections
 WHERE platform = :platform AND identity_id = :identity_id AND id <> :id AND status <> 'disconnected';

-- name: siblings_lock(platform, identity_id)
-- Rows of one identity are written together, so that two disconnects cannot each take the other for alive.
UPDATE connections SET fence = fence
 WHERE platform = :platform AND identity_id = :identity_id AND status <> 'disconnected'
RETURNING id;

-- name: siblings_due(platform, identity_id, id, now)!
-- Ask after the others soon: what happened to one may have happened to all.
UPDATE connections SET due_at = :now, verified_at = NULL
 WHERE platform = :platform AND identity_id = :identity_id AND id <> :id
   AND status IN ('connected', 'expiring');

-- name: rotation_begin(connection_id, fence, at)!
INSERT INTO rotations (connection_id, fence, started_at) VALUES (:connection_id, :fence, :at)
ON CONFLICT (connection_id) DO UPDATE SET fence = excluded.fence, started_at = excluded.started_at;

-- name: rotation(connection_id)^
SELECT fence, started_at FROM rotations WHERE connection_id = :connection_id;

-- name: rotation_end(connection_id)!
DELETE FROM rotations WHERE connection_id = :connection_id;

-- name: revocations_left(before, most)
-- Disconnected here, but a crash came before the platform was told.
SELECT c.*, g.sealed FROM grants g JOIN connections c ON c.id = g.connection_id
 WHERE g.slot = 'revoking' AND c.status_at < :before LIMIT :most;
