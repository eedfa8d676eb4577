"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, declared

# panic_revoke.sql
connections_holding_tokens: All

# restored.sql
connections_to_confirm: All

declared(__name__)
