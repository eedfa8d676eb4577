-- name: endpoints_due(now, horizon)
SELECT w.id, w.workspace_id, w.url FROM webhook_endpoints w
 WHERE w.disabled_at IS NULL
   AND EXISTS (SELECT 1 FROM webhook_deliveries d
                WHERE d.endpoint_id = w.id AND d.status = 'pending' AND d.due_at <= :now
                  AND (d.lease_until IS NULL OR d.lease_until <= :now OR d.lease_until > :horizon));

-- name: delivery_done(endpoint_id, event_id, fence, status, due_at, answer, error)^
-- Nothing where another process took over meanwhile.
UPDATE webhook_deliveries
   SET status = :status, due_at = :due_at, answer = :answer, error = :error, attempts = attempts + 1, lease_until = NULL
 WHERE endpoint_id = :endpoint_id AND event_id = :event_id AND fence = :fence AND status = 'pending'
RETURNING event_id;

-- name: deliveries_give_up(endpoint_id, error, now)!
UPDATE webhook_deliveries SET status = 'failed', error = :error, lease_until = NULL, fence = fence + 1, tried_at = :now
 WHERE endpoint_id = :endpoint_id AND status = 'pending';

-- name: deliveries_page(endpoint_id, status, at, id, most)
-- Newest first, before a place (time and id); with an empty status, of all.
SELECT event_id, type, at, status, attempts, queued_at, due_at, tried_at, answer, error
  FROM webhook_deliveries
 WHERE endpoint_id = :endpoint_id AND (:status = '' OR status = :status) AND (at, event_id) < (:at, :id)
 ORDER BY at DESC, event_id DESC LIMIT :most;

-- name: delivery(endpoint_id, event_id)^
SELECT event_id, type, at, status, attempts, queued_at, due_at, tried_at, answer, error
  FROM webhook_deliveries WHERE endpoint_id = :endpoint_id AND event_id = :event_id;

-- name: delivery_replay(endpoint_id, event_id, now)^
UPDATE webhook_deliveries
   SET status = 'pending', attempts = 0, queued_at = :now, due_at = :now, lease_until = NULL, fence = fence + 1
 WHERE endpoint_id = :endpoint_id AND event_id = :event_id
RETURNING event_id;

-- name: deliveries_replay(endpoint_id, now)
UPDATE webhook_deliveries
   SET status = 'pending', attempts = 0, queued_at = :now, due_at = :now, lease_until = NULL, fence = fence + 1
 WHERE endpoint_id = :endpoint_id AND status = 'failed'
RETURNING event_id;

-- name: delivery_add(endpoint_id, event_id, workspace_id, type, at, body)!
INSERT INTO webhook_deliveries
       (endpoint_id, event_id, workspace_id, type, at, body, status, attempts, queued_at, due_at, fence)
VALUES (:endpoint_id, :event_id, :workspace_id, :type, :at, :body, 'pending', 0, :at, :at, 0);

-- name: deliveries_delete(endpoint_id)!
DELETE FROM webhook_deliveries WHERE endpoint_id = :endpoint_id;
