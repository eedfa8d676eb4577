-- name: lease_take(id, now, until, horizon)^
-- One holder at a time; every taking raises the fence, so that a holder that slept past its lease
-- finds its number stale when it comes to write. A lease beyond the horizon was taken by a clock
-- that has been set back since, and binds nobody.
UPDATE connections SET lease_until = :until, fence = fence + 1, holder = NULL
 WHERE id = :id AND status <> 'disconnected'
   AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :horizon)
RETURNING fence;

-- name: lease_begin(id, fence, now, until)^
-- Before a one-time refresh token is spent: still the holder, for a whole lease from now on. Due at
-- once, so that somebody looks soon if this process ends before it can say how it went.
UPDATE connections SET lease_until = :until, due_at = :now
 WHERE id = :id AND fence = :fence AND status <> 'disconnected'
RETURNING id;

-- name: lease_held(id, fence)^
-- The first statement of every write after an upstream call: nothing when somebody else took over.
UPDATE connections SET lease_until = NULL
 WHERE id = :id AND fence = :fence AND status <> 'disconnected'
RETURNING id;

-- name: lease_break(id)^
-- For a tombstone: whoever holds the lease will find its fence stale.
UPDATE connections SET lease_until = NULL, fence = fence + 1
 WHERE id = :id AND status <> 'disconnected'
RETURNING id;
