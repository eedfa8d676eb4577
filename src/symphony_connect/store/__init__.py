"""Where everything rests: named queries over SQLite or PostgreSQL."""
