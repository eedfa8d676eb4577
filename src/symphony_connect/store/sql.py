"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, Run, declared

# bulk.sql
columns_of: All

# ended.sql
ended_named: All
ended_forget: Run

# migrate.sql
migrations_done: All
migration_record: Run

# search.sql
search_source: All
search_stored: All
search_put: Run
search_forget: Run
search_brands_all: All
search_connections_all: All

declared(__name__)
