-- name: connections_holding_tokens(workspace_id, platform, after, most)
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
