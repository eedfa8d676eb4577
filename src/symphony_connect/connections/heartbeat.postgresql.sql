-- name: beat(process, at)^
-- Returns the database's own time, in milliseconds since the epoch.
INSERT INTO heartbeats (process, at, seen_at) VALUES (:process, :at, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT))
ON CONFLICT (process) DO UPDATE SET at = excluded.at, seen_at = excluded.seen_at
RETURNING seen_at;

-- name: leased(platform, now, process, silence)^
-- Leases that workers of this process, or of another that beat within the last `silence` milliseconds, hold.
SELECT count(*) AS leased FROM connections c
 WHERE platform = :platform AND lease_until > :now
   AND (holder = :process OR EXISTS (SELECT 1 FROM heartbeats h
                                      WHERE h.process = c.holder AND h.seen_at > CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - :silence));
