-- name: dashboard_last_links(workspace_id, asked)
-- The newest connect link of each pair of brand and platform in `asked` (JSON), for a page of connections.
SELECT q.pair ->> 'id' AS connection_id, s.created_at, s.opened_at, s.expires_at, s.ended_at, s.used
  FROM json_array_elements(CAST(:asked AS JSON)) AS q (pair)
 CROSS JOIN LATERAL (
       SELECT n.created_at, n.opened_at, n.expires_at, n.ended_at, n.used FROM connect_sessions n
        WHERE n.workspace_id = :workspace_id AND n.brand_id = CAST(q.pair ->> 'brand' AS BIGINT)
          AND n.platforms LIKE '%"' || (q.pair ->> 'platform') || '"%'
        ORDER BY n.created_at DESC LIMIT 1) AS s;
