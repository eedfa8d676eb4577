-- name: event_add(id, workspace_id, connection_id, brand_id, platform, type, actor, at, data)!
INSERT INTO events (id, workspace_id, connection_id, brand_id, platform, type, actor, at, data)
VALUES (:id, :workspace_id, :connection_id, :brand_id, :platform, :type, :actor, :at, :data);

-- name: last_event(connection_id)^
SELECT max(at) AS at FROM events WHERE connection_id = :connection_id;

-- name: deliveries_queue(event_id, workspace_id, connection_id, type, at, body, now)!
INSERT INTO webhook_deliveries
       (endpoint_id, event_id, workspace_id, connection_id, type, at, body, status, attempts, queued_at, due_at, fence)
SELECT w.id, CAST(:event_id AS TEXT), w.workspace_id, CAST(:connection_id AS TEXT), CAST(:type AS TEXT),
       CAST(:at AS BIGINT), CAST(:body AS TEXT), 'pending', 0, CAST(:now AS BIGINT), CAST(:now AS BIGINT), 0
  FROM webhook_endpoints w
 WHERE w.workspace_id = :workspace_id AND w.disabled_at IS NULL
   AND (w.types = '' OR w.types LIKE '%,' || CAST(:type AS TEXT) || ',%');

-- name: workspaces_on(platform)
SELECT id FROM workspaces w
 WHERE EXISTS (SELECT 1 FROM connections c
                WHERE c.workspace_id = w.id AND c.platform = :platform AND c.status <> 'disconnected')
 ORDER BY id;

-- name: events_of_connection(connection_id, most)
SELECT * FROM events WHERE connection_id = :connection_id ORDER BY at DESC, id DESC LIMIT :most;

-- name: events_of_workspace(workspace_id, since, at, id, most)
-- Newest first, before a place (time and id).
SELECT * FROM events
 WHERE workspace_id = :workspace_id AND at > :since AND (at, id) < (:at, :id)
 ORDER BY at DESC, id DESC LIMIT :most;

-- name: events_of_type(workspace_id, type, since, at, id, most)
SELECT * FROM events
 WHERE workspace_id = :workspace_id AND type = :type AND at > :since AND at <= :at AND (at, id) < (:at, :id)
 ORDER BY at DESC, id DESC LIMIT :most;

-- name: events_of_brand(workspace_id, brand_id, since, at, id, most)
SELECT * FROM events
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id AND at > :since AND (at, id) < (:at, :id)
 ORDER BY at DESC, id DESC LIMIT :most;

-- name: last_report(connection_id, actor, type, since)^
SELECT max(at) AS at FROM events
 WHERE connection_id = :connection_id AND at > :since AND type = :type AND actor = :actor;
