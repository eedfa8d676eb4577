-- name: outages_since(since, most)
SELECT began_at, ended_at FROM outages WHERE ended_at > :since ORDER BY began_at DESC LIMIT :most;

-- name: dashboard_forecast(workspace_id, today, week, until)
-- Every active connection once, where it next needs somebody or something; a few dozen rows at any size.
SELECT status, lane, why, slot, COUNT(*) AS count
  FROM (SELECT status, lane, CASE WHEN lane = 'person' THEN ends_why ELSE '' END AS why,
               CASE WHEN lane NOT IN ('person', 'renews') OR moment < :today THEN 0
                    ELSE (moment - :today) / :week END AS slot
          FROM (SELECT status, ends_why,
                       CASE WHEN status = 'needs_reconnect' THEN 'ended'
                            WHEN status = 'unverified' THEN 'unverified'
                            WHEN ends_at < :until THEN 'person'
                            WHEN expires_at < :until AND (ends_at IS NULL OR expires_at < ends_at) THEN 'renews'
                            WHEN ends_at IS NULL AND expires_at IS NULL THEN 'never'
                            ELSE 'later' END AS lane,
                       CASE WHEN ends_at < :until THEN ends_at ELSE expires_at END AS moment
                  FROM connections
                 WHERE workspace_id = :workspace_id AND status <> 'disconnected') AS placed) AS slotted
 GROUP BY status, lane, why, slot;

-- name: dashboard_first(workspace_id, urgency, last_end)^
-- The first of an urgency: what broke or breaks first.
SELECT c.id, c.brand_id, b.name AS brand_name, c.platform, c.status, c.reason, c.status_at, c.ends_at
  FROM connections c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.workspace_id = :workspace_id AND c.urgency = :urgency AND c.next_end <= :last_end
 ORDER BY c.next_end, c.id LIMIT 1;

-- name: dashboard_put_off(workspace_id)
-- Platforms that did not answer when last asked, with what waits for them.
SELECT platform, COUNT(*) AS count, MIN(due_at) AS retry_at
  FROM connections
 WHERE workspace_id = :workspace_id AND (attempts > 0 OR reason = 'platform_unreachable') AND status <> 'disconnected'
 GROUP BY platform;

-- name: dashboard_renewals(workspace_id, since)
SELECT type, COUNT(*) AS count, MAX(at) AS last_at
  FROM events
 WHERE workspace_id = :workspace_id AND type IN ('connection.renewed', 'connection.put_off') AND at >= :since
 GROUP BY type;

-- name: dashboard_newest_event(workspace_id)^
SELECT id FROM events WHERE workspace_id = :workspace_id ORDER BY at DESC, id DESC LIMIT 1;

-- name: dashboard_connections(workspace_id, urgency, next_end, id, last_urgency, platform, plain, words, words2, words3, lane, why, low, high, until, most)
-- From behind a cursor, most urgent first. A lane is one of the forecast's. Up to three words are looked for in
-- names and ids, in any order; `plain` where LIKE itself takes no account of case, which is much faster than LOWER.
SELECT c.id, c.brand_id, c.brand_name, c.platform, c.status, c.reason, c.status_at, c.identity_name,
       c.ad_account_count, c.selected, c.expires_at, c.data_access_expires_at, c.ends_at, c.ends_why,
       c.renewed_at, c.verified_at, c.due_at, c.attempts, c.urgency, c.next_end
  FROM (SELECT k.*, b.name AS brand_name,
               k.brand_id || ' ' || COALESCE(b.name, '') || ' ' || COALESCE(k.identity_name, '') || ' '
                          || COALESCE(k.ad_account_words, '') AS text
          FROM connections k LEFT JOIN brands b ON b.workspace_id = k.workspace_id AND b.brand_id = k.brand_id) AS c
 WHERE c.workspace_id = :workspace_id
   AND (c.urgency, c.next_end, c.id) > (:urgency, :next_end, :id) AND c.urgency <= :last_urgency
   AND (:platform = '' OR c.platform = :platform)
   AND (:words = '' OR CASE WHEN :plain = 1 THEN c.text ELSE LOWER(c.text) END LIKE LOWER(:words) ESCAPE '!')
   AND (:words2 = '' OR CASE WHEN :plain = 1 THEN c.text ELSE LOWER(c.text) END LIKE LOWER(:words2) ESCAPE '!')
   AND (:words3 = '' OR CASE WHEN :plain = 1 THEN c.text ELSE LOWER(c.text) END LIKE LOWER(:words3) ESCAPE '!')
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

-- name: dashboard_brands(workspace_id, after, plain, words, words2, words3, most)
-- A page of brands with their active connections; a brand without one has a single row.
SELECT b.brand_id, b.name, c.id, c.platform, c.status, c.reason
  FROM (SELECT workspace_id, brand_id, name
          FROM (SELECT workspace_id, brand_id, name, brand_id || ' ' || COALESCE(name, '') AS text FROM brands) AS named
         WHERE workspace_id = :workspace_id AND brand_id > :after
           AND (:words = '' OR CASE WHEN :plain = 1 THEN text ELSE LOWER(text) END LIKE LOWER(:words) ESCAPE '!')
           AND (:words2 = '' OR CASE WHEN :plain = 1 THEN text ELSE LOWER(text) END LIKE LOWER(:words2) ESCAPE '!')
           AND (:words3 = '' OR CASE WHEN :plain = 1 THEN text ELSE LOWER(text) END LIKE LOWER(:words3) ESCAPE '!')
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
 WHERE connection_id = :connection_id AND type = 'connection.status'
 ORDER BY at DESC, id DESC LIMIT :most;

-- name: dashboard_keys(workspace_id)
SELECT id, kind, hint, name, scopes, origins, created_at, expires_at, revoked_at FROM api_keys
 WHERE workspace_id = :workspace_id
 ORDER BY (CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END), created_at DESC, id LIMIT 200;

-- name: dashboard_reads(connection_id, low, high, most)
SELECT r.key_id AS actor, k.name AS key_name, r.count, r.last_at, c.brand_id, c.platform
  FROM token_reads r
  JOIN connections c ON c.id = r.connection_id
  LEFT JOIN api_keys k ON k.id = r.key_id
 WHERE r.connection_id = :connection_id AND r.last_at >= :low AND r.last_at < :high
 ORDER BY r.last_at DESC, r.key_id LIMIT :most;
