-- name: endpoint_add(id, workspace_id, url, types, description, at)!
INSERT INTO webhook_endpoints (id, workspace_id, url, types, description, created_at)
VALUES (:id, :workspace_id, :url, :types, :description, :at);

-- name: endpoint(id, workspace_id)^
SELECT * FROM webhook_endpoints WHERE id = :id AND workspace_id = :workspace_id;

-- name: endpoints(workspace_id)
SELECT w.*, (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.status = 'pending') AS pending,
       (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.status = 'failed') AS failed
  FROM webhook_endpoints w WHERE w.workspace_id = :workspace_id ORDER BY w.created_at, w.id;

-- name: endpoint_change(id, workspace_id, url, types, description, disabled_at, disabled_why)^
UPDATE webhook_endpoints
   SET url = :url, types = :types, description = :description, disabled_at = :disabled_at, disabled_why = :disabled_why
 WHERE id = :id AND workspace_id = :workspace_id
RETURNING id;

-- name: endpoint_disable(id, at, why)^
UPDATE webhook_endpoints SET disabled_at = :at, disabled_why = :why WHERE id = :id AND disabled_at IS NULL
RETURNING id;

-- name: endpoint_delete(id)!
DELETE FROM webhook_endpoints WHERE id = :id;

-- name: secret_add(id, workspace_id, endpoint_id, sealed, at)!
INSERT INTO webhook_secrets (id, workspace_id, endpoint_id, sealed, created_at)
VALUES (:id, :workspace_id, :endpoint_id, :sealed, :at);

-- name: secrets_good(endpoint_id, now)
-- The newest first.
SELECT id, workspace_id, sealed FROM webhook_secrets
 WHERE endpoint_id = :endpoint_id AND (expires_at IS NULL OR expires_at > :now)
 ORDER BY created_at DESC, id DESC;

-- name: secrets_retire(endpoint_id, until)!
UPDATE webhook_secrets SET expires_at = :until WHERE endpoint_id = :endpoint_id AND expires_at IS NULL;

-- name: secrets_forget(endpoint_id)!
-- No more than two are good at one time.
DELETE FROM webhook_secrets WHERE endpoint_id = :endpoint_id AND expires_at IS NOT NULL;

-- name: secrets_delete(endpoint_id)!
DELETE FROM webhook_secrets WHERE endpoint_id = :endpoint_id;
