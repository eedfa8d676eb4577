-- name: handed_over_put(token_hash, workspace_id, platform, key_id, identity_id, sealed, expires_at)!
INSERT INTO handed_over (token_hash, workspace_id, platform, key_id, identity_id, sealed, expires_at)
VALUES (:token_hash, :workspace_id, :platform, :key_id, :identity_id, :sealed, :expires_at)
ON CONFLICT (workspace_id, token_hash)
DO UPDATE SET key_id = excluded.key_id, identity_id = excluded.identity_id, sealed = excluded.sealed, expires_at = excluded.expires_at;

-- name: handed_over_use(workspace_id, token_hash, platform, brand, only_key, now)^
-- Counts the use, and remembers the brand, so that the row is destroyed with it.
UPDATE handed_over
   SET uses = uses + 1,
       brands = CASE WHEN brands LIKE '%,' || :brand || ',%' THEN brands ELSE brands || :brand || ',' END
 WHERE workspace_id = :workspace_id AND token_hash = :token_hash AND platform = :platform AND expires_at > :now
   AND (CAST(:only_key AS TEXT) IS NULL OR key_id IS NULL OR key_id = :only_key)
RETURNING sealed, uses;

-- name: handed_over_forget(now)!
DELETE FROM handed_over WHERE expires_at < :now;

-- name: handed_over_of_brand_destroy(workspace_id, brand)!
DELETE FROM handed_over WHERE workspace_id = :workspace_id AND brands LIKE '%,' || :brand || ',%';

-- name: handed_over_destroy(workspace_id, platform)!
DELETE FROM handed_over
 WHERE (CAST(:workspace_id AS TEXT) IS NULL OR workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR platform = :platform);

-- name: handed_over_delete(workspace_id, token_hash)!
DELETE FROM handed_over WHERE workspace_id = :workspace_id AND token_hash = :token_hash;
