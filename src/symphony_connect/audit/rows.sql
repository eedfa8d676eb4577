-- name: audit_key(id)^
SELECT sealed FROM audit_keys WHERE id = :id;

-- name: audit_key_add(id, sealed, at)!
INSERT INTO audit_keys (id, sealed, created_at) VALUES (:id, :sealed, :at) ON CONFLICT (id) DO NOTHING;

-- name: chain_add(chain, nothing, gone_proof, proof, at)!
INSERT INTO audit_chains (chain, gone_number, gone_mac, gone_proof, number, mac, proof, at)
VALUES (:chain, 0, :nothing, :gone_proof, 0, :nothing, :proof, :at);

-- name: chain_ends(chain, number, mac, proof, at)!
UPDATE audit_chains SET number = :number, mac = :mac, proof = :proof, at = :at WHERE chain = :chain;

-- name: chain_begins(chain, number, mac, proof, before)^
UPDATE audit_chains SET gone_number = :number, gone_mac = :mac, gone_proof = :proof
 WHERE chain = :chain AND gone_number = :before
RETURNING chain;

-- name: chains_newest(most)
SELECT chain, number FROM audit_chains ORDER BY at DESC, chain LIMIT :most;

-- name: chains()
SELECT * FROM audit_chains ORDER BY at, chain;

-- name: chains_old(before)
-- Those whose oldest row is past its time.
SELECT c.chain, c.gone_number FROM audit_chains c
  JOIN audit_rows r ON r.chain = c.chain AND r.number = c.gone_number + 1 AND r.at < :before;

-- name: row_add(chain, number, at, workspace, actor, what, connection, brand, platform, detail, mac)!
INSERT INTO audit_rows (chain, number, at, workspace, actor, what, connection, brand, platform, detail, mac)
VALUES (:chain, :number, :at, :workspace, :actor, :what, :connection, :brand, :platform, :detail, :mac);

-- name: rows_by_chain()
SELECT chain, COUNT(*) AS count FROM audit_rows GROUP BY chain;

-- name: rows_of_chain(chain, after, most)
SELECT * FROM audit_rows WHERE chain = :chain AND number > :after ORDER BY number LIMIT :most;

-- name: rows_forget(chain, number)!
DELETE FROM audit_rows WHERE chain = :chain AND number <= :number;
