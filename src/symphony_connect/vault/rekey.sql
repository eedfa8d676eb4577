-- name: sealed_by_key()
-- How many values each key sealed: Tink writes the key's id at the front of each.
SELECT prefix, COUNT(*) AS held
  FROM (SELECT substr(sealed, 1, 5) AS prefix FROM grants
        UNION ALL SELECT substr(sealed, 1, 5) FROM flows WHERE sealed IS NOT NULL
        UNION ALL SELECT substr(sealed, 1, 5) FROM handed_over
        UNION ALL SELECT substr(sealed, 1, 5) FROM replays
        UNION ALL SELECT substr(sealed, 1, 5) FROM strays
        UNION ALL SELECT substr(sealed, 1, 5) FROM webhook_secrets
        UNION ALL SELECT substr(sealed, 1, 5) FROM audit_keys) AS everything
 GROUP BY prefix;

-- name: sealed_grants(after, after_too, prefix, most)
-- Sealed values that do not begin with the prefix, each with its key and its binding.
SELECT g.connection_id AS id, g.slot AS id_too, c.workspace_id, c.brand_id, c.platform, 'grant' AS field,
       g.connection_id || '/' || g.slot AS sealed_row, g.sealed
  FROM grants g JOIN connections c ON c.id = g.connection_id
 WHERE (g.connection_id, g.slot) > (:after, :after_too) AND substr(g.sealed, 1, 5) <> :prefix
 ORDER BY g.connection_id, g.slot LIMIT :most;

-- name: sealed_flows(after, after_too, prefix, most)
SELECT id, '' AS id_too, workspace_id, 0 AS brand_id, platform, 'flow' AS field, id AS sealed_row, sealed
  FROM flows
 WHERE (id, '') > (:after, :after_too) AND substr(sealed, 1, 5) <> :prefix
 ORDER BY id LIMIT :most;

-- name: sealed_handed_over(after, after_too, prefix, most)
SELECT workspace_id AS id, token_hash AS id_too, workspace_id, 0 AS brand_id, platform,
       'handed_over' AS field, token_hash AS sealed_row, sealed
  FROM handed_over
 WHERE (workspace_id, token_hash) > (:after, :after_too) AND substr(sealed, 1, 5) <> :prefix
 ORDER BY workspace_id, token_hash LIMIT :most;

-- name: sealed_replays(after, after_too, prefix, most)
SELECT id, '' AS id_too, workspace_id, 0 AS brand_id, '' AS platform, 'replay' AS field, id AS sealed_row, sealed
  FROM replays
 WHERE (id, '') > (:after, :after_too) AND substr(sealed, 1, 5) <> :prefix
 ORDER BY id LIMIT :most;

-- name: sealed_strays(after, after_too, prefix, most)
SELECT id, '' AS id_too, workspace_id, 0 AS brand_id, platform, 'stray' AS field, id AS sealed_row, sealed
  FROM strays
 WHERE (id, '') > (:after, :after_too) AND substr(sealed, 1, 5) <> :prefix
 ORDER BY id LIMIT :most;

-- name: sealed_webhook_secrets(after, after_too, prefix, most)
SELECT id, '' AS id_too, workspace_id, 0 AS brand_id, '' AS platform, 'webhook_secret' AS field, id AS sealed_row, sealed
  FROM webhook_secrets
 WHERE (id, '') > (:after, :after_too) AND substr(sealed, 1, 5) <> :prefix
 ORDER BY id LIMIT :most;

-- name: sealed_audit_keys(after, after_too, prefix, most)
SELECT id, '' AS id_too, '' AS workspace_id, 0 AS brand_id, '' AS platform, 'audit_key' AS field, id AS sealed_row, sealed
  FROM audit_keys
 WHERE (id, '') > (:after, :after_too) AND substr(sealed, 1, 5) <> :prefix
 ORDER BY id LIMIT :most;

-- name: reseal_grants(id, id_too, before, sealed)^
-- Only what is still as it was read: a renewal that came between has put something newer there.
UPDATE grants SET sealed = :sealed WHERE connection_id = :id AND slot = :id_too AND sealed = :before
RETURNING connection_id;

-- name: reseal_flows(id, id_too, before, sealed)^
UPDATE flows SET sealed = :sealed WHERE id = :id AND '' = :id_too AND sealed = :before
RETURNING id;

-- name: reseal_handed_over(id, id_too, before, sealed)^
UPDATE handed_over SET sealed = :sealed WHERE workspace_id = :id AND token_hash = :id_too AND sealed = :before
RETURNING token_hash;

-- name: reseal_replays(id, id_too, before, sealed)^
UPDATE replays SET sealed = :sealed WHERE id = :id AND '' = :id_too AND sealed = :before
RETURNING id;

-- name: reseal_strays(id, id_too, before, sealed)^
UPDATE strays SET sealed = :sealed WHERE id = :id AND '' = :id_too AND sealed = :before
RETURNING id;

-- name: reseal_webhook_secrets(id, id_too, before, sealed)^
UPDATE webhook_secrets SET sealed = :sealed WHERE id = :id AND '' = :id_too AND sealed = :before
RETURNING id;

-- name: reseal_audit_keys(id, id_too, before, sealed)^
UPDATE audit_keys SET sealed = :sealed WHERE id = :id AND '' = :id_too AND sealed = :before
RETURNING id;
