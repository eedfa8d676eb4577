"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# connect_sessions.sql
connect_session_add: Run
connect_session_by_token: One
connect_session_by_id: One
connect_session_use: One
connect_session_opened: Run
connect_session_end: One
connect_sessions_end: All
connect_sessions_of_brand_end: Run

# flows.sql
flow_add: Run
flow_nonce_free: Run
flow_by_id: One
flow_by_nonce: One
flow_claim: One
flow_by_state: One
flow_step: One
flow_fail: Run
flows_forget: Run
flows_by_code: All
flows_destroy: Run
flows_of_brand_destroy: Run

declared(__name__)
