-- name: claim_due(platform, now, until, most, holder)
-- SQLite has one writer at a time: the conditional update is the claim.
UPDATE connections SET lease_until = :until, fence = fence + 1, holder = :holder
 WHERE id IN (SELECT id FROM connections
               WHERE platform = :platform AND due_at <= :now AND status <> 'disconnected'
                 AND (lease_until IS NULL OR lease_until <= :now)
               ORDER BY due_at LIMIT :most)
RETURNING id, fence;
