-- name: session_add(id, token_hash, workspace_id, brand_id, brand_name, platforms, redirect_url, replace_identity, pinned, at, expires_at)!
INSERT INTO connect_sessions (id, token_hash, workspace_id, brand_id, brand_name, platforms, redirect_url,
                              replace_identity, pinned, used, created_at, expires_at)
VALUES (:id, :token_hash, :workspace_id, :brand_id, :brand_name, :platforms, :redirect_url,
        :replace_identity, :pinned, '[]', :at, :expires_at);

-- name: session_by_token(token_hash)^
SELECT s.*, w.name AS workspace_name
  FROM connect_sessions s JOIN workspaces w ON w.id = s.workspace_id
 WHERE s.token_hash = :token_hash;

-- name: session_by_id(id)^
SELECT s.*, w.name AS workspace_name
  FROM connect_sessions s JOIN workspaces w ON w.id = s.workspace_id
 WHERE s.id = :id;

-- name: session_use(id, used_before, used, now)^
-- Each platform once: the row must be as it was read.
UPDATE connect_sessions SET used = :used
 WHERE id = :id AND used = :used_before AND ended_at IS NULL AND expires_at > :now
RETURNING id;

-- name: session_end(id, workspace_id, at)^
UPDATE connect_sessions SET ended_at = :at
 WHERE id = :id AND workspace_id = :workspace_id AND ended_at IS NULL
RETURNING id;

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

-- name: flows_forget(now)!
DELETE FROM flows WHERE expires_at < :now;

-- name: handed_over_put(token_hash, workspace_id, platform, key_id, sealed, expires_at)!
INSERT INTO handed_over (token_hash, workspace_id, platform, key_id, sealed, expires_at)
VALUES (:token_hash, :workspace_id, :platform, :key_id, :sealed, :expires_at)
ON CONFLICT (workspace_id, token_hash)
DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed, expires_at = excluded.expires_at;

-- name: handed_over(workspace_id, token_hash, platform, now)^
SELECT key_id, sealed FROM handed_over
 WHERE workspace_id = :workspace_id AND token_hash = :token_hash AND platform = :platform AND expires_at > :now;

-- name: handed_over_forget(now)!
DELETE FROM handed_over WHERE expires_at < :now;
