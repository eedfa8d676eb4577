"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# backlog.sql
overdue: One
tended: One

# asset_lists.sql
assets: One
assets_listed: Run
assets_selected: Run
assets_due: Run
assets_forget: Run

# app_trouble.sql
app_trouble: One
app_troubles: All
app_refused: Run
app_ask: One
app_accepted: Run
losses_hold: Run
people_lost: One
lost_due: Run

# brand.sql
brand: One
brands_page: All
brands_having: All
brands_named: All
brand_put: Run
brand_delete: Run
connections_of_brands: All

# connection.sql
connection: One
connection_by_id: One
connection_add: Run
connection_ad_accounts: Run
connection_selected: Run
connection_adopted: Run
adopted_from: One

# disconnect.sql
grant_to_revoke: Run
revocations_left: One
revocations_claim: All
revocation_later: Run

# events.sql
event_add: Run
last_event: One
deliveries_queue: Run
workspaces_on: All
events_of_connection: All
events_of_workspace: All
events_of_type: All
events_of_brand: All
last_report: One

# grant.sql
grant_sealed: One
grant_put: Run
grant_delete: Run
grants_delete: Run

# handed_over.sql
handed_over_put: Run
handed_over_use: One
handed_over_forget: Run
handed_over_of_brand_destroy: Run
handed_over_destroy: Run
handed_over_delete: Run

# heartbeat.sql
beat: One
leased: One
database_time: One
clocks: All
beats_forget: Run
newest_beat: One
outage_add: Run

# notices.sql
connections_of_person: All
strays_of_person_delete: Run
handed_over_of_person_delete: Run
person_erase: Run
person_erase_events: Run
person_erase_deliveries: Run
deletion_add: Run
deletion_of_request: One
deletion: One
deletion_done: Run
deletions_forget: Run

# journal.sql
journal_open: Run
journal_note: One
journal_close: Run

# lease.sql
lease_take: One
lease_begin: One
lease_held: One
lease_break: One

# pacing.sql
due_now: One
pace: One
pace_spend: Run
pace_pause: Run
claim_pressing: All
claim_due: All

# read_token.sql
token_read: One
fresh_token: One

# siblings.sql
siblings: All
siblings_due: Run
siblings_revived: Run
siblings_lock: All

# status.sql
connection_status: One
connection_granted: Run
connection_announced: Run
connection_due: Run
connection_due_by: Run
connection_renew_after: Run

# strays.sql
stray_add: Run
stray_of_flow: One
stray_known: Run
stray_used: Run
strays_of_brand: All
strays_hasten: Run
stray_person_busy: One
strays_left: One
untold: One
strays_claim: All
stray_later: Run
stray_delete: Run

declared(__name__)
