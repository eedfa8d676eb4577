-- name: columns_of(table)
-- Those that hold something of their own: generated ones are left out.
SELECT column_name AS name FROM information_schema.columns
 WHERE table_schema = current_schema() AND table_name = :table AND is_generated = 'NEVER'
 ORDER BY ordinal_position;
