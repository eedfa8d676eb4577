-- name: token_read(hash, now, brand_id, platform)^
-- Everything a token read needs, in one statement, so that a revoked key, a disconnected brand or a
-- renewed grant counts at once on every replica. While a backup that was put back is gone through, no grant.
SELECT k.id AS key_id, k.workspace_id AS key_workspace_id, k.kind AS key_kind,
       k.scopes AS key_scopes, k.origins AS key_origins,
       b.brand_id AS known_brand_id, c.*, g.sealed
  FROM api_keys k
  LEFT JOIN brands b ON b.workspace_id = k.workspace_id AND b.brand_id = :brand_id
  LEFT JOIN connections c
         ON c.workspace_id = k.workspace_id AND c.brand_id = :brand_id AND c.platform = :platform
        AND c.status <> 'disconnected'
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'live' AND NOT EXISTS (SELECT 1 FROM restores)
 WHERE k.hash = :hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now);
