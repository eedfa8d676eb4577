-- name: connection_status(id, status, reason, at, due_at)^
-- A tombstone stays one, whatever was read before it was set.
UPDATE connections SET status = :status, reason = :reason, status_at = :at, due_at = :due_at,
       pressing_at = CASE WHEN :status = 'unverified' THEN :due_at WHEN :status = 'needs_reconnect' THEN NULL
                          WHEN pressing_at < :due_at THEN :due_at ELSE pressing_at END
 WHERE id = :id AND status <> 'disconnected'
RETURNING id;

-- name: connection_granted(id, identity_id, identity_name, scopes, missing_scopes, issued_at, expires_at, refresh_expires_at, data_access_expires_at, verified_at, renewed_at, renew_after, ends_at, ends_why, pressing_at)!
-- What the platform says of the grant that is live now.
UPDATE connections
   SET identity_id = :identity_id, identity_name = :identity_name,
       scopes = :scopes, missing_scopes = :missing_scopes,
       issued_at = :issued_at, expires_at = :expires_at, refresh_expires_at = :refresh_expires_at,
       data_access_expires_at = :data_access_expires_at,
       verified_at = :verified_at, renewed_at = :renewed_at, renew_after = :renew_after,
       ends_at = :ends_at, ends_why = :ends_why, pressing_at = :pressing_at
 WHERE id = :id;

-- name: connection_announced(id, days)!
UPDATE connections SET announced_days = :days WHERE id = :id;

-- name: connection_due(id, due_at, attempts)!
-- What is put off does not press before its time has come.
UPDATE connections
   SET due_at = :due_at, attempts = :attempts,
       pressing_at = CASE WHEN pressing_at < :due_at THEN :due_at ELSE pressing_at END
 WHERE id = :id;

-- name: connection_due_by(id, at)!
-- No later than that, where anything is due at all.
UPDATE connections SET due_at = :at WHERE id = :id AND due_at > :at;

-- name: connection_renew_after(id, at)!
UPDATE connections SET renew_after = :at WHERE id = :id;
