-- What people search in, in one case, one row for each brand (no connection, only `brand`) and each connection (only
-- `words`). Written by `store/search.py`, because only Python knows the case of every letter alike on both databases.
CREATE TABLE searched (
    id            INTEGER PRIMARY KEY,
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id),
    brand_id      BIGINT NOT NULL,
    connection_id TEXT NOT NULL,
    brand         TEXT,
    words         TEXT,
    UNIQUE (workspace_id, brand_id, connection_id)
);
CREATE VIRTUAL TABLE searched_grams USING fts5 (
    brand, words, content = 'searched', content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = 'column'
);
CREATE TRIGGER searched_added AFTER INSERT ON searched BEGIN
    INSERT INTO searched_grams (rowid, brand, words) VALUES (new.id, new.brand, new.words); END;
CREATE TRIGGER searched_deleted AFTER DELETE ON searched BEGIN
    INSERT INTO searched_grams (searched_grams, rowid, brand, words)
    VALUES ('delete', old.id, old.brand, old.words); END;
CREATE TRIGGER searched_changed AFTER UPDATE ON searched BEGIN
    INSERT INTO searched_grams (searched_grams, rowid, brand, words)
    VALUES ('delete', old.id, old.brand, old.words); INSERT INTO searched_grams (rowid, brand, words)
    VALUES (new.id, new.brand, new.words); END;

-- How many connections of a workspace have which status and end on which day (days since the epoch, UTC; -1 is none),
-- so that the dashboard counts no connections. Kept by triggers: a count is right in whatever way a row changed.
CREATE TABLE connection_counts (
    workspace_id TEXT NOT NULL,
    status       TEXT NOT NULL,
    ends_day     BIGINT NOT NULL,
    ends_why     TEXT NOT NULL,
    expires_day  BIGINT NOT NULL,
    count        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, status, ends_day, ends_why, expires_day)
);
CREATE TRIGGER connections_counted_in AFTER INSERT ON connections BEGIN
    INSERT INTO connection_counts
    VALUES (new.workspace_id, new.status, COALESCE(new.ends_at / 86400000, -1), COALESCE(new.ends_why, ''),
            COALESCE(new.expires_at / 86400000, -1), 1)
        ON CONFLICT DO UPDATE SET count = count + 1; END;
CREATE TRIGGER connections_counted_out AFTER DELETE ON connections BEGIN
    INSERT INTO connection_counts
    VALUES (old.workspace_id, old.status, COALESCE(old.ends_at / 86400000, -1), COALESCE(old.ends_why, ''),
            COALESCE(old.expires_at / 86400000, -1), -1)
        ON CONFLICT DO UPDATE SET count = count - 1; END;
CREATE TRIGGER connections_counted_again AFTER UPDATE OF status, ends_at, ends_why, expires_at ON connections
WHEN (old.status, old.ends_at / 86400000, old.ends_why, old.expires_at / 86400000)
     IS NOT (new.status, new.ends_at / 86400000, new.ends_why, new.expires_at / 86400000) BEGIN
    INSERT INTO connection_counts
    VALUES (old.workspace_id, old.status, COALESCE(old.ends_at / 86400000, -1), COALESCE(old.ends_why, ''),
            COALESCE(old.expires_at / 86400000, -1), -1)
        ON CONFLICT DO UPDATE SET count = count - 1; INSERT INTO connection_counts
    VALUES (new.workspace_id, new.status, COALESCE(new.ends_at / 86400000, -1), COALESCE(new.ends_why, ''),
            COALESCE(new.expires_at / 86400000, -1), 1)
        ON CONFLICT DO UPDATE SET count = count + 1; END;
INSERT INTO connection_counts
SELECT workspace_id, status, COALESCE(ends_at / 86400000, -1), COALESCE(ends_why, ''),
       COALESCE(expires_at / 86400000, -1), COUNT(*) FROM connections GROUP BY 1, 2, 3, 4, 5;
DROP INDEX connections_forecast;
