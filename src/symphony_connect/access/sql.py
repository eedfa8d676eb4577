"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, Run, declared

# dashboard_access.sql
dashboard_link_add: Run
dashboard_link: One
dashboard_link_spend: One
dashboard_links_forget: Run
dashboard_session_add: Run
dashboard_session: One
dashboard_session_end: Run
dashboard_sessions_forget: Run
dashboard_sessions_destroy: Run
dashboard_links_destroy: Run

# keyring.sql
workspace_by_name: One
workspaces: All
workspaces_counted: All
workspace_holds: One
workspace_add: Run
key_add: Run
key_by_hash: One
keys_list: All
keys_of_workspace: All
key_of_workspace: One
key_revoke: One
keys_with_origins: All
key_revoke_in: One
keys_living: One

# replays.sql
replay_claim: One
replay: One
replay_keep: Run
replay_drop: Run
replays_forget: Run

declared(__name__)
