"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import Run, declared

# token_reads.sql
reads_add: Run
reads_forget: Run
key_used: Run

declared(__name__)
