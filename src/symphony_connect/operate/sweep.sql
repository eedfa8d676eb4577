-- name: sweep_events(before, most)
DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < :before ORDER BY at LIMIT :most) RETURNING id;

-- name: sweep_connect_sessions(before, most)
DELETE FROM connect_sessions
 WHERE id IN (SELECT id FROM connect_sessions WHERE expires_at < :before ORDER BY expires_at LIMIT :most)
RETURNING id;

-- name: sweep_flows(before, most)
DELETE FROM flows WHERE id IN (SELECT id FROM flows WHERE expires_at < :before ORDER BY expires_at LIMIT :most)
RETURNING id;

-- name: sweep_handed_over(before, most)
DELETE FROM handed_over
 WHERE (workspace_id, token_hash) IN (SELECT workspace_id, token_hash FROM handed_over
                                       WHERE expires_at < :before ORDER BY expires_at LIMIT :most)
RETURNING token_hash AS id;

-- name: sweep_replays(before, most)
DELETE FROM replays WHERE id IN (SELECT id FROM replays WHERE expires_at < :before ORDER BY expires_at LIMIT :most)
RETURNING id;

-- name: sweep_dashboard_sessions(before, most)
DELETE FROM dashboard_sessions WHERE hash IN (SELECT hash FROM dashboard_sessions WHERE expires_at < :before LIMIT :most)
RETURNING hash AS id;

-- name: sweep_dashboard_links(before, most)
DELETE FROM dashboard_links WHERE hash IN (SELECT hash FROM dashboard_links WHERE expires_at < :before LIMIT :most)
RETURNING hash AS id;

-- name: sweep_outages(before, most)
DELETE FROM outages WHERE began_at IN (SELECT began_at FROM outages WHERE ended_at < :before LIMIT :most)
RETURNING began_at AS id;

-- name: sweep_delivered(before, most)
DELETE FROM webhook_deliveries
 WHERE (endpoint_id, event_id) IN (SELECT endpoint_id, event_id FROM webhook_deliveries
                                    WHERE status = 'delivered' AND tried_at < :before ORDER BY tried_at LIMIT :most)
RETURNING event_id AS id;

-- name: sweep_undelivered(before, most)
DELETE FROM webhook_deliveries
 WHERE (endpoint_id, event_id) IN (SELECT endpoint_id, event_id FROM webhook_deliveries
                                    WHERE status = 'failed' AND tried_at < :before ORDER BY tried_at LIMIT :most)
RETURNING event_id AS id;

-- name: sweep_webhook_secrets(before, most)
DELETE FROM webhook_secrets WHERE id IN (SELECT id FROM webhook_secrets WHERE expires_at < :before LIMIT :most)
RETURNING id;
