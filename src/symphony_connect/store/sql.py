"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, Run, declared

# bulk.sql
columns_of: All

# migrate.sql
migrations_done: All
migration_record: Run

declared(__name__)
