-- name: connections_to_confirm(after, most)
-- Connections that a backup brought back as served, or as waiting for their platform.
SELECT * FROM connections
 WHERE status IN ('connected', 'expiring', 'unverified') AND id > :after
 ORDER BY id LIMIT :most;
