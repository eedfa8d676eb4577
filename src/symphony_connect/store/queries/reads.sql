-- name: reads_add(connection_id, key_id, day, count, at)!
INSERT INTO token_reads (connection_id, key_id, day, count, last_at) VALUES (:connection_id, :key_id, :day, :count, :at)
ON CONFLICT (connection_id, key_id, day) DO UPDATE
   SET count = token_reads.count + excluded.count,
       last_at = CASE WHEN excluded.last_at > token_reads.last_at THEN excluded.last_at ELSE token_reads.last_at END;

-- name: reads_forget(before)!
-- A little at a time: it runs beside those who write.
DELETE FROM token_reads
 WHERE (connection_id, key_id, day) IN (SELECT connection_id, key_id, day FROM token_reads WHERE day < :before LIMIT 500);

-- name: dashboard_reads(connection_id, low, high, most)
SELECT r.key_id AS actor, k.name AS key_name, r.count, r.last_at, c.brand_id, c.platform
  FROM token_reads r
  JOIN connections c ON c.id = r.connection_id
  LEFT JOIN api_keys k ON k.id = r.key_id
 WHERE r.connection_id = :connection_id AND r.last_at >= :low AND r.last_at < :high
 ORDER BY r.last_at DESC, r.key_id LIMIT :most;
