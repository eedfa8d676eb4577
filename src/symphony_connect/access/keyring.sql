-- name: workspace_by_name(name)^
SELECT id, name FROM workspaces WHERE name = :name;

-- name: workspaces(most)
SELECT id, name FROM workspaces ORDER BY created_at LIMIT :most;

-- name: workspaces_counted()
SELECT w.id, w.name, w.created_at,
       (SELECT COUNT(*) FROM brands b WHERE b.workspace_id = w.id) AS brands,
       (SELECT COUNT(*) FROM api_keys k WHERE k.workspace_id = w.id AND k.revoked_at IS NULL) AS keys
  FROM workspaces w ORDER BY w.created_at, w.id;

-- name: workspace_holds(id)^
-- What its removal would destroy without a revocation at the platform.
SELECT (SELECT COUNT(*) FROM brands WHERE workspace_id = :id) AS brands,
       (SELECT COUNT(*) FROM connections c JOIN grants g ON g.connection_id = c.id WHERE c.workspace_id = :id)
     + (SELECT COUNT(*) FROM strays WHERE workspace_id = :id) AS grants;

-- name: workspace_add(id, name, at)!
INSERT INTO workspaces (id, name, created_at) VALUES (:id, :name, :at);

-- name: key_add(id, workspace_id, kind, hash, hint, name, scopes, origins, bounds, at, expires_at)!
INSERT INTO api_keys (id, workspace_id, kind, hash, hint, name, scopes, origins, bounds, created_at, expires_at)
VALUES (:id, :workspace_id, :kind, :hash, :hint, :name, :scopes, :origins, :bounds, :at, :expires_at);

-- name: key_by_hash(hash, now)^
SELECT id, workspace_id, kind, scopes, origins, bounds, expires_at
  FROM api_keys
 WHERE hash = :hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now);

-- name: keys_list()
SELECT k.id, w.name AS workspace, k.kind, k.hint, k.name, k.scopes, k.origins, k.bounds,
       k.created_at, k.expires_at, k.revoked_at
  FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id
 ORDER BY k.created_at, k.id;

-- name: keys_of_workspace(workspace_id, after, most)
-- In the order of their making: ids sort by it. Those that were revoked long ago too.
SELECT id, kind, hint, name, scopes, origins, bounds, created_at, expires_at, revoked_at, used_at
  FROM api_keys
 WHERE workspace_id = :workspace_id AND id > :after
 ORDER BY id LIMIT :most;

-- name: key_of_workspace(workspace_id, id)^
SELECT bounds FROM api_keys WHERE workspace_id = :workspace_id AND id = :id AND revoked_at IS NULL;

-- name: key_revoke(id, at)^
UPDATE api_keys SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL RETURNING id;

-- name: keys_with_origins(workspace_id)
SELECT origins FROM api_keys
 WHERE revoked_at IS NULL AND kind = 'publishable' AND origins <> '[]'
   AND (CAST(:workspace_id AS TEXT) IS NULL OR workspace_id = :workspace_id);

-- name: key_revoke_in(workspace_id, id, at)^
UPDATE api_keys SET revoked_at = :at
 WHERE workspace_id = :workspace_id AND id = :id AND revoked_at IS NULL RETURNING id;

-- name: keys_living(workspace_id, now)^
-- Of one workspace, or of all.
SELECT COUNT(*) AS count FROM api_keys
 WHERE (:workspace_id = '' OR workspace_id = :workspace_id) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now);
