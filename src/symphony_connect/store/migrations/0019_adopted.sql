-- SHA-256 of the token that `brands adopt` made this connection from: the same file can be read again.
ALTER TABLE connections ADD COLUMN adopted_from TEXT;
