"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# keyset.sql
keyset: One
keyset_add: Run
keyset_replace: Run
keyset_shared: One
keyset_locked: One

# rekey.sql
sealed_by_key: All
sealed_grants: All
sealed_flows: All
sealed_handed_over: All
sealed_replays: All
sealed_strays: All
sealed_webhook_secrets: All
sealed_audit_keys: All
reseal_grants: One
reseal_flows: One
reseal_handed_over: One
reseal_replays: One
reseal_strays: One
reseal_webhook_secrets: One
reseal_audit_keys: One

declared(__name__)
