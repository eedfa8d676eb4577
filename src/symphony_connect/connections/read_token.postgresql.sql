-- name: token_reads(questions, now)
SELECT q.place - 1 AS place,
       k.id AS key_id, k.workspace_id AS key_workspace_id, k.kind AS key_kind,
       k.scopes AS key_scopes, k.origins AS key_origins, k.bounds AS key_bounds, b.brand_id AS known_brand_id,
       c.id, c.workspace_id, c.brand_id, c.platform, c.status, c.reason, c.status_at, c.identity_id, c.identity_name,
       c.scopes, c.missing_scopes, c.ad_accounts, c.ad_account_count, c.selected, c.issued_at, c.expires_at,
       c.refresh_expires_at, c.data_access_expires_at, c.created_at, c.verified_at, c.renewed_at, c.announced_days,
       c.due_at, c.renew_after, c.attempts, c.fence, g.sealed
  FROM (SELECT place, question ->> 0 AS hash, CAST(question ->> 1 AS BIGINT) AS brand_id, question ->> 2 AS platform
          FROM json_array_elements(CAST(:questions AS JSON)) WITH ORDINALITY AS asked (question, place)) AS q
  JOIN api_keys k ON k.hash = q.hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now)
  LEFT JOIN brands b ON b.workspace_id = k.workspace_id AND b.brand_id = q.brand_id
  LEFT JOIN connections c
         ON c.workspace_id = k.workspace_id AND c.brand_id = q.brand_id AND c.platform = q.platform
        AND c.status <> 'disconnected'
  LEFT JOIN grants g ON g.connection_id = c.id AND g.slot = 'live' AND NOT EXISTS (SELECT 1 FROM restores);
