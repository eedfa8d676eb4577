-- name: claim_due(platform, now, until, most, holder)
-- SQLite has one writer at a time: the conditional update is the claim.
UPDATE connections SET lease_until = :until, fence = fence + 1, holder = :holder
 WHERE id IN (SELECT id FROM connections
               WHERE platform = :platform AND due_at <= :now AND status <> 'disconnected'
                 AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :now + 1890000)
               ORDER BY due_at LIMIT :most)
RETURNING id, fence;

-- name: claim_pressing(platform, now, until, most, holder)
-- What ends soon, or serves nobody yet, before what is only checked.
UPDATE connections SET lease_until = :until, fence = fence + 1, holder = :holder
 WHERE id IN (SELECT id FROM connections
               WHERE platform = :platform AND pressing_at <= :now AND status <> 'disconnected'
                 AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :now + 1890000)
               ORDER BY pressing_at LIMIT :most)
RETURNING id, fence;
