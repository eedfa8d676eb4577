-- name: connections_to_confirm(after, most)
-- Connections that a backup brought back as served, or as waiting for their platform. Those that wait for this
-- reason already, from a run that was cut short, are left as they are.
SELECT * FROM connections
 WHERE (status IN ('connected', 'expiring') OR (status = 'unverified' AND COALESCE(reason, '') <> 'restored'))
   AND id > :after
 ORDER BY id LIMIT :most;

-- name: connections_to_confirm_count()^
SELECT COUNT(*) AS count FROM connections
 WHERE status IN ('connected', 'expiring') OR (status = 'unverified' AND COALESCE(reason, '') <> 'restored');

-- name: restore_unfinished()^
SELECT after_id, unverified, links FROM restores;

-- name: restore_begin(at, links)!
INSERT INTO restores (id, began_at, after_id, unverified, links) VALUES (1, :at, '', 0, :links)
ON CONFLICT (id) DO UPDATE SET links = restores.links + excluded.links;

-- name: restore_advance(after_id, unverified)!
UPDATE restores SET after_id = :after_id, unverified = :unverified;

-- name: restore_end()!
DELETE FROM restores;
