-- name: siblings_lock(platform, identity_id)
-- Rows of one identity are written together, so that two disconnects cannot each take the other for alive.
-- In one order, so that nobody waits for somebody who waits for them.
SELECT id FROM connections
 WHERE platform = :platform AND identity_id = :identity_id AND status <> 'disconnected' ORDER BY id FOR UPDATE;
