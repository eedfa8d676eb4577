-- name: beat(process, at, own)^
-- `own` is the process's clock, in milliseconds since the epoch; `at` is that, or the time that others agree on.
INSERT INTO heartbeats (process, at, seen_at, ahead) VALUES (:process, :at, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), :own - CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
ON CONFLICT (process) DO UPDATE SET at = excluded.at, seen_at = excluded.seen_at, ahead = excluded.ahead
RETURNING seen_at;

-- name: leased(platform, now, process, silence)^
-- Leases that workers of this process, or of another that beat within the last `silence` milliseconds, hold.
SELECT count(*) AS leased FROM connections c
 WHERE platform = :platform AND lease_until > :now
   AND (holder = :process OR EXISTS (SELECT 1 FROM heartbeats h
                                      WHERE h.process = c.holder AND h.seen_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - :silence));

-- name: database_time()^
SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now;

-- name: clocks(process, silence)
-- By how many milliseconds the clock of each other process that beats is ahead of the database's.
SELECT process, ahead FROM heartbeats
 WHERE process <> :process AND seen_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - :silence;
