-- name: token_reads(questions, now)
-- Everything that token reads need, in one statement, so that a revoked key, a disconnected brand or a renewed grant
-- counts at once on every replica. A question is the key's hash, brand and platform. While a backup that was put back
-- is gone through, no grant. Not every column of a connection: one holds the words of a search, which may be long.
SELECT q.key AS place,
       k.id AS key_id, k.workspace_id AS key_workspace_id, k.kind AS key_kind,
       k.scopes AS key_scopes, k.origins AS key_origins, k.bounds AS key_bounds, b.brand_id AS known_brand_id,
       c.id, c.workspace_id, c.brand_id, c.platform, c.status, c.reason, c.status_at, c.identity_id, c.identity_name,
       c.scopes, c.missing_scopes, c.ad_accounts, c.ad_account_count, c.selected, c.issued_at, c.expires_at,
       c.refresh_expires_at, c.data_access_expires_at, c.created_at, c.verified_at, c.renewed_at, c.announced_days,
       c.due_at, c.renew_after, c.attempts, c.fence, g.sealed
  FROM json_each(:questions) q
  JOIN api_keys k ON k.hash = json_extract(q.value, '$[0]') AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now)
  LEFT JOIN brands b ON b.workspace_id = k.workspace_id AND b.brand_id = json_extract(q.value, '$[1]')
  LEFT JOIN connections c
         ON c.workspace_id = k.workspace_id AND c.brand_id = json_extract(q.value, '$[1]') AND c.platform = json_extract(q.value, '$[2]')
        AND c.status <> 'disconnected'
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'live' AND NOT EXISTS (SELECT 1 FROM restores);
