-- One text for SQLite and PostgreSQL: BIGINT, TEXT and BYTEA mean what we need in both.
-- Times are milliseconds since the epoch; lists and platform extras are JSON text.

CREATE TABLE workspaces (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    kind         TEXT NOT NULL CHECK (kind IN ('secret', 'publishable')),
    hash         TEXT NOT NULL UNIQUE,
    hint         TEXT NOT NULL,
    name         TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    origins      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT
);

CREATE TABLE vault_keysets (
    id         BIGINT PRIMARY KEY,
    wrapped    BYTEA NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE brands (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    brand_id     BIGINT NOT NULL,
    name         TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, brand_id)
);

CREATE TABLE connections (
    id                     TEXT PRIMARY KEY,
    workspace_id           TEXT NOT NULL REFERENCES workspaces (id),
    brand_id               BIGINT NOT NULL,
    platform               TEXT NOT NULL,
    status                 TEXT NOT NULL,
    reason                 TEXT,
    status_at              BIGINT NOT NULL,
    identity_id            TEXT,
    identity_name          TEXT,
    scopes                 TEXT,
    missing_scopes         TEXT NOT NULL DEFAULT '[]',
    ad_accounts            TEXT,
    ad_accounts_at         BIGINT,
    selected               TEXT,
    issued_at              BIGINT,
    expires_at             BIGINT,
    refresh_expires_at     BIGINT,
    data_access_expires_at BIGINT,
    created_at             BIGINT NOT NULL,
    verified_at            BIGINT,
    renewed_at             BIGINT,
    announced_days         BIGINT,
    due_at                 BIGINT,
    renew_after            BIGINT,
    attempts               BIGINT NOT NULL DEFAULT 0,
    lease_until            BIGINT,
    fence                  BIGINT NOT NULL DEFAULT 0,
    -- When only a person can prolong it, and of what it ends then; no time, no known end.
    ends_at                BIGINT,
    ends_why               TEXT,
    ad_account_count       BIGINT,
    ad_account_words       TEXT,
    -- What the dashboard sorts by: most urgent first, then what ends first.
    urgency                BIGINT GENERATED ALWAYS AS (CASE status
                               WHEN 'needs_reconnect' THEN 0 WHEN 'expiring' THEN 1 WHEN 'unverified' THEN 2
                               WHEN 'connected' THEN 3 ELSE 4 END) STORED,
    next_end               BIGINT GENERATED ALWAYS AS (COALESCE(ends_at, 9223372036854775807)) STORED
);

-- A brand has one living connection to a platform; those it had before stay as history.
CREATE UNIQUE INDEX connections_living ON connections (workspace_id, brand_id, platform)
    WHERE status <> 'disconnected';
CREATE INDEX connections_due ON connections (platform, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX connections_leased ON connections (platform, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX connections_identity ON connections (platform, identity_id) WHERE status <> 'disconnected';
CREATE INDEX connections_urgent ON connections (workspace_id, urgency, next_end, id);
-- Covers the forecast, so that counting a workspace touches no row.
CREATE INDEX connections_forecast ON connections (workspace_id, status, ends_at, ends_why, expires_at);
CREATE INDEX connections_put_off ON connections (workspace_id, platform, due_at)
    WHERE attempts > 0 OR reason = 'platform_unreachable';

-- slot: 'live' is served; 'pending' waits for a platform that was out of reach; 'revoking' is
-- destroyed for every reader and kept only until the platform has been told. A pending grant
-- `replaces` when its caller allowed another identity.
CREATE TABLE grants (
    connection_id TEXT NOT NULL REFERENCES connections (id),
    slot          TEXT NOT NULL CHECK (slot IN ('live', 'pending', 'revoking')),
    sealed        BYTEA NOT NULL,
    sealed_at     BIGINT NOT NULL,
    replaces      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (connection_id, slot)
);
CREATE INDEX grants_revoking ON grants (sealed_at) WHERE slot = 'revoking';

-- A renewal that spends a one-time refresh token, written before it is sent and removed with its outcome.
CREATE TABLE rotations (
    connection_id TEXT PRIMARY KEY REFERENCES connections (id),
    fence         BIGINT NOT NULL,
    started_at    BIGINT NOT NULL
);

-- How fast a platform's app may be asked, over all processes: changes are spaced by `next_at`, and a
-- platform that wants fewer calls is left alone until `paused_until`, then asked by one until it answers.
CREATE TABLE platform_paces (
    platform     TEXT PRIMARY KEY,
    next_at      BIGINT NOT NULL,
    paused_until BIGINT,
    strikes      BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE connect_sessions (
    id               TEXT PRIMARY KEY,
    token_hash       TEXT NOT NULL UNIQUE,
    workspace_id     TEXT NOT NULL REFERENCES workspaces (id),
    brand_id         BIGINT NOT NULL,
    brand_name       TEXT,
    platforms        TEXT NOT NULL,
    redirect_url     TEXT,
    replace_identity BIGINT NOT NULL,
    pinned           TEXT NOT NULL,
    used             TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    ended_at         BIGINT
);

-- One sign-in under way, from the start to its outcome.
CREATE TABLE flows (
    id            TEXT PRIMARY KEY,
    state_hash    TEXT NOT NULL UNIQUE,
    nonce         TEXT UNIQUE,
    browser_hash  TEXT NOT NULL,
    mode          TEXT NOT NULL CHECK (mode IN ('login', 'connect')),
    platform      TEXT NOT NULL,
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id),
    key_id        TEXT,
    session_id    TEXT,
    origin        TEXT,
    scopes        TEXT NOT NULL,
    step          TEXT NOT NULL,
    sealed        BYTEA,
    result        TEXT,
    error_code    TEXT,
    error_message TEXT,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX flows_expiry ON flows (expires_at);

-- Tokens handed to a page: what must not reach the page waits here, sealed, for 15 minutes.
CREATE TABLE handed_over (
    token_hash   TEXT NOT NULL,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    platform     TEXT NOT NULL,
    key_id       TEXT,
    sealed       BYTEA NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, token_hash)
);

-- Answers to requests with an Idempotency-Key; the name is a hash of key, call and caller.
CREATE TABLE replays (
    id           TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    sealed       BYTEA NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX replays_expiry ON replays (expires_at);

CREATE TABLE events (
    id            TEXT PRIMARY KEY,
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id),
    connection_id TEXT,
    brand_id      BIGINT,
    platform      TEXT,
    type          TEXT NOT NULL,
    actor         TEXT NOT NULL,
    at            BIGINT NOT NULL,
    data          TEXT NOT NULL
);
CREATE INDEX events_of_connection ON events (connection_id, at, id);
CREATE INDEX events_of_workspace ON events (workspace_id, at, id);
CREATE INDEX events_of_type ON events (workspace_id, type, at);

-- A person at the dashboard: signed in by a link (no key: may do everything) or by a key, whose scopes and end count.
CREATE TABLE dashboard_sessions (
    hash         TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    key_id       TEXT REFERENCES api_keys (id),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE TABLE dashboard_links (
    hash         TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    expires_at   BIGINT NOT NULL
);

-- Each process that tends connections says that it lives; `outages` are the times when none did.
CREATE TABLE heartbeats (
    process TEXT PRIMARY KEY,
    at      BIGINT NOT NULL
);

CREATE TABLE outages (
    began_at BIGINT PRIMARY KEY,
    ended_at BIGINT NOT NULL
);
