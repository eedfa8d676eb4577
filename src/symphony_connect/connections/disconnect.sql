-- name: grant_to_revoke(connection_id, sealed, at, until)!
-- From here on no reader gets this grant; it waits only for its revocation at the platform, by this process until `until`.
UPDATE grants SET slot = 'revoking', sealed = :sealed, sealed_at = :until, revoking_since = :at
 WHERE connection_id = :connection_id AND slot = 'live';

-- name: revocations_left(now)^
SELECT 1 AS one FROM grants WHERE slot = 'revoking' AND sealed_at <= :now LIMIT 1;

-- name: revocations_claim(platform, now, until, most)
-- Disconnected here, and not revoked at the platform yet; one process at a time does it.
UPDATE grants SET sealed_at = :until, revoking_since = COALESCE(revoking_since, sealed_at)
 WHERE slot = 'revoking' AND sealed_at <= :now
   AND connection_id IN (SELECT g.connection_id FROM grants g JOIN connections c ON c.id = g.connection_id
                          WHERE g.slot = 'revoking' AND g.sealed_at <= :now AND c.platform = :platform
                          ORDER BY g.sealed_at LIMIT :most)
RETURNING connection_id, sealed, revoking_since;

-- name: revocation_later(connection_id, at)!
UPDATE grants SET sealed_at = :at WHERE connection_id = :connection_id AND slot = 'revoking';
