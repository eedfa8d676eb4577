-- name: dashboard_sorted(workspace_id, steps, first_urgency, last_urgency, late, sort, platform, lane, why, low, high, until, most, shown, word1, word2, word3, word4, word5, word6)
-- The most urgent connections (of the lane `overdue`: what was due first), up to `steps`, narrowed, in the order asked
-- for. `total` counts all that fit, `walked` those that were looked at.
WITH walked AS (
    SELECT * FROM (SELECT c.id, c.workspace_id, c.brand_id, c.platform, c.status, c.reason, c.status_at, c.identity_name,
                          c.ad_account_count, c.selected, c.expires_at, c.data_access_expires_at, c.ends_at,
                          c.ends_why, c.renewed_at, c.verified_at, c.due_at, c.attempts, c.urgency, c.next_end
                     FROM connections c
                    WHERE :lane <> 'overdue' AND c.workspace_id = :workspace_id
                      AND c.urgency >= :first_urgency AND c.urgency <= :last_urgency
                    ORDER BY c.urgency, c.next_end, c.id LIMIT :steps) AS urgent
    UNION ALL
    SELECT * FROM (SELECT c.id, c.workspace_id, c.brand_id, c.platform, c.status, c.reason, c.status_at, c.identity_name,
                          c.ad_account_count, c.selected, c.expires_at, c.data_access_expires_at, c.ends_at,
                          c.ends_why, c.renewed_at, c.verified_at, c.due_at, c.attempts, c.urgency, c.next_end
                     FROM connections c
                    WHERE :lane = 'overdue' AND c.workspace_id = :workspace_id AND c.due_at < :late
                    ORDER BY c.due_at LIMIT :steps) AS due)
SELECT c.id, c.brand_id, b.name AS brand_name, c.platform, c.status, c.reason, c.status_at, c.identity_name,
       c.ad_account_count, c.selected, c.expires_at, c.data_access_expires_at, c.ends_at, c.ends_why,
       c.renewed_at, c.verified_at, c.due_at, c.attempts, c.urgency, c.next_end,
       COUNT(*) OVER () AS total, (SELECT COUNT(*) FROM walked) AS walked
  FROM walked c
  LEFT JOIN brands b ON b.workspace_id = c.workspace_id AND b.brand_id = c.brand_id
  LEFT JOIN searched s ON s.workspace_id = c.workspace_id AND s.brand_id = c.brand_id AND s.connection_id = c.id
 WHERE c.urgency >= :first_urgency AND c.urgency <= :last_urgency
   AND (:platform = '' OR c.platform = :platform)
   AND (:word1 = '%'
        OR (s.words LIKE :word1 ESCAPE '!' AND s.words LIKE :word2 ESCAPE '!' AND s.words LIKE :word3 ESCAPE '!'
            AND s.words LIKE :word4 ESCAPE '!' AND s.words LIKE :word5 ESCAPE '!' AND s.words LIKE :word6 ESCAPE '!'))
   AND (:lane = '' OR :lane = 'overdue'
        OR (c.urgency IN (1, 3)
            AND ((:lane = 'person' AND c.next_end >= :low AND c.next_end < :high AND c.ends_why = :why)
                 OR (:lane = 'renews' AND c.next_end >= :until AND c.expires_at < c.next_end
                     AND c.expires_at >= :low AND c.expires_at < :high)
                 OR (:lane = 'never' AND c.ends_at IS NULL AND c.expires_at IS NULL)
                 OR (:lane = 'later' AND c.next_end >= :until AND COALESCE(c.expires_at, c.ends_at) >= :until))))
 ORDER BY CASE WHEN :sort = 'brand' THEN COALESCE(lower(b.name), 'brand ' || CAST(c.brand_id AS TEXT)) END,
          CASE WHEN :sort = '-brand' THEN COALESCE(lower(b.name), 'brand ' || CAST(c.brand_id AS TEXT)) END DESC,
          CASE WHEN :sort = 'platform' THEN c.platform END, CASE WHEN :sort = '-platform' THEN c.platform END DESC,
          CASE WHEN :sort = 'person' THEN COALESCE(lower(c.identity_name), '') END,
          CASE WHEN :sort = '-person' THEN COALESCE(lower(c.identity_name), '') END DESC,
          CASE WHEN :sort = 'expires' THEN c.next_end END, CASE WHEN :sort = '-expires' THEN c.next_end END DESC,
          CASE WHEN :sort = 'renewal' THEN COALESCE(c.due_at, 9223372036854775807) END,
          CASE WHEN :sort = '-renewal' THEN COALESCE(c.due_at, -1) END DESC,
          CASE WHEN :sort = '-status' THEN c.urgency END DESC, CASE WHEN :sort = '-status' THEN c.next_end END DESC,
          CASE WHEN :sort = '' AND :lane = 'overdue' THEN c.due_at END,
          c.urgency, c.next_end, c.id
 LIMIT :most OFFSET :shown;

-- name: dashboard_renewals(workspace_id, since, now, length, slots, most, late, most_late)
-- Two-hour slots (`length` milliseconds), the first from `since`: renewals that went well and that failed until `now`,
-- and what is due from `now` on. Each counted up to `most`; `last_at` is the last renewal of all. Beside them what was due
-- before `late`, counted up to `most_late`, and since when the oldest of it is.
WITH RECURSIVE numbered(slot) AS (
    SELECT CAST(0 AS BIGINT) UNION ALL SELECT slot + 1 FROM numbered WHERE slot + 1 < CAST(:slots AS BIGINT)),
slots AS (
    SELECT slot, CAST(:since AS BIGINT) + slot * CAST(:length AS BIGINT) AS low,
           CAST(:since AS BIGINT) + (slot + 1) * CAST(:length AS BIGINT) AS high FROM numbered)
SELECT slots.slot,
       (SELECT COUNT(*) FROM (SELECT 1 FROM events e WHERE e.workspace_id = :workspace_id
           AND e.type = 'connection.renewed' AND e.at >= slots.low AND e.at < slots.high LIMIT :most) AS renewed) AS ok,
       (SELECT COUNT(*) FROM (SELECT 1 FROM events e WHERE e.workspace_id = :workspace_id
           AND e.type = 'connection.put_off' AND e.at >= slots.low AND e.at < slots.high LIMIT :most) AS put_off) AS failed,
       (SELECT COUNT(*) FROM (SELECT 1 FROM connections c WHERE c.workspace_id = :workspace_id
           AND slots.low >= CAST(:now AS BIGINT)
           AND c.due_at >= slots.low AND c.due_at < slots.high LIMIT :most) AS later) AS due,
       (SELECT MAX(e.at) FROM events e WHERE e.workspace_id = :workspace_id AND e.type = 'connection.renewed') AS last_at,
       late.overdue, late.oldest
  FROM slots CROSS JOIN (
       SELECT COUNT(*) AS overdue, MIN(due_at) AS oldest
         FROM (SELECT due_at FROM connections
                WHERE workspace_id = :workspace_id AND due_at < :late ORDER BY due_at LIMIT :most_late) AS due) AS late
  ORDER BY slots.slot;

-- name: dashboard_events_narrowed(workspace_id, brand_id, type, platform, since, at, id, steps, most)
-- Of one brand, kind or platform (0 or empty: any), newest first, among the next `steps`. One row with nothing but
-- `walked`, how many were looked at, and `oldest`, the time of the last one, where none fits.
WITH walked AS (
    SELECT * FROM (SELECT e.* FROM events e
                    WHERE CAST(:brand_id AS BIGINT) > 0 AND e.workspace_id = :workspace_id
                      AND e.brand_id = CAST(:brand_id AS BIGINT) AND (e.at, e.id) < (:at, :id) AND e.at >= :since
                    ORDER BY e.at DESC, e.id DESC LIMIT :steps) AS of_brand
    UNION ALL
    SELECT * FROM (SELECT e.* FROM events e
                    WHERE CAST(:brand_id AS BIGINT) = 0 AND :type <> '' AND e.workspace_id = :workspace_id
                      AND e.type = :type AND e.at <= :at AND (e.at, e.id) < (:at, :id) AND e.at >= :since
                    ORDER BY e.at DESC, e.id DESC LIMIT :steps) AS of_type
    UNION ALL
    SELECT * FROM (SELECT e.* FROM events e
                    WHERE CAST(:brand_id AS BIGINT) = 0 AND :type = '' AND e.workspace_id = :workspace_id
                      AND (e.at, e.id) < (:at, :id) AND e.at >= :since
                    ORDER BY e.at DESC, e.id DESC LIMIT :steps) AS of_all)
SELECT page.*, seen.walked, seen.oldest
  FROM (SELECT COUNT(*) AS walked, MIN(at) AS oldest FROM walked) AS seen
  LEFT JOIN (SELECT e.*, b.name AS brand_name, k.name AS key_name
               FROM walked e
               LEFT JOIN brands b ON b.workspace_id = e.workspace_id AND b.brand_id = e.brand_id
               LEFT JOIN api_keys k ON k.id = e.actor
              WHERE (:type = '' OR e.type = :type) AND (:platform = '' OR e.platform = :platform)
              ORDER BY e.at DESC, e.id DESC LIMIT :most) AS page ON 1 = 1
 ORDER BY page.at DESC, page.id DESC;

-- name: dashboard_last_link(workspace_id, brand_id, platform)^
-- The newest connect link of a brand that can be used for a platform.
SELECT created_at, opened_at, expires_at, ended_at, used
  FROM connect_sessions
 WHERE workspace_id = :workspace_id AND brand_id = :brand_id AND platforms LIKE '%"' || :platform || '"%'
 ORDER BY created_at DESC LIMIT 1;
