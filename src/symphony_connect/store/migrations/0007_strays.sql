-- Grants that a platform issued and no connection has: the connection was ended meanwhile, or the platform was busy
-- until the sign-in was over. Kept sealed until the platform has been told.
CREATE TABLE strays (
    id           TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    platform     TEXT NOT NULL,
    -- Whose it is; NULL where the platform has not said yet.
    identity_id  TEXT,
    sealed       BYTEA NOT NULL,
    created_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL
);
CREATE INDEX strays_due ON strays (platform, due_at);
