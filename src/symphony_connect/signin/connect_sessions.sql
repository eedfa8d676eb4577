-- name: connect_session_add(id, token_hash, workspace_id, brand_id, brand_name, platforms, redirect_url, replace_identity, pinned, at, expires_at)!
INSERT INTO connect_sessions (id, token_hash, workspace_id, brand_id, brand_name, platforms, redirect_url,
                              replace_identity, pinned, used, created_at, expires_at)
VALUES (:id, :token_hash, :workspace_id, :brand_id, :brand_name, :platforms, :redirect_url,
        :replace_identity, :pinned, '[]', :at, :expires_at);

-- name: connect_session_by_token(token_hash)^
SELECT s.*, w.name AS workspace_name
  FROM connect_sessions s JOIN workspaces w ON w.id = s.workspace_id
 WHERE s.token_hash = :token_hash;

-- name: connect_session_by_id(id)^
SELECT s.*, w.name AS workspace_name
  FROM connect_sessions s JOIN workspaces w ON w.id = s.workspace_id
 WHERE s.id = :id;

-- name: connect_session_use(id, used_before, used, now)^
-- Each platform once: the row must be as it was read.
UPDATE connect_sessions SET used = :used
 WHERE id = :id AND used = :used_before AND ended_at IS NULL AND expires_at > :now
RETURNING id;

-- name: connect_session_opened(id, at)!
UPDATE connect_sessions SET opened_at = :at WHERE id = :id AND opened_at IS NULL;

-- name: connect_session_end(id, workspace_id, at)^
UPDATE connect_sessions SET ended_at = :at
 WHERE id = :id AND workspace_id = :workspace_id AND ended_at IS NULL
RETURNING id;

-- name: connect_sessions_end(workspace_id, platform, at)
-- No workspace, no platform: all of them.
UPDATE connect_sessions SET ended_at = :at
 WHERE ended_at IS NULL AND expires_at > :at
   AND (CAST(:workspace_id AS TEXT) IS NULL OR workspace_id = :workspace_id)
   AND (CAST(:platform AS TEXT) IS NULL OR platforms LIKE '%"' || :platform || '"%')
RETURNING id;

-- name: connect_sessions_of_brand_end(workspace_id, brand_id, at)!
UPDATE connect_sessions SET ended_at = :at
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id AND ended_at IS NULL;
