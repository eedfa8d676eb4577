-- How often a page has registered a token that was handed to it, and for which brands: ",12345,".
ALTER TABLE handed_over ADD COLUMN uses BIGINT NOT NULL DEFAULT 0;
ALTER TABLE handed_over ADD COLUMN brands TEXT NOT NULL DEFAULT ',';
CREATE INDEX flows_session ON flows (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX connect_sessions_brand ON connect_sessions (workspace_id, brand_id);
