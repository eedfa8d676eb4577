-- A backup that was put back and is not yet gone through: as long as a row is here, no stored token is served.
CREATE TABLE restores (
    id         BIGINT PRIMARY KEY,
    began_at   BIGINT NOT NULL,
    -- The last connection, in the order of ids, that was set to unverified.
    after_id   TEXT NOT NULL,
    unverified BIGINT NOT NULL,
    links      BIGINT NOT NULL
);

-- Written to find out whether anything can be written.
CREATE TABLE write_checks (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL
);

-- What is deleted when it is old is found by its time.
CREATE INDEX connect_sessions_expiry ON connect_sessions (expires_at);
CREATE INDEX handed_over_expiry ON handed_over (expires_at);
CREATE INDEX events_time ON events (at);
