-- name: brands_named(workspace_id, brands, after, most, status, platforms)
-- As `brands_having`, of these brands (a JSON array of ids): those that a bounded key may see.
SELECT b.brand_id, b.name
  FROM json_each(:brands) q JOIN brands b ON b.workspace_id = :workspace_id AND b.brand_id = q.value
 WHERE b.brand_id > :after
   AND ((:status = '' AND :platforms = '')
        OR EXISTS (SELECT 1 FROM connections c
                    WHERE c.workspace_id = b.workspace_id AND c.brand_id = b.brand_id AND c.status <> 'disconnected'
                      AND (:status = '' OR c.status = :status)
                      AND (:platforms = '' OR :platforms LIKE '%,' || c.platform || ',%')))
 ORDER BY b.brand_id LIMIT :most;
