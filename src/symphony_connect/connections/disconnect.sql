-- name: grant_to_revoke(connection_id, at)!
-- From here on nobody is served this grant; it waits only for the platform to be told.
UPDATE grants SET slot = 'revoking', sealed_at = :at WHERE connection_id = :connection_id AND slot = 'live';

-- name: revocations_left(before)^
SELECT 1 AS one FROM grants WHERE slot = 'revoking' AND sealed_at < :before LIMIT 1;

-- name: revocations_claim(before, now)
-- Disconnected here, but a crash came before the platform was told; one process at a time tells it.
UPDATE grants SET sealed_at = :now WHERE slot = 'revoking' AND sealed_at < :before
RETURNING connection_id, sealed;
