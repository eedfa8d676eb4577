-- name: connections_of_person(platform, identity_id, person)
-- Also those that were ended, by the fingerprint of the person.
SELECT * FROM connections WHERE platform = :platform AND identity_id = :identity_id
 UNION ALL
SELECT * FROM connections WHERE person = :person;

-- name: strays_of_person_delete(platform, identity_id)!
DELETE FROM strays WHERE platform = :platform AND identity_id = :identity_id;

-- name: handed_over_of_person_delete(platform, identity_id)!
DELETE FROM handed_over WHERE platform = :platform AND identity_id = :identity_id;

-- name: person_erase(id)!
UPDATE connections
   SET person = NULL, identity_id = NULL, identity_name = NULL, ad_accounts = NULL, ad_account_count = NULL, ad_account_words = NULL,
       selected = NULL
 WHERE id = :id AND status = 'disconnected';

-- name: person_erase_events(connection_id)!
UPDATE events SET data = '{}'
 WHERE connection_id = :connection_id
   AND type IN ('connection.connected', 'connection.reconnected', 'connection.selected', 'ad_accounts.changed',
                'assets.changed', 'assets.selected',
                'connection.token_refused', 'token.reported');

-- name: person_erase_deliveries(connection_id)!
DELETE FROM webhook_deliveries
 WHERE connection_id = :connection_id
   AND type IN ('connection.connected', 'connection.reconnected', 'ad_accounts.changed', 'assets.changed');

-- name: deletion_add(code, platform, request_hash, at)!
INSERT INTO deletions (code, platform, request_hash, at, connections) VALUES (:code, :platform, :request_hash, :at, 0)
ON CONFLICT (request_hash) DO NOTHING;

-- name: deletion_of_request(request_hash)^
SELECT code, at, done_at, connections FROM deletions WHERE request_hash = :request_hash;

-- name: deletion(platform, code)^
SELECT code, at, done_at, connections FROM deletions WHERE platform = :platform AND code = :code;

-- name: deletion_done(code, at, connections)!
UPDATE deletions SET done_at = :at, connections = :connections WHERE code = :code;

-- name: deletions_forget(before)!
DELETE FROM deletions WHERE at < :before;
