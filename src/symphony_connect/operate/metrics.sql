-- name: connections_counted()
SELECT platform, status, COALESCE(reason, '') AS reason, COUNT(*) AS count
  FROM connections GROUP BY platform, status, reason;

-- name: backlog(now)
-- What should be at work and is not.
SELECT platform, COUNT(*) AS count, MIN(due_at) AS oldest
  FROM connections
 WHERE due_at <= :now AND status <> 'disconnected' AND (lease_until IS NULL OR lease_until <= :now)
 GROUP BY platform;

-- name: pauses()
SELECT platform, paused_until FROM platform_paces;

-- name: newest_heartbeat()^
SELECT MAX(at) AS at FROM heartbeats;

-- name: deliveries_counted()
SELECT 'pending' AS status, COUNT(*) AS count, MIN(queued_at) AS oldest FROM webhook_deliveries WHERE status = 'pending'
UNION ALL
SELECT status, COUNT(*), MIN(queued_at) FROM webhook_deliveries WHERE status <> 'pending' GROUP BY status;

-- name: chains_alive(since)
SELECT chain, number, mac FROM audit_chains WHERE at >= :since ORDER BY at DESC, chain LIMIT 100;

-- name: next_key_end(now)^
SELECT MIN(expires_at) AS at FROM api_keys WHERE revoked_at IS NULL AND expires_at > :now;
