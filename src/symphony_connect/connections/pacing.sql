-- name: due_now(platform, now)^
-- In order, or PostgreSQL takes any row for likely to be due and reads the whole table when none is.
SELECT 1 AS due FROM connections
 WHERE platform = :platform AND due_at <= :now AND status <> 'disconnected'
   AND (lease_until IS NULL OR lease_until <= :now)
 ORDER BY due_at LIMIT 1;

-- name: pace(platform)^
-- Made when first asked for, and locked either way: those who claim for one platform take their turns.
INSERT INTO platform_paces (platform, next_at) VALUES (:platform, 0)
ON CONFLICT (platform) DO UPDATE SET next_at = platform_paces.next_at
RETURNING next_at, paused_until, strikes;

-- name: pace_spend(platform, next_at)!
UPDATE platform_paces SET next_at = :next_at WHERE platform = :platform;

-- name: pace_pause(platform, until, strikes)!
UPDATE platform_paces SET paused_until = :until, strikes = :strikes WHERE platform = :platform;
