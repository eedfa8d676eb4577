-- name: write_check(at)!
INSERT INTO write_checks (id, at) VALUES (1, :at) ON CONFLICT (id) DO UPDATE SET at = excluded.at;
