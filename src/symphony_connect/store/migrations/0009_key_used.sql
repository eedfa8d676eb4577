-- When an API key was last used, to within an hour: NULL for one that was not used since this column exists.
ALTER TABLE api_keys ADD COLUMN used_at BIGINT;
