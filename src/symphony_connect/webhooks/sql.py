"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# claims.sqlite.sql, claims.postgresql.sql
deliveries_claim: All

# deliveries.sql
endpoints_due: All
delivery_done: One
deliveries_give_up: Run
deliveries_page: All
delivery: One
delivery_replay: One
deliveries_replay: All
delivery_add: Run
deliveries_delete: Run

# endpoints.sql
endpoint_add: Run
endpoint: One
endpoints: All
endpoint_change: One
endpoint_disable: One
endpoint_delete: Run
secret_add: Run
secrets_good: All
secrets_retire: Run
secrets_delete: Run
secrets_forget: Run

declared(__name__)
