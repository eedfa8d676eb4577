-- Requests of people, told by their platform, to delete what is stored of them. No id of the person: only a hash of
-- the request, so that the same request has the same answer, and the code by which the person asks after it.
CREATE TABLE deletions (
    code         TEXT PRIMARY KEY,
    platform     TEXT NOT NULL,
    request_hash TEXT NOT NULL UNIQUE,
    at           BIGINT NOT NULL,
    done_at      BIGINT,
    connections  BIGINT NOT NULL
);
CREATE INDEX deletions_time ON deletions (at);
