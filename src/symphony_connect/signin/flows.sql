-- name: flow_add(id, state_hash, nonce, browser_hash, mode, platform, workspace_id, key_id, session_id, origin, scopes, sealed, at, expires_at)!
INSERT INTO flows (id, state_hash, nonce, browser_hash, mode, platform, workspace_id, key_id, session_id,
                   origin, scopes, step, sealed, created_at, expires_at)
VALUES (:id, :state_hash, :nonce, :browser_hash, :mode, :platform, :workspace_id, :key_id, :session_id,
        :origin, :scopes, 'at_platform', :sealed, :at, :expires_at);

-- name: flow_nonce_free(nonce)!
-- A page that tries again in the same window follows its newest sign-in.
UPDATE flows SET nonce = NULL WHERE nonce = :nonce;

-- name: flow_by_id(id)^
SELECT * FROM flows WHERE id = :id;

-- name: flow_by_nonce(nonce)^
SELECT * FROM flows WHERE nonce = :nonce;

-- name: flow_claim(state_hash, platform, browser_hash, now)^
-- A state works once, on its own platform's callback, in the browser that began, within its time.
UPDATE flows SET step = 'exchanging'
 WHERE state_hash = :state_hash AND platform = :platform AND browser_hash = :browser_hash
   AND step = 'at_platform' AND expires_at > :now
RETURNING *;

-- name: flow_by_state(state_hash, browser_hash)^
SELECT * FROM flows WHERE state_hash = :state_hash AND browser_hash = :browser_hash;

-- name: flow_step(id, before, after, sealed, result)^
UPDATE flows SET step = :after, sealed = :sealed, result = :result
 WHERE id = :id AND step = :before
RETURNING id;

-- name: flow_fail(id, error_code, error_message, result)!
UPDATE flows SET step = 'failed', sealed = NULL, result = :result,
                 error_code = :error_code, error_message = :error_message
 WHERE id = :id AND step <> 'done';

-- name: flows_forget(now, failed_before)!
-- One that failed holds no secret and is kept longer: its owner may read its code out.
DELETE FROM flows WHERE expires_at <= :now AND (step <> 'failed' OR expires_at <= :failed_before);

-- name: flows_by_code(code)
-- By the last characters of the id, which an owner's page shows.
SELECT f.id, f.workspace_id, f.mode, f.platform, f.step, f.origin, f.error_code, f.error_message, f.created_at,
       w.name AS workspace, s.brand_id
  FROM flows f JOIN workspaces w ON w.id = f.workspace_id
  LEFT JOIN connect_sessions s ON s.id = f.session_id
 WHERE lower(f.id) LIKE '%' || lower(:code)
 ORDER BY f.created_at DESC LIMIT 20;

-- name: flows_destroy(workspace_id, platform)!
-- Sign-ins under way hold tokens too. No workspace, no platform: all of them.
DELETE FROM flows
 WHERE (CAST(:workspace_id AS TEXT) IS NULL OR workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR platform = :platform);

-- name: flows_of_brand_destroy(workspace_id, brand_id)!
DELETE FROM flows
 WHERE session_id IN (SELECT id FROM connect_sessions WHERE workspace_id = :workspace_id AND brand_id = :brand_id);
