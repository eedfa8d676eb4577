-- How often a key made a call through the proxy with a connection's token on one day (days since the epoch, UTC).
CREATE TABLE proxied_calls (
    connection_id TEXT NOT NULL REFERENCES connections (id),
    key_id        TEXT NOT NULL REFERENCES api_keys (id),
    day           BIGINT NOT NULL,
    count         BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    PRIMARY KEY (connection_id, key_id, day)
);
CREATE INDEX proxied_calls_day ON proxied_calls (day);
