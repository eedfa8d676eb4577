-- Which process took a worker's lease: leases of one that has ended count no more against what a platform allows at once.
ALTER TABLE connections ADD COLUMN holder TEXT;
-- The database's own time of a beat, which no process's clock can spoil.
ALTER TABLE heartbeats ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
-- By how many milliseconds the process's clock was ahead of that.
ALTER TABLE heartbeats ADD COLUMN ahead BIGINT NOT NULL DEFAULT 0;
-- When a grant that its platform has yet to be told of was destroyed for every reader; `sealed_at` is when to tell it next.
ALTER TABLE grants ADD COLUMN revoking_since BIGINT;
-- From when a connection must not wait behind others that are only checked: something of it ends, or nobody is served yet.
ALTER TABLE connections ADD COLUMN pressing_at BIGINT;
UPDATE connections SET pressing_at = due_at;
CREATE INDEX connections_pressing ON connections (platform, pressing_at) WHERE pressing_at IS NOT NULL;
