"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, declared

# metrics.sql
connections_counted: All
backlog: All
pauses: All
newest_heartbeat: One
next_key_end: One

# panic_revoke.sql
connections_holding_tokens: All

# restored.sql
connections_to_confirm: All

declared(__name__)
