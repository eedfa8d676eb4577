-- name: siblings(platform, identity_id, id)
-- Other active connections behind the same person, in every workspace: the platform has one app.
SELECT * FROM connections
 WHERE platform = :platform AND identity_id = :identity_id AND id <> :id AND status <> 'disconnected';

-- name: siblings_due(platform, identity_id, id, now)!
-- Ask after the others soon: what happened to one may have happened to all.
UPDATE connections SET due_at = :now
 WHERE platform = :platform AND identity_id = :identity_id AND id <> :id
   AND status IN ('connected', 'expiring');

-- name: siblings_revived(platform, identity_id, id, now)!
-- The person has just signed in: what stood between them and the platform may stand there no more.
UPDATE connections SET due_at = :now
 WHERE platform = :platform AND identity_id = :identity_id AND id <> :id
   AND status = 'needs_reconnect' AND (expires_at IS NULL OR expires_at > :now);
