-- name: migrations_done()
SELECT name FROM migrations;

-- name: migration_record(name)!
INSERT INTO migrations (name) VALUES (:name);
