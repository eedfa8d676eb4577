"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# panic_revoke.sql
connections_holding_tokens: All

# restored.sql
connections_to_confirm: All
connections_to_confirm_count: One
restore_unfinished: One
restore_begin: Run
restore_advance: Run
restore_end: Run

declared(__name__)
