-- name: ended_named(id, most)
-- Ended connections that still name a person, without those whose platform has not been told yet.
SELECT id, platform, identity_id FROM connections c
 WHERE status = 'disconnected' AND id > :id
   AND (identity_id IS NOT NULL OR ad_accounts IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.connection_id = c.id)
 ORDER BY id LIMIT :most;

-- name: ended_forget(id, person)!
UPDATE connections
   SET person = COALESCE(:person, person), identity_id = NULL, identity_name = NULL, ad_accounts = NULL,
       ad_account_count = NULL, ad_account_words = NULL, selected = NULL
 WHERE id = :id AND status = 'disconnected';
