-- name: outages_since(since, most)
SELECT began_at, ended_at FROM outages WHERE ended_at > :since ORDER BY began_at DESC LIMIT :most;

-- name: dashboard_forecast(workspace_id, today, weeks)
-- Every connection once, where it next needs somebody or something; a few dozen rows at any size. `today` is a
-- day since the epoch.
SELECT status, lane, why, slot, CAST(SUM(count) AS BIGINT) AS count
  FROM (SELECT status, count, lane, CASE WHEN lane = 'person' THEN ends_why ELSE '' END AS why,
               CASE WHEN lane NOT IN ('person', 'renews') OR day < :today THEN 0
                    ELSE (day - :today) / 7 END AS slot
          FROM (SELECT status, count, ends_why,
                       CASE WHEN status = 'disconnected' THEN 'gone'
                            WHEN status = 'needs_reconnect' THEN 'ended'
                            WHEN status = 'unverified' THEN 'unverified'
                            WHEN ends_day >= 0 AND ends_day < :today + 7 * :weeks THEN 'person'
                            WHEN expires_day >= 0 AND expires_day < :today + 7 * :weeks THEN 'renews'
                            WHEN ends_day < 0 AND expires_day < 0 THEN 'never'
                            ELSE 'later' END AS lane,
                       CASE WHEN ends_day >= 0 AND ends_day < :today + 7 * :weeks THEN ends_day
                            ELSE expires_day END AS day
                  FROM connection_counts
                 WHERE workspace_id = :workspace_id) AS placed) AS slotted
 GROUP BY status, lane, why, slot
HAVING SUM(count) <> 0;

-- name: dashboard_first(workspace_id, urgency, last_end)^
-- The first of an urgency: what broke or breaks first.
SELECT c.id, c.brand_id, b.name AS brand_name, c.platform, c.status, c.reason, c.status_at, c.ends_at
  FROM connections c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.workspace_id = :workspace_id AND c.urgency = :urgency AND c.next_end <= :last_end
 ORDER BY c.next_end, c.id LIMIT 1;

-- name: dashboard_put_off(workspace_id, platform, most)^
-- What waits for a platform that did not answer when last asked, counted up to `most`.
SELECT COUNT(*) AS count, MIN(due_at) AS retry_at
  FROM (SELECT due_at FROM connections
         WHERE workspace_id = :workspace_id AND platform = :platform
           AND (attempts > 0 OR reason = 'platform_unreachable') AND status <> 'disconnected'
         ORDER BY due_at LIMIT :most) AS waiting;

-- name: dashboard_newest_event(workspace_id)^
SELECT id FROM events WHERE workspace_id = :workspace_id ORDER BY at DESC, id DESC LIMIT 1;

-- name: dashboard_connections(workspace_id, urgency, next_end, id, last_urgency, platform, lane, why, low, high, until, most)
-- From behind a cursor, most urgent first. A lane is one of the forecast's.
SELECT c.id, c.brand_id, b.name AS brand_name, c.platform, c.status, c.reason, c.status_at, c.identity_name,
       c.ad_account_count, c.selected, c.expires_at, c.data_access_expires_at, c.ends_at, c.ends_why,
       c.renewed_at, c.verified_at, c.due_at, c.attempts, c.urgency, c.next_end
  FROM connections c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.workspace_id = :workspace_id
   AND (c.urgency, c.next_end, c.id) > (:urgency, :next_end, :id) AND c.urgency <= :last_urgency
   AND (:platform = '' OR c.platform = :platform)
   AND (:lane = ''
        OR (c.urgency IN (1, 3)
            AND ((:lane = 'person' AND c.next_end >= :low AND c.next_end < :high AND c.ends_why = :why)
                 OR (:lane = 'renews' AND c.next_end >= :until AND c.expires_at < c.next_end
                     AND c.expires_at >= :low AND c.expires_at < :high)
                 OR (:lane = 'never' AND c.ends_at IS NULL AND c.expires_at IS NULL)
                 OR (:lane = 'later' AND c.next_end >= :until AND COALESCE(c.expires_at, c.ends_at) >= :until))))
 ORDER BY c.urgency, c.next_end, c.id LIMIT :most;

-- name: dashboard_place(workspace_id, urgency, next_end, id, last_urgency, steps)^
-- The row so many steps behind a cursor.
SELECT c.urgency, c.next_end, c.id FROM connections c
 WHERE c.workspace_id = :workspace_id
   AND (c.urgency, c.next_end, c.id) > (:urgency, :next_end, :id) AND c.urgency <= :last_urgency
 ORDER BY c.urgency, c.next_end, c.id LIMIT 1 OFFSET :steps;

-- name: dashboard_connections_walked(workspace_id, steps, urgency, next_end, id, last_urgency, platform, lane, why, low, high, until, most, word1, word2, word3, word4, word5, word6)
-- The same for words that many are found by: the next rows are read one by one, and no more than `steps`.
SELECT c.id, c.brand_id, b.name AS brand_name, c.platform, c.status, c.reason, c.status_at, c.identity_name,
       c.ad_account_count, c.selected, c.expires_at, c.data_access_expires_at, c.ends_at, c.ends_why,
       c.renewed_at, c.verified_at, c.due_at, c.attempts, c.urgency, c.next_end
  FROM (SELECT c.*, (SELECT s.words FROM searched s
                      WHERE s.workspace_id = c.workspace_id AND s.brand_id = c.brand_id AND s.connection_id = c.id) AS words
          FROM connections c
         WHERE c.workspace_id = :workspace_id
           AND (c.urgency, c.next_end, c.id) > (:urgency, :next_end, :id) AND c.urgency <= :last_urgency
         ORDER BY c.urgency, c.next_end, c.id LIMIT :steps) AS c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.workspace_id = :workspace_id
   AND c.words LIKE :word1 ESCAPE '!' AND c.words LIKE :word2 ESCAPE '!'
   AND c.words LIKE :word3 ESCAPE '!' AND c.words LIKE :word4 ESCAPE '!'
   AND c.words LIKE :word5 ESCAPE '!' AND c.words LIKE :word6 ESCAPE '!'
   AND (:platform = '' OR c.platform = :platform)
   AND (:lane = ''
        OR (c.urgency IN (1, 3)
            AND ((:lane = 'person' AND c.next_end >= :low AND c.next_end < :high AND c.ends_why = :why)
                 OR (:lane = 'renews' AND c.next_end >= :until AND c.expires_at < c.next_end
                     AND c.expires_at >= :low AND c.expires_at < :high)
                 OR (:lane = 'never' AND c.ends_at IS NULL AND c.expires_at IS NULL)
                 OR (:lane = 'later' AND c.next_end >= :until AND COALESCE(c.expires_at, c.ends_at) >= :until))))
 ORDER BY c.urgency, c.next_end, c.id LIMIT :most;

-- name: dashboard_connection(workspace_id, id)^
SELECT c.*, b.name AS brand_name
  FROM connections c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.workspace_id = :workspace_id AND c.id = :id;

-- name: dashboard_brands(workspace_id, after, most)
-- A page of brands with their active connections; a brand without one has a single row.
SELECT b.brand_id, b.name, c.id, c.platform, c.status, c.reason
  FROM (SELECT workspace_id, brand_id, name FROM brands
         WHERE workspace_id = :workspace_id AND brand_id > :after ORDER BY brand_id LIMIT :most) AS b
  LEFT JOIN connections c
         ON c.workspace_id = b.workspace_id AND c.brand_id = b.brand_id AND c.status <> 'disconnected'
 ORDER BY b.brand_id, c.platform;

-- name: dashboard_brand_place(workspace_id, after, steps)^
SELECT brand_id FROM brands
 WHERE workspace_id = :workspace_id AND brand_id > :after ORDER BY brand_id LIMIT 1 OFFSET :steps;

-- name: dashboard_brands_walked(workspace_id, after, steps, most, word1, word2, word3, word4, word5, word6)
SELECT b.brand_id, b.name, c.id, c.platform, c.status, c.reason
  FROM (SELECT workspace_id, brand_id, name
          FROM (SELECT workspace_id, brand_id, name,
                       (SELECT s.brand FROM searched s WHERE s.workspace_id = brands.workspace_id
                           AND s.brand_id = brands.brand_id AND s.connection_id = '') AS words
                  FROM brands
                 WHERE workspace_id = :workspace_id AND brand_id > :after ORDER BY brand_id LIMIT :steps) AS named
         WHERE workspace_id = :workspace_id
           AND words LIKE :word1 ESCAPE '!' AND words LIKE :word2 ESCAPE '!'
           AND words LIKE :word3 ESCAPE '!' AND words LIKE :word4 ESCAPE '!'
           AND words LIKE :word5 ESCAPE '!' AND words LIKE :word6 ESCAPE '!'
         ORDER BY brand_id LIMIT :most) AS b
  LEFT JOIN connections c
         ON c.workspace_id = b.workspace_id AND c.brand_id = b.brand_id AND c.status <> 'disconnected'
 ORDER BY b.brand_id, c.platform;

-- name: dashboard_events(workspace_id, at, id, most)
SELECT e.*, b.name AS brand_name, k.name AS key_name
  FROM events e
  LEFT JOIN brands b ON b.workspace_id = e.workspace_id AND b.brand_id = e.brand_id
  LEFT JOIN api_keys k ON k.id = e.actor
 WHERE e.workspace_id = :workspace_id AND (e.at, e.id) < (:at, :id)
 ORDER BY e.at DESC, e.id DESC LIMIT :most;

-- name: dashboard_connection_events(connection_id, at, id, most)
SELECT e.*, k.name AS key_name
  FROM events e LEFT JOIN api_keys k ON k.id = e.actor
 WHERE e.connection_id = :connection_id AND (e.at, e.id) < (:at, :id)
 ORDER BY e.at DESC, e.id DESC LIMIT :most;

-- name: dashboard_status_changes(connection_id, most)
-- Changes of status, newest first.
SELECT at, data FROM events
 WHERE connection_id = :connection_id AND type IN (
       'connection.status', 'connection.needs_reconnect', 'connection.recovered', 'connection.unverified',
       'connection.disconnected')
 ORDER BY at DESC, id DESC LIMIT :most;

-- name: dashboard_keys(workspace_id)
SELECT id, kind, hint, name, scopes, origins, bounds, created_at, expires_at, revoked_at, used_at FROM api_keys
 WHERE workspace_id = :workspace_id
 ORDER BY (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END), created_at DESC, id LIMIT 200;

-- name: dashboard_uses(connection_id, low, high, most)
-- Token reads and proxied calls, by key and day.
SELECT r.type, r.key_id AS actor, k.name AS key_name, r.count, r.last_at, c.brand_id, c.platform
  FROM (SELECT 'token.read' AS type, t.* FROM token_reads t WHERE t.connection_id = :connection_id
        UNION ALL SELECT 'proxy.call', p.* FROM proxied_calls p WHERE p.connection_id = :connection_id) r
  JOIN connections c ON c.id = r.connection_id
  LEFT JOIN api_keys k ON k.id = r.key_id
 WHERE r.last_at >= :low AND r.last_at < :high
 ORDER BY r.last_at DESC, r.key_id LIMIT :most;
