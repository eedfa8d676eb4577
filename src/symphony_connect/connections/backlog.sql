-- name: overdue(platform, before, most)^
SELECT COUNT(*) AS count, MIN(due_at) AS oldest
  FROM (SELECT due_at FROM connections WHERE platform = :platform AND due_at < :before ORDER BY due_at LIMIT :most) AS late;

-- name: tended(platform)^
SELECT COUNT(*) AS count FROM connections WHERE platform = :platform AND due_at IS NOT NULL;
