-- PostgreSQL: `grams` is an array of text.

-- name: dashboard_connections_found(workspace_id, grams, rare, urgency, next_end, id, last_urgency, platform, lane, why, low, high, until, most, word1, word2, word3, word4, word5, word6)
-- As `dashboard_connections`, for words that few are found by: `found` says how many, counted up to `rare`. One row
-- with nothing but that where none is on this page.
WITH found AS MATERIALIZED (
    SELECT s.connection_id
      FROM searched s
     WHERE s.workspace_id = :workspace_id AND s.words IS NOT NULL AND symphony_grams(s.words) @> :grams
       AND s.words LIKE :word1 ESCAPE '!' AND s.words LIKE :word2 ESCAPE '!'
       AND s.words LIKE :word3 ESCAPE '!' AND s.words LIKE :word4 ESCAPE '!'
       AND s.words LIKE :word5 ESCAPE '!' AND s.words LIKE :word6 ESCAPE '!'
     LIMIT :rare)
SELECT (SELECT COUNT(*) FROM found) AS found, page.*
  FROM (SELECT 1 AS always) AS once LEFT JOIN (
SELECT c.id, c.brand_id, b.name AS brand_name, c.platform, c.status, c.reason, c.status_at, c.identity_name,
       c.ad_account_count, c.selected, c.expires_at, c.data_access_expires_at, c.ends_at, c.ends_why,
       c.renewed_at, c.verified_at, c.due_at, c.attempts, c.urgency, c.next_end
  FROM found CROSS JOIN connections c LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
 WHERE c.id = found.connection_id AND c.workspace_id = :workspace_id
   AND (c.urgency, c.next_end, c.id) > (:urgency, :next_end, :id) AND c.urgency <= :last_urgency
   AND (:platform = '' OR c.platform = :platform)
   AND (:lane = ''
        OR (c.urgency IN (1, 3)
            AND ((:lane = 'person' AND c.next_end >= :low AND c.next_end < :high AND c.ends_why = :why)
                 OR (:lane = 'renews' AND c.next_end >= :until AND c.expires_at < c.next_end
                     AND c.expires_at >= :low AND c.expires_at < :high)
                 OR (:lane = 'never' AND c.ends_at IS NULL AND c.expires_at IS NULL)
                 OR (:lane = 'later' AND c.next_end >= :until AND COALESCE(c.expires_at, c.ends_at) >= :until))))
 ORDER BY c.urgency, c.next_end, c.id LIMIT :most) AS page ON always = 1
 ORDER BY page.urgency, page.next_end, page.id;

-- name: dashboard_brands_found(workspace_id, grams, rare, after, most, word1, word2, word3, word4, word5, word6)
WITH found AS MATERIALIZED (
    SELECT s.brand_id
      FROM searched s
     WHERE s.workspace_id = :workspace_id AND s.brand IS NOT NULL AND symphony_grams(s.brand) @> :grams
       AND s.brand LIKE :word1 ESCAPE '!' AND s.brand LIKE :word2 ESCAPE '!'
       AND s.brand LIKE :word3 ESCAPE '!' AND s.brand LIKE :word4 ESCAPE '!'
       AND s.brand LIKE :word5 ESCAPE '!' AND s.brand LIKE :word6 ESCAPE '!'
     LIMIT :rare)
SELECT (SELECT COUNT(*) FROM found) AS found, b.brand_id, b.name, c.id, c.platform, c.status, c.reason
  FROM (SELECT 1 AS always) AS once LEFT JOIN (
       SELECT b.workspace_id, b.brand_id, b.name FROM found CROSS JOIN brands b
         WHERE b.workspace_id = :workspace_id AND b.brand_id = found.brand_id AND b.brand_id > :after
         ORDER BY b.brand_id LIMIT :most) AS b ON always = 1
  LEFT JOIN connections c
         ON c.workspace_id = b.workspace_id AND c.brand_id = b.brand_id AND c.status <> 'disconnected'
 ORDER BY b.brand_id, c.platform;
