-- What people search in, in one case, one row for each brand (no connection, only `brand`) and each connection (only
-- `words`). Written by `store/search.py`, because only Python knows the case of every letter alike on both databases.
CREATE TABLE searched (
    workspace_id  TEXT NOT NULL REFERENCES workspaces (id),
    brand_id      BIGINT NOT NULL,
    connection_id TEXT NOT NULL,
    brand         TEXT,
    words         TEXT,
    PRIMARY KEY (workspace_id, brand_id, connection_id)
);
-- Every three letters that follow each other. The extension pg_trgm does this too, but not everybody may create it.
CREATE FUNCTION symphony_grams(text TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS
$$ SELECT array_agg(DISTINCT substr(text, place, 3)) FROM generate_series(1, length(text) - 2) AS place $$;
CREATE INDEX searched_brand ON searched USING gin (symphony_grams(brand)) WHERE brand IS NOT NULL;
CREATE INDEX searched_words ON searched USING gin (symphony_grams(words)) WHERE words IS NOT NULL;

-- How many connections of a workspace have which status and end on which day (days since the epoch, UTC; -1 is none),
-- so that the dashboard counts no connections. Kept by a trigger: a count is right in whatever way a row changed. Rows
-- are only added, so that no two transactions wait for each other; `sweep` adds up those of the same key.
CREATE TABLE connection_counts (
    workspace_id TEXT NOT NULL,
    status       TEXT NOT NULL,
    ends_day     BIGINT NOT NULL,
    ends_why     TEXT NOT NULL,
    expires_day  BIGINT NOT NULL,
    count        BIGINT NOT NULL
);
CREATE INDEX connection_counts_key ON connection_counts (workspace_id, status, ends_day, ends_why, expires_day);
CREATE FUNCTION symphony_count_connection() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN INSERT INTO connection_counts
        VALUES (OLD.workspace_id, OLD.status, COALESCE(OLD.ends_at / 86400000, -1), COALESCE(OLD.ends_why, ''),
                COALESCE(OLD.expires_at / 86400000, -1), -1); END IF; IF TG_OP <> 'DELETE' THEN
        INSERT INTO connection_counts
        VALUES (NEW.workspace_id, NEW.status, COALESCE(NEW.ends_at / 86400000, -1), COALESCE(NEW.ends_why, ''),
                COALESCE(NEW.expires_at / 86400000, -1), 1); END IF; RETURN NULL; END $$;
CREATE TRIGGER connections_counted AFTER INSERT OR DELETE ON connections
FOR EACH ROW EXECUTE FUNCTION symphony_count_connection();
CREATE TRIGGER connections_counted_again AFTER UPDATE OF status, ends_at, ends_why, expires_at ON connections
FOR EACH ROW WHEN ((OLD.status, OLD.ends_at / 86400000, OLD.ends_why, OLD.expires_at / 86400000)
     IS DISTINCT FROM (NEW.status, NEW.ends_at / 86400000, NEW.ends_why, NEW.expires_at / 86400000))
EXECUTE FUNCTION symphony_count_connection();
INSERT INTO connection_counts
SELECT workspace_id, status, COALESCE(ends_at / 86400000, -1), COALESCE(ends_why, ''),
       COALESCE(expires_at / 86400000, -1), COUNT(*) FROM connections GROUP BY 1, 2, 3, 4, 5;
DROP INDEX connections_forecast;
