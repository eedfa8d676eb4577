-- name: calls_add(connection_id, key_id, day, count, at)!
-- Of a connection or a key that was removed meanwhile, nothing is counted.
INSERT INTO proxied_calls (connection_id, key_id, day, count, last_at)
SELECT c.id, k.id, CAST(:day AS BIGINT), CAST(:count AS BIGINT), CAST(:at AS BIGINT)
  FROM connections c CROSS JOIN api_keys k WHERE c.id = :connection_id AND k.id = :key_id
ON CONFLICT (connection_id, key_id, day) DO UPDATE
   SET count = proxied_calls.count + excluded.count,
       last_at = CASE WHEN excluded.last_at > proxied_calls.last_at THEN excluded.last_at
                      ELSE proxied_calls.last_at END;

-- name: calls_forget(before)!
-- A little at a time: it runs beside those who write.
DELETE FROM proxied_calls
 WHERE (connection_id, key_id, day) IN
       (SELECT connection_id, key_id, day FROM proxied_calls WHERE day < :before LIMIT 500);
