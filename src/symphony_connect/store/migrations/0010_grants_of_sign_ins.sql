-- What a sign-in was issued is kept beside it from the exchange on: whatever ends the sign-in, it can be revoked.
ALTER TABLE strays ADD COLUMN flow_id TEXT;
ALTER TABLE strays ADD COLUMN brand_id BIGINT;
CREATE INDEX strays_of_flow ON strays (flow_id) WHERE flow_id IS NOT NULL;
-- Whose token a page was given: nothing of this person is revoked while the page may still register it.
ALTER TABLE handed_over ADD COLUMN identity_id TEXT;
-- A grant that waits for its platform may be anybody's.
CREATE INDEX grants_pending ON grants (connection_id) WHERE slot = 'pending';
