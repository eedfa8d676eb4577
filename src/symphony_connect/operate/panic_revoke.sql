-- name: connections_holding_tokens(workspace_id, platform, after, most)
-- Connections that are not ended, or whose grant is still to be revoked; and that grant.
SELECT c.*, w.name AS workspace, g.sealed AS revoking
  FROM connections c
  JOIN workspaces w ON w.id = c.workspace_id
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'revoking'
 WHERE (CAST(:workspace_id AS TEXT) IS NULL OR c.workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR c.platform = :platform)
   AND (c.status <> 'disconnected' OR g.sealed IS NOT NULL)
   AND c.id > :after
 ORDER BY c.id LIMIT :most;
