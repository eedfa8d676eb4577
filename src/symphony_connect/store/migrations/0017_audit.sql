-- What the chains are made with: a random key, sealed by the vault.
CREATE TABLE audit_keys (
    id         TEXT PRIMARY KEY,
    sealed     BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- Who did what to which connection. Each row's `mac` covers the row and the mac of the row before it. The columns are
-- not called as elsewhere, so that nothing that removes a workspace or a connection removes rows from a chain.
CREATE TABLE audit_rows (
    chain      TEXT NOT NULL,
    number     BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    workspace  TEXT NOT NULL,
    actor      TEXT NOT NULL,
    what       TEXT NOT NULL,
    connection TEXT,
    brand      BIGINT,
    platform   TEXT,
    detail     TEXT NOT NULL,
    mac        TEXT NOT NULL,
    PRIMARY KEY (chain, number)
);

-- Where each chain ends, and up to where its oldest rows were deleted because of their age; `proof` and `gone_proof`
-- can be made with the key alone.
CREATE TABLE audit_chains (
    chain       TEXT PRIMARY KEY,
    gone_number BIGINT NOT NULL,
    gone_mac    TEXT NOT NULL,
    gone_proof  TEXT NOT NULL,
    number      BIGINT NOT NULL,
    mac         TEXT NOT NULL,
    proof       TEXT NOT NULL,
    at          BIGINT NOT NULL
);
CREATE INDEX audit_chains_time ON audit_chains (at);
