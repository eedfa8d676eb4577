-- What a key is narrowed to: brands, platforms, ad accounts, reading. Empty for a key of the whole workspace.
ALTER TABLE api_keys ADD COLUMN bounds TEXT NOT NULL DEFAULT '{}';
