-- How often a key read a connection's token on one day (days since the epoch, UTC).
CREATE TABLE token_reads (
    connection_id TEXT NOT NULL REFERENCES connections (id),
    key_id        TEXT NOT NULL REFERENCES api_keys (id),
    day           BIGINT NOT NULL,
    count         BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    PRIMARY KEY (connection_id, key_id, day)
);
CREATE INDEX token_reads_day ON token_reads (day);
