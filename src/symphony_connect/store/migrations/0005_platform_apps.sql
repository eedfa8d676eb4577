-- What is known of a platform's refusal of our app: since when, in which words, when it was last asked.
-- `held_until`: many people's tokens were refused at once, so that no connection is lost before then.
CREATE TABLE platform_apps (
    platform   TEXT PRIMARY KEY,
    refused_at BIGINT,
    message    TEXT,
    asked_at   BIGINT NOT NULL DEFAULT 0,
    held_until BIGINT
);
CREATE INDEX connections_lost ON connections (platform, status_at) WHERE status = 'needs_reconnect';
