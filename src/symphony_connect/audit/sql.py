"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# rows.sql
audit_key: One
audit_key_add: Run
chain_add: Run
chain_ends: Run
chain_begins: One
chains_newest: All
chains: All
chains_old: All
row_add: Run
rows_by_chain: All
rows_of_chain: All
rows_forget: Run

# token_reads.sql
reads_add: Run
reads_forget: Run
key_used: Run

# proxied_calls.sql
calls_add: Run
calls_forget: Run

declared(__name__)
