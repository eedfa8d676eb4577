-- name: event_add(id, workspace_id, connection_id, brand_id, platform, type, actor, at, data)!
INSERT INTO events (id, workspace_id, connection_id, brand_id, platform, type, actor, at, data)
VALUES (:id, :workspace_id, :connection_id, :brand_id, :platform, :type, :actor, :at, :data);

-- name: events_of_connection(connection_id, most)
SELECT * FROM events WHERE connection_id = :connection_id ORDER BY id DESC LIMIT :most;
