-- name: connection(workspace_id, brand_id, platform)^
SELECT * FROM connections
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id AND platform = :platform
   AND status <> 'disconnected';

-- name: connection_by_id(id)^
SELECT * FROM connections WHERE id = :id;

-- name: token_read(hash, now, brand_id, platform)^
-- Everything a token read needs, in one statement, so that a revoked key, a disconnected brand or a
-- renewed grant counts at once on every replica.
SELECT k.id AS key_id, k.workspace_id AS key_workspace_id, k.kind AS key_kind,
       k.scopes AS key_scopes, k.origins AS key_origins,
       b.brand_id AS known_brand_id, c.*, g.sealed
  FROM api_keys k
  LEFT JOIN brands b ON b.workspace_id = k.workspace_id AND b.brand_id = :brand_id
  LEFT JOIN connections c
         ON c.workspace_id = k.workspace_id AND c.brand_id = :brand_id AND c.platform = :platform
        AND c.status <> 'disconnected'
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'live'
 WHERE k.hash = :hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now);

-- name: grant_sealed(connection_id, slot)^
SELECT sealed, sealed_at, replaces FROM grants WHERE connection_id = :connection_id AND slot = :slot;

-- name: grant_put(connection_id, slot, sealed, at, replaces)!
INSERT INTO grants (connection_id, slot, sealed, sealed_at, replaces)
VALUES (:connection_id, :slot, :sealed, :at, :replaces)
ON CONFLICT (connection_id, slot)
DO UPDATE SET sealed = excluded.sealed, sealed_at = excluded.sealed_at, replaces = excluded.replaces;

-- name: grant_delete(connection_id, slot)!
DELETE FROM grants WHERE connection_id = :connection_id AND slot = :slot;

-- name: grants_delete(connection_id)!
DELETE FROM grants WHERE connection_id = :connection_id;

-- name: grant_to_revoke(connection_id, at)!
-- From here on nobody is served this grant; it waits only for the platform to be told.
UPDATE grants SET slot = 'revoking', sealed_at = :at WHERE connection_id = :connection_id AND slot = 'live';

-- name: connection_add(id, workspace_id, brand_id, platform, status, at)!
INSERT INTO connections (id, workspace_id, brand_id, platform, status, status_at, created_at)
VALUES (:id, :workspace_id, :brand_id, :platform, :status, :at, :at);

-- name: connection_status(id, status, reason, at, due_at)^
-- A tombstone stays one, whatever was read before it was set.
UPDATE connections SET status = :status, reason = :reason, status_at = :at, due_at = :due_at
 WHERE id = :id AND status <> 'disconnected'
RETURNING id;

-- name: connection_granted(id, identity_id, identity_name, scopes, missing_scopes, issued_at, expires_at, refresh_expires_at, data_access_expires_at, verified_at, renewed_at, renew_after, ends_at, ends_why)!
-- What the platform says of the grant that is live now.
UPDATE connections
   SET identity_id = :identity_id, identity_name = :identity_name,
       scopes = :scopes, missing_scopes = :missing_scopes,
       issued_at = :issued_at, expires_at = :expires_at, refresh_expires_at = :refresh_expires_at,
       data_access_expires_at = :data_access_expires_at,
       verified_at = :verified_at, renewed_at = :renewed_at, renew_after = :renew_after,
       ends_at = :ends_at, ends_why = :ends_why
 WHERE id = :id;

-- name: connection_ad_accounts(id, ad_accounts, count, words, at)!
-- The words are what a search finds them by.
UPDATE connections
   SET ad_accounts = :ad_accounts, ad_account_count = :count, ad_account_words = :words, ad_accounts_at = :at
 WHERE id = :id;

-- name: connection_selected(id, selected)!
UPDATE connections SET selected = :selected WHERE id = :id;

-- name: connection_announced(id, days)!
UPDATE connections SET announced_days = :days WHERE id = :id;

-- name: connection_due(id, due_at, attempts)!
UPDATE connections SET due_at = :due_at, attempts = :attempts WHERE id = :id;

-- name: connection_renew_after(id, at)!
UPDATE connections SET renew_after = :at WHERE id = :id;

-- name: lease_take(id, now, until, horizon)^
-- One holder at a time; every taking raises the fence, so that a holder that slept past its lease
-- finds its number stale when it comes to write. A lease beyond the horizon was taken by a clock
-- that has been set back since, and binds nobody.
UPDATE connections SET lease_until = :until, fence = fence + 1
 WHERE id = :id AND status <> 'disconnected'
   AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :horizon)
RETURNING fence;

-- name: lease_begin(id, fence, now, until)^
-- Before a one-time refresh token is spent: still the holder, for a whole lease from now on. Due at
-- once, so that somebody looks soon if this process ends before it can say how it went.
UPDATE connections SET lease_until = :until, due_at = :now
 WHERE id = :id AND fence = :fence AND status <> 'disconnected'
RETURNING id;

-- name: leased(platform, now)^
SELECT count(*) AS leased FROM connections WHERE platform = :platform AND lease_until > :now;

-- name: due_now(platform, now)^
-- In order, or PostgreSQL takes any row for likely to be due and reads the whole table when none is.
SELECT 1 AS due FROM connections
 WHERE platform = :platform AND due_at <= :now AND status <> 'disconnected'
   AND (lease_until IS NULL OR lease_until <= :now)
 ORDER BY due_at LIMIT 1;

-- name: lease_held(id, fence)^
-- The first statement of every write after an upstream call: nothing when somebody else took over.
UPDATE connections SET lease_until = NULL
 WHERE id = :id AND fence = :fence AND status <> 'disconnected'
RETURNING id;

-- name: lease_break(id)^
-- For a tombstone: whoever holds the lease will find its fence stale.
UPDATE connections SET lease_until = NULL, fence = fence + 1
 WHERE id = :id AND status <> 'disconnected'
RETURNING id;

-- name: siblings(platform, identity_id, id)
-- Other living connections behind the same person, in every workspace: the platform has one app.
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

-- name: rotation_begin(connection_id, fence, at)!
INSERT INTO rotations (connection_id, fence, started_at) VALUES (:connection_id, :fence, :at)
ON CONFLICT (connection_id) DO UPDATE SET fence = excluded.fence, started_at = excluded.started_at;

-- name: rotation(connection_id)^
SELECT fence, started_at FROM rotations WHERE connection_id = :connection_id;

-- name: rotation_end(connection_id)!
DELETE FROM rotations WHERE connection_id = :connection_id;

-- name: revocations_left(before)^
SELECT 1 AS one FROM grants WHERE slot = 'revoking' AND sealed_at < :before LIMIT 1;

-- name: revocations_claim(before, now)
-- Disconnected here, but a crash came before the platform was told; one process at a time tells it.
UPDATE grants SET sealed_at = :now WHERE slot = 'revoking' AND sealed_at < :before
RETURNING connection_id, sealed;
