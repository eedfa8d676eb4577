-- name: app_trouble(platform)^
SELECT refused_at, message, asked_at, held_until FROM platform_apps WHERE platform = :platform;

-- name: app_troubles(now)
SELECT platform, refused_at, message, held_until FROM platform_apps WHERE refused_at IS NOT NULL OR held_until > :now;

-- name: app_refused(platform, now, message)!
-- The words it was found out by stay: each question may be refused in others, and the operator reads one sentence.
INSERT INTO platform_apps (platform, refused_at, message, asked_at) VALUES (:platform, :now, :message, :now)
ON CONFLICT (platform) DO UPDATE
   SET refused_at = COALESCE(platform_apps.refused_at, excluded.refused_at),
       message = COALESCE(platform_apps.message, excluded.message),
       asked_at = excluded.asked_at;

-- name: app_ask(platform, now, before)^
-- One process asks for all.
UPDATE platform_apps SET asked_at = :now
 WHERE platform = :platform AND refused_at IS NOT NULL AND (asked_at <= :before OR asked_at > :now)
RETURNING refused_at;

-- name: app_accepted(platform)!
UPDATE platform_apps SET refused_at = NULL, message = NULL WHERE platform = :platform;

-- name: losses_hold(platform, until)!
INSERT INTO platform_apps (platform, held_until) VALUES (:platform, :until)
ON CONFLICT (platform) DO UPDATE SET held_until = excluded.held_until;

-- name: people_lost(platform, since, most)^
-- People, not connections: one person may stand behind many brands.
SELECT count(*) AS people FROM (
    SELECT DISTINCT identity_id FROM connections
     WHERE platform = :platform AND status = 'needs_reconnect' AND status_at >= :since
       AND reason IN ('revoked', 'app_removed', 'permissions_missing', 'token_refused') LIMIT :most) AS lost;

-- name: lost_due(platform, since, now)!
-- What was lost while the app was in trouble may be as good as ever.
UPDATE connections SET due_at = :now
 WHERE platform = :platform AND status = 'needs_reconnect' AND status_at >= :since
   AND reason IN ('revoked', 'app_removed', 'permissions_missing', 'token_refused');
