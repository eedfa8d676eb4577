-- name: assets(connection_id)^
SELECT listed, listed_at, place, selected FROM assets WHERE connection_id = :connection_id;

-- name: assets_listed(connection_id, listed, place, at)!
INSERT INTO assets (connection_id, listed, place, listed_at) VALUES (:connection_id, :listed, :place, :at)
ON CONFLICT (connection_id) DO UPDATE
   SET listed = excluded.listed, place = excluded.place, listed_at = excluded.listed_at;

-- name: assets_selected(connection_id, selected)!
-- Nothing for a connection that was just ended: its row is gone for good.
INSERT INTO assets (connection_id, selected)
SELECT id, :selected FROM connections WHERE id = :connection_id AND status <> 'disconnected'
ON CONFLICT (connection_id) DO UPDATE SET selected = excluded.selected;

-- name: assets_due(connection_id)!
UPDATE assets SET listed_at = NULL WHERE connection_id = :connection_id;

-- name: assets_forget(connection_id)!
DELETE FROM assets WHERE connection_id = :connection_id;
