-- name: reads_add(connection_id, key_id, day, count, at)!
-- Of a connection or a key that was removed meanwhile, nothing is counted.
INSERT INTO token_reads (connection_id, key_id, day, count, last_at)
SELECT c.id, k.id, CAST(:day AS BIGINT), CAST(:count AS BIGINT), CAST(:at AS BIGINT)
  FROM connections c CROSS JOIN api_keys k WHERE c.id = :connection_id AND k.id = :key_id
ON CONFLICT (connection_id, key_id, day) DO UPDATE
   SET count = token_reads.count + excluded.count,
       last_at = CASE WHEN excluded.last_at > token_reads.last_at THEN excluded.last_at ELSE token_reads.last_at END;

-- name: reads_forget(before)!
-- A little at a time: it runs beside those who write.
DELETE FROM token_reads
 WHERE (connection_id, key_id, day) IN (SELECT connection_id, key_id, day FROM token_reads WHERE day < :before LIMIT 500);

-- name: key_used(id, at, before)!
UPDATE api_keys SET used_at = :at WHERE id = :id AND (used_at IS NULL OR used_at < :before);
