-- Where a workspace's events are delivered. `types` is ",connection.connected,…,", or empty for all.
CREATE TABLE webhook_endpoints (
    id           TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    url          TEXT NOT NULL,
    types        TEXT NOT NULL,
    description  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    disabled_at  BIGINT,
    disabled_why TEXT
);
CREATE INDEX webhook_endpoints_of_workspace ON webhook_endpoints (workspace_id, id);

-- What deliveries are signed with: one, or two while the receiver changes to the new one.
CREATE TABLE webhook_secrets (
    id           TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    endpoint_id  TEXT NOT NULL REFERENCES webhook_endpoints (id),
    sealed       BYTEA NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT
);
CREATE INDEX webhook_secrets_of_endpoint ON webhook_secrets (endpoint_id, created_at);

-- One event for one endpoint, written in the transaction of the change. `at` is the event's time, which orders those
-- of one connection.
CREATE TABLE webhook_deliveries (
    endpoint_id   TEXT NOT NULL REFERENCES webhook_endpoints (id),
    event_id      TEXT NOT NULL,
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id),
    connection_id TEXT,
    type          TEXT NOT NULL,
    at            BIGINT NOT NULL,
    body          TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts      BIGINT NOT NULL,
    queued_at     BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    lease_until   BIGINT,
    fence         BIGINT NOT NULL,
    tried_at      BIGINT,
    answer        BIGINT,
    error         TEXT,
    PRIMARY KEY (endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint_id, connection_id, at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (endpoint_id, at, event_id);
CREATE INDEX webhook_deliveries_done ON webhook_deliveries (status, tried_at) WHERE status <> 'pending';
