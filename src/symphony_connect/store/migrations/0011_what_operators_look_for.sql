-- When a connect link was first opened in a browser; NULL for one that nobody has opened since this column exists.
ALTER TABLE connect_sessions ADD COLUMN opened_at BIGINT;
CREATE INDEX connect_sessions_of_brand ON connect_sessions (workspace_id, brand_id, created_at);

-- What is due when, and overdue, in one workspace.
CREATE INDEX connections_due_of_workspace ON connections (workspace_id, due_at) WHERE due_at IS NOT NULL;

-- The events of one brand, newest first.
CREATE INDEX events_of_brand ON events (workspace_id, brand_id, at, id);
