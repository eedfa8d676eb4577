-- name: journal_open(connection_id, fence, at)!
INSERT INTO rotations (connection_id, fence, started_at) VALUES (:connection_id, :fence, :at)
ON CONFLICT (connection_id) DO UPDATE SET fence = excluded.fence, started_at = excluded.started_at;

-- name: journal_note(connection_id)^
SELECT fence, started_at FROM rotations WHERE connection_id = :connection_id;

-- name: journal_close(connection_id)!
DELETE FROM rotations WHERE connection_id = :connection_id;
