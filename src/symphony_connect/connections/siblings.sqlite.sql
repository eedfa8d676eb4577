-- name: siblings_lock(platform, identity_id)
-- Rows of one identity are written together, so that two disconnects cannot each take the other for alive.
-- The write transaction is the lock already.
SELECT id FROM connections
 WHERE platform = :platform AND identity_id = :identity_id AND status <> 'disconnected';
