-- name: dashboard_last_links(workspace_id, asked)
-- The newest connect link of each pair of brand and platform in `asked` (JSON), for a page of connections.
SELECT json_extract(q.value, '$.id') AS connection_id, s.created_at, s.opened_at, s.expires_at, s.ended_at, s.used
  FROM json_each(:asked) q
  JOIN connect_sessions s ON s.id = (
       SELECT n.id FROM connect_sessions n
        WHERE n.workspace_id = :workspace_id AND n.brand_id = json_extract(q.value, '$.brand')
          AND n.platforms LIKE '%"' || json_extract(q.value, '$.platform') || '"%'
        ORDER BY n.created_at DESC LIMIT 1);
