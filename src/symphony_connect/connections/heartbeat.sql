-- name: beats_forget(before)!
DELETE FROM heartbeats WHERE at < :before;

-- name: newest_beat()^
SELECT MAX(at) AS at FROM heartbeats;

-- name: outage_add(began_at, ended_at)!
INSERT INTO outages (began_at, ended_at) VALUES (:began_at, :ended_at) ON CONFLICT (began_at) DO NOTHING;
