"""The database: named queries over SQLite or PostgreSQL."""
