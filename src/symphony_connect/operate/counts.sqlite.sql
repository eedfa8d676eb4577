-- name: counts_tidy()!
DELETE FROM connection_counts WHERE count = 0;
