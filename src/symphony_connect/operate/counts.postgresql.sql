-- name: counts_tidy()!
-- Add up the rows that have the same key. Another process that does so at the same time finds them deleted.
WITH gone AS (
    DELETE FROM connection_counts
     WHERE (workspace_id, status, ends_day, ends_why, expires_day) IN (
               SELECT workspace_id, status, ends_day, ends_why, expires_day FROM connection_counts
                GROUP BY 1, 2, 3, 4, 5 HAVING COUNT(*) > 1 OR SUM(count) = 0)
    RETURNING *)
INSERT INTO connection_counts
SELECT workspace_id, status, ends_day, ends_why, expires_day, SUM(count) FROM gone
 GROUP BY 1, 2, 3, 4, 5 HAVING SUM(count) <> 0;
