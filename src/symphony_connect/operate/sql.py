"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# metrics.sql
connections_counted: All
backlog: All
pauses: All
newest_heartbeat: One
next_key_end: One
deliveries_counted: All
chains_alive: All

# panic_revoke.sql
connections_holding_tokens: All

# ready.sql
write_check: Run

# restored.sql
connections_to_confirm: All
connections_to_confirm_count: One
restore_unfinished: One
restore_begin: Run
restore_advance: Run
restore_end: Run

# sweep.sql
sweep_events: All
sweep_connect_sessions: All
sweep_flows: All
sweep_handed_over: All
sweep_replays: All
sweep_dashboard_sessions: All
sweep_dashboard_links: All
sweep_outages: All
sweep_delivered: All
sweep_undelivered: All
sweep_webhook_secrets: All

# counts.sqlite.sql, counts.postgresql.sql
counts_tidy: Run

declared(__name__)
