-- name: connections_to_confirm(after, most)
-- Connections that a backup brought back as served, or as waiting for their platform.
SELECT * FROM connections
 WHERE status IN ('connected', 'expiring', 'unverified') AND id > :after
 ORDER BY id LIMIT :most;

-- name: connections_to_confirm_count(after)^
SELECT COUNT(*) AS count FROM connections WHERE status IN ('connected', 'expiring', 'unverified') AND id > :after;

-- name: restore_unfinished()^
SELECT after_id, unverified, links FROM restores;

-- name: restore_begin(at, links)!
INSERT INTO restores (id, began_at, after_id, unverified, links) VALUES (1, :at, '', 0, :links);

-- name: restore_advance(after_id, unverified)!
UPDATE restores SET after_id = :after_id, unverified = :unverified;

-- name: restore_end()!
DELETE FROM restores;
