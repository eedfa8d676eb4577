-- Whether a connection's sealed grants are bound to their connection and slot. An installation from before is so once
-- `vault rotate` has sealed everything again; until then they are bound to brand and platform alone.
ALTER TABLE vault_keysets ADD COLUMN rows_bound BIGINT NOT NULL DEFAULT 0;

-- Of an ended connection no person is named any more: a fingerprint of who it was (`store/ended.py`).
ALTER TABLE connections ADD COLUMN person TEXT;
CREATE INDEX connections_person ON connections (person) WHERE person IS NOT NULL;
