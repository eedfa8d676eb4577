-- name: search_source(workspace_id, brand_id)
-- The brand itself first, then its connections, also those that ended; nothing of a brand that is gone but these.
SELECT '' AS id, name, NULL AS identity_name, NULL AS ad_account_words FROM brands
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id
 UNION ALL
SELECT c.id, b.name, c.identity_name, c.ad_account_words
  FROM connections c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.workspace_id = :workspace_id AND c.brand_id = :brand_id
 ORDER BY id;

-- name: search_stored(workspace_id, brand_id)
SELECT connection_id, brand, words FROM searched WHERE workspace_id = :workspace_id AND brand_id = :brand_id;

-- name: search_put(workspace_id, brand_id, connection_id, brand, words)!
INSERT INTO searched (workspace_id, brand_id, connection_id, brand, words)
VALUES (:workspace_id, :brand_id, :connection_id, :brand, :words)
ON CONFLICT (workspace_id, brand_id, connection_id) DO UPDATE SET brand = excluded.brand, words = excluded.words;

-- name: search_forget(workspace_id, brand_id, connection_id)!
DELETE FROM searched
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id AND connection_id = :connection_id;

-- name: search_brands_all(workspace_id, brand_id, most)
SELECT workspace_id, brand_id, name FROM brands
 WHERE (workspace_id, brand_id) > (:workspace_id, :brand_id) ORDER BY workspace_id, brand_id LIMIT :most;

-- name: search_connections_all(id, most)
SELECT c.id, c.workspace_id, c.brand_id, b.name, c.identity_name, c.ad_account_words
  FROM connections c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.id > :id ORDER BY c.id LIMIT :most;
