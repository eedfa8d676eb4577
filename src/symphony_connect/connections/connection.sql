-- name: connection(workspace_id, brand_id, platform)^
SELECT * FROM connections
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id AND platform = :platform
   AND status <> 'disconnected';

-- name: connection_by_id(id)^
SELECT * FROM connections WHERE id = :id;

-- name: connection_add(id, workspace_id, brand_id, platform, status, at)!
INSERT INTO connections (id, workspace_id, brand_id, platform, status, status_at, created_at)
VALUES (:id, :workspace_id, :brand_id, :platform, :status, :at, :at);

-- name: connection_ad_accounts(id, ad_accounts, count, words, at)!
-- The words are what a search finds them by.
UPDATE connections
   SET ad_accounts = :ad_accounts, ad_account_count = :count, ad_account_words = :words, ad_accounts_at = :at
 WHERE id = :id;

-- name: connection_selected(id, selected)!
UPDATE connections SET selected = :selected WHERE id = :id;

-- name: connection_adopted(id, fingerprint)!
UPDATE connections SET adopted_from = :fingerprint WHERE id = :id;

-- name: adopted_from(id)^
SELECT adopted_from FROM connections WHERE id = :id;
