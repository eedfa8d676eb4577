-- What a connection reaches beside ad accounts, such as Pages: as its platform listed them last, and which the brand
-- uses (NULL: all that are usable). One row for each active connection that was listed or chosen for.
CREATE TABLE assets (
    connection_id TEXT PRIMARY KEY REFERENCES connections (id),
    listed        TEXT,
    listed_at     BIGINT,
    place         TEXT NOT NULL DEFAULT '',
    selected      TEXT
);
