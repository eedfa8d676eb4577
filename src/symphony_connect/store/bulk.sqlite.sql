-- name: columns_of(table)
-- Those that hold something of their own: generated ones are left out.
SELECT name FROM pragma_table_info(:table);
