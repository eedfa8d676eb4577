-- name: event_add(id, workspace_id, connection_id, brand_id, platform, type, actor, at, data)!
INSERT INTO events (id, workspace_id, connection_id, brand_id, platform, type, actor, at, data)
VALUES (:id, :workspace_id, :connection_id, :brand_id, :platform, :type, :actor, :at, :data);

-- name: events_of_connection(connection_id, most)
SELECT * FROM events WHERE connection_id = :connection_id ORDER BY id DESC LIMIT :most;

-- name: last_report(connection_id, actor, type, since)^
SELECT max(at) AS at FROM events
 WHERE connection_id = :connection_id AND at > :since AND type = :type AND actor = :actor;
