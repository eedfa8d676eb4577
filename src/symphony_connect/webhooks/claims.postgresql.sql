-- name: deliveries_claim(endpoint_id, now, until, horizon, most)
-- Of one connection only the oldest that is not done: a later one waits for it. Rows that another process is claiming
-- at this moment are passed over.
UPDATE webhook_deliveries SET lease_until = :until, fence = fence + 1, tried_at = :now
 WHERE endpoint_id = :endpoint_id
   AND event_id IN (
       SELECT d.event_id FROM webhook_deliveries d
        WHERE d.endpoint_id = :endpoint_id AND d.status = 'pending' AND d.due_at <= :now
          AND (d.lease_until IS NULL OR d.lease_until <= :now OR d.lease_until > :horizon)
          AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e
                           WHERE e.endpoint_id = d.endpoint_id AND e.connection_id = d.connection_id
                             AND e.status = 'pending' AND e.at < d.at)
        ORDER BY d.due_at LIMIT :most FOR UPDATE SKIP LOCKED)
RETURNING event_id, body, attempts, queued_at, fence;
