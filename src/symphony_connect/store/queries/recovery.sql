-- name: to_confirm(after, most)
-- Connections that a backup brought back as served, or as waiting for their platform.
SELECT * FROM connections
 WHERE status IN ('connected', 'expiring', 'unverified') AND id > :after
 ORDER BY id LIMIT :most;

-- name: connect_links_end(at)
UPDATE connect_sessions SET ended_at = :at WHERE ended_at IS NULL AND expires_at > :at RETURNING id;

-- name: flows_destroy(workspace_id, platform)!
-- Sign-ins under way hold tokens too. No workspace, no platform: all of them.
DELETE FROM flows
 WHERE (CAST(:workspace_id AS TEXT) IS NULL OR workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR platform = :platform);

-- name: handed_over_destroy(workspace_id, platform)!
DELETE FROM handed_over
 WHERE (CAST(:workspace_id AS TEXT) IS NULL OR workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR platform = :platform);

-- name: dashboard_sessions_destroy()!
DELETE FROM dashboard_sessions;

-- name: dashboard_links_destroy()!
DELETE FROM dashboard_links;

-- name: holding(workspace_id, platform, after, most)
-- Connections that live or still hold a token, and that token if they are buried already.
SELECT c.*, w.name AS workspace, g.sealed AS buried
  FROM connections c
  JOIN workspaces w ON w.id = c.workspace_id
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'revoking'
 WHERE (CAST(:workspace_id AS TEXT) IS NULL OR c.workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR c.platform = :platform)
   AND (c.status <> 'disconnected' OR g.sealed IS NOT NULL)
   AND c.id > :after
 ORDER BY c.id LIMIT :most;
