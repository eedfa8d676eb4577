-- name: brand(workspace_id, brand_id)^
SELECT brand_id, name FROM brands WHERE workspace_id = :workspace_id AND brand_id = :brand_id;

-- name: brands_page(workspace_id, after, most)
SELECT brand_id, name FROM brands
 WHERE workspace_id = :workspace_id AND brand_id > :after
 ORDER BY brand_id LIMIT :most;

-- name: brands_having(workspace_id, after, most, status, platforms)
-- Brands with a connection of this status on one of these platforms (`,meta,tiktok,`); an empty text stands for any.
SELECT brand_id, name FROM brands
 WHERE workspace_id = :workspace_id AND brand_id > :after
   AND EXISTS (SELECT 1 FROM connections
                WHERE connections.workspace_id = brands.workspace_id AND connections.brand_id = brands.brand_id
                  AND connections.status <> 'disconnected'
                  AND (:status = '' OR connections.status = :status)
                  AND (:platforms = '' OR :platforms LIKE '%,' || connections.platform || ',%'))
 ORDER BY brand_id LIMIT :most;

-- name: brand_put(workspace_id, brand_id, name, at)!
-- A name that is not given leaves the one there is.
INSERT INTO brands (workspace_id, brand_id, name, created_at, updated_at)
VALUES (:workspace_id, :brand_id, :name, :at, :at)
ON CONFLICT (workspace_id, brand_id)
DO UPDATE SET name = COALESCE(excluded.name, brands.name), updated_at = excluded.updated_at;

-- name: brand_delete(workspace_id, brand_id)!
DELETE FROM brands WHERE workspace_id = :workspace_id AND brand_id = :brand_id;

-- name: connections_of_brands(workspace_id, first, last)
-- The active connections of a run of brands.
SELECT * FROM connections
 WHERE workspace_id = :workspace_id AND brand_id BETWEEN :first AND :last AND status <> 'disconnected'
 ORDER BY brand_id, platform;
