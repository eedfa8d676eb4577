-- Which process took a worker's lease: leases of one that has ended count no more against what a platform allows at once.
ALTER TABLE connections ADD COLUMN holder TEXT;
-- The database's own time of a beat, which no process's clock can spoil.
ALTER TABLE heartbeats ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
