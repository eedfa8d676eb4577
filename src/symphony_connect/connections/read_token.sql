-- name: token_read(hash, brand_id, platform, now)^
-- Everything that a token read needs, in one statement, so that a revoked key, a disconnected brand or a renewed grant
-- counts at once on every replica. While a backup that was put back is gone through, no grant. Not every column of a
-- connection: one holds the words of a search, which may be long.
SELECT k.id AS key_id, k.workspace_id AS key_workspace_id, k.kind AS key_kind,
       k.scopes AS key_scopes, k.origins AS key_origins, k.bounds AS key_bounds, b.brand_id AS known_brand_id,
       c.id, c.workspace_id, c.brand_id, c.platform, c.status, c.reason, c.status_at, c.identity_id, c.identity_name,
       c.scopes, c.missing_scopes, c.ad_accounts, c.ad_account_count, c.selected, c.issued_at, c.expires_at,
       c.refresh_expires_at, c.data_access_expires_at, c.created_at, c.verified_at, c.renewed_at, c.announced_days,
       c.due_at, c.renew_after, c.attempts, c.fence, g.sealed
  FROM api_keys k
  LEFT JOIN brands b ON b.workspace_id = k.workspace_id AND b.brand_id = :brand_id
  LEFT JOIN connections c
         ON c.workspace_id = k.workspace_id AND c.brand_id = :brand_id AND c.platform = :platform
        AND c.status <> 'disconnected'
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'live' AND NOT EXISTS (SELECT 1 FROM restores)
 WHERE k.hash = :hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now);

-- name: fresh_token(hash, brand_id, platform, now)^
-- The same for the short way, which needs less of it: `read_fresh` takes the columns in this order.
SELECT k.id AS key_id, k.workspace_id, k.kind, k.scopes AS key_scopes, k.bounds,
       c.id, c.status, c.issued_at, c.expires_at, c.data_access_expires_at, c.scopes, c.ad_accounts, c.selected,
       g.sealed
  FROM api_keys k
  LEFT JOIN connections c
         ON c.workspace_id = k.workspace_id AND c.brand_id = :brand_id AND c.platform = :platform
        AND c.status <> 'disconnected'
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'live' AND NOT EXISTS (SELECT 1 FROM restores)
 WHERE k.hash = :hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now);
