-- name: dashboard_link_add(hash, workspace_id, expires_at)!
INSERT INTO dashboard_links (hash, workspace_id, expires_at) VALUES (:hash, :workspace_id, :expires_at);

-- name: dashboard_link(hash, now)^
SELECT w.name AS workspace_name
  FROM dashboard_links l JOIN workspaces w ON w.id = l.workspace_id
 WHERE l.hash = :hash AND l.expires_at > :now;

-- name: dashboard_link_spend(hash, now)^
-- Once: whoever deletes the row is let in.
DELETE FROM dashboard_links WHERE hash = :hash AND expires_at > :now RETURNING workspace_id;

-- name: dashboard_links_forget(now)!
DELETE FROM dashboard_links WHERE expires_at <= :now;

-- name: dashboard_session_add(hash, workspace_id, key_id, at, expires_at)!
INSERT INTO dashboard_sessions (hash, workspace_id, key_id, created_at, expires_at)
VALUES (:hash, :workspace_id, :key_id, :at, :expires_at);

-- name: dashboard_session(hash, now, keys_now)^
-- Who is at the dashboard, and whether anything tends its connections. A revoked key ends its sessions.
SELECT s.workspace_id, w.name AS workspace_name, s.key_id, k.name AS key_name, k.scopes,
       (SELECT MAX(at) FROM heartbeats) AS beat
  FROM dashboard_sessions s
  JOIN workspaces w ON w.id = s.workspace_id
  LEFT JOIN api_keys k ON k.id = s.key_id
 WHERE s.hash = :hash AND s.expires_at > :now
   AND (s.key_id IS NULL OR (k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :keys_now)));

-- name: dashboard_session_end(hash)!
DELETE FROM dashboard_sessions WHERE hash = :hash;

-- name: dashboard_sessions_forget(now)!
DELETE FROM dashboard_sessions WHERE expires_at <= :now;

-- name: dashboard_sessions_destroy()!
DELETE FROM dashboard_sessions;

-- name: dashboard_links_destroy()!
DELETE FROM dashboard_links;
